"""The report: figures as plain values (so that two reports can be compared), and what of them is below its floor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

from nlu.evaluate import combined, judging, measures
from nlu.evaluate.judging import Judged
from nlu.evaluate.measures import Share

Report = dict[str, Any]
"""Set → part → language or name → figure. Shares are 0..1; with each stands how many sentences it was measured on."""

FLOORS = Path(__file__).with_name("floors.yml")


def of_set(
    judged: Judged,
    kept: Mapping[str, Mapping[str, Share]] | None = None,
    both: Mapping[str, Share] | None = None,
) -> Report:
    """Every figure of one set; `kept` of its variations, `both` of its sentences joined two by two."""
    seconds = [h.seconds for _, h in judged.messages] + [h.seconds for _, h in judged.examples]
    told, intents = judging.language_of(judged), judging.intents(judged)
    return {
        "languages": {name: _of_language(judged, name, told.get(name)) for name in judged.languages},
        "all": {
            **_figures_of(judged, None),
            "language": {"value": mean(s.value for s in told.values()) if told else 0.0, "of": len(told)},
            "intent macro F1": {"value": measures.macro_f1(intents), "of": len(judged.examples)},
            "calibration error": {"value": judging.calibration(judged), "of": len(judged.examples)},
        },
        "two wishes heard": {name: _share(share) for name, share in (both or {}).items()},
        "triggers": {name: _share(share) for name, share in judging.by_trigger(judged).items()},
        "language by words": {str(n): _share(share) for n, share in judging.language_by_length(judged).items()},
        "romanised": {n: _share(share) for n, share in judging.language_of(judged, romanised=True).items()},
        "intents": {
            s.name: {"precision": s.precision, "recall": s.recall, "value": s.f1, "of": s.support} for s in intents
        },
        "confusions": [list(pair) for pair in judging.confusions(judged)],
        "entities": {
            kind: {"recall": _share(recall), "precision": _share(exact)}
            for kind, (recall, exact) in judging.entities(judged).items()
        },
        "variations": {
            language: {kind: _share(share) for kind, share in kinds.items()} for language, kinds in (kept or {}).items()
        },
        "milliseconds": {
            "median": 1000 * measures.percentile(seconds, 0.5),
            "p95": 1000 * measures.percentile(seconds, 0.95),
        },
    }


def _of_language(judged: Judged, language: str, told: Share | None) -> Report:
    found = {**_figures_of(judged, language), "language": _share(told or Share(hits=0, of=0))}
    return {name: figure for name, figure in found.items() if figure["of"]}


def _figures_of(judged: Judged, language: str | None) -> Report:
    """What is counted alike for one language and for all (None)."""
    answered, right = judging.believed(judged, language)
    scores = judging.intents(judged, language)
    return {
        "critical recall": _share(judging.recall(judged, language)),
        "high recall": _share(judging.high_recall(judged, language)),
        "false criticals": _share(judging.false_alarms(judged, language)),
        "ordinary alarms": _share(judging.ordinary_alarms(judged, language)),
        "intent F1": {"value": measures.weighted_f1(scores), "of": sum(s.support for s in scores)},
        "one taken for two": _share(combined.one_taken_for_two(judged, language)),
        "answered": _share(answered),
        "right of answered": _share(right),
    }


def _share(share: Share) -> Report:
    return {"value": share.value, "of": share.of, "low": share.low, "high": share.high}


def below(report: Mapping[str, Report], what: str = "floors", path: Path = FLOORS) -> list[str]:
    """A sentence for every figure that is below its floor, or (`what`) its goal; empty where all hold."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: list[str] = []
    for name, rules in read[what].items():
        if name not in report:
            continue
        measured = report[name]
        for language, figures in measured["languages"].items():
            group = "spoken" if language.split()[0] in read["spoken"] else "others"
            found += _below(f"{name}, {language}", figures, rules.get(group, {}))
        found += _below(f"{name}, all", measured["all"], rules.get("all", {}))
    return found


_SMALLER_IS_BETTER = frozenset({"one taken for two", "false criticals", "ordinary alarms", "calibration error"})


def _below(where: str, figures: Mapping[str, Any], floors: Mapping[str, float]) -> Iterator[str]:
    for what, floor in floors.items():
        figure = figures.get(what)
        if not figure or not figure["of"]:
            continue
        worse = figure["value"] > floor if what in _SMALLER_IS_BETTER else figure["value"] < floor
        if worse:
            yield f"{where}: {what} is {figure['value']:.3f} of {figure['of']}, not {floor}"


def changes(before: Mapping[str, Report], now: Mapping[str, Report], least: float = 0.005) -> Iterable[str]:
    """What moved since the last report, by half a point or more."""
    old, new = dict(_figures(before)), dict(_figures(now))
    for name in sorted(old.keys() & new.keys()):
        if abs(new[name] - old[name]) >= least:
            yield f"{name}: {old[name]:.3f} → {new[name]:.3f}"


def _figures(report: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, float]]:
    for key, value in report.items():
        if key in {"milliseconds", "confusions"} or not isinstance(value, dict):
            continue
        if "value" in value and "of" in value:
            yield f"{name}{key}", float(value["value"])
        else:
            yield from _figures(value, f"{name}{key}, ")

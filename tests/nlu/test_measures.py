"""The figures of a report."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.values import Finding, Understanding
from nlu.evaluate import judging, measures, report, variations
from nlu.evaluate.judging import Heard, Judged
from nlu.evaluate.measures import Share
from nlu.labelled import Labelled, labelled


def test_a_small_count_says_little() -> None:
    """30 of 30 is no proof of 0.97: the lower bound says so (Wilson, 95 %)."""
    assert Share(hits=30, of=30).low == pytest.approx(0.8865, abs=0.001)
    assert Share(hits=0, of=0).low == 0.0
    assert Share(hits=0, of=0).high == 1.0


def test_f1_by_hand() -> None:
    scores = measures.by_class([("a", "a"), ("a", "b"), ("b", "b"), ("c", None)])
    assert [(s.name, round(s.f1, 3), s.support) for s in scores] == [("a", 0.667, 2), ("b", 0.667, 1), ("c", 0.0, 1)]
    assert measures.weighted_f1(scores) == pytest.approx(0.5)
    assert measures.macro_f1(scores) == pytest.approx(0.444, abs=0.001)


def test_calibration_is_the_gap_between_confidence_and_truth() -> None:
    assert measures.calibration_error([(0.95, True)] * 19 + [(0.95, False)]) == pytest.approx(0.0)
    assert measures.calibration_error([(0.95, False)] * 10) == pytest.approx(0.95)


def test_a_line_that_is_no_labelled_message_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "messages.tsv"
    path.write_text("# a comment\n\nC1+H2\tthey hit me\nhard\tmy battery is dying\n", encoding="utf-8")
    assert [(m.labels, m.kind) for m in labelled(path, "en")] == [
        (("C1", "H2"), "critical"),
        (("hard",), "hard"),
    ]
    path.write_text("C1\tok\nX9\tnot a label\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        labelled(path, "en")


def _heard(*triggers: str) -> Heard:
    said = Understanding(
        language="en",
        language_confidence=1.0,
        script="Latin",
        intent=None,
        confidence=0.0,
        findings=tuple(Finding(trigger=t, voice="phrase") for t in triggers),
    )
    return Heard(said=said, triggers=frozenset(triggers), seconds=0.001)


def _judged() -> Judged:
    labelled = [("C1", ["C1"]), ("C2", ["H1"]), ("hard", ["C4"]), ("hard", []), ("plain", []), ("H1", ["H1"])]
    return Judged(
        name="held_out",
        messages=[
            (Labelled(language="en", labels=(label,), text=f"message {n}"), _heard(*found))
            for n, (label, found) in enumerate(labelled)
        ],
    )


def test_recall_and_false_alarms_are_counted_apart() -> None:
    judged = _judged()
    assert (judging.recall(judged).hits, judging.recall(judged).of) == (1, 2)
    assert (judging.false_alarms(judged).hits, judging.false_alarms(judged).of) == (1, 2)
    assert judging.ordinary_alarms(judged).hits == 0
    assert judging.high_recall(judged).hits == 1


def test_what_is_below_its_floor_is_said_and_what_moved_too() -> None:
    found = {"held_out": report.of_set(_judged())}
    below = report.below(found)
    assert any("en: critical recall is 0.500 of 2" in line for line in below)
    assert any("en: false criticals is 0.500 of 2" in line for line in below)

    moved = list(report.changes(found, {"held_out": {"all": {"critical recall": {"value": 1.0, "of": 2}}}}))
    assert moved == ["held_out, all, critical recall: 0.500 → 1.000"]


@pytest.mark.parametrize(
    ("text", "language", "kinds"),
    [
        (
            "they will kill my friend",
            "en",
            {"typing error", "split over two messages", "third person", "not yet", "mixed"},
        ),
        (
            "họ đánh em",
            "vi",
            {"typing error", "marks dropped", "split over two messages", "third person", "not yet", "mixed"},
        ),
        ("他们打我", "zh-Hans", {"typing error", "romanised", "third person", "not yet", "mixed"}),
        ("ok", "xx", set()),
    ],
)
def test_every_variation_that_a_text_has(text: str, language: str, kinds: set[str]) -> None:
    made = dict(variations.of(text, language))
    assert made.keys() == kinds
    assert all(parts and all(parts) and parts != (text,) for parts in made.values())


def test_a_slip_is_always_the_same_slip() -> None:
    assert variations.typing_error("they will beat us") == variations.typing_error("they will beat us")

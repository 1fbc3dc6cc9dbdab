"""The report for a reader: tables and bars in the terminal, and the same as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.bar import Bar
from rich.console import Console
from rich.table import Table
from rich.text import Text

_COLUMNS = (
    "critical recall",
    "high recall",
    "false criticals",
    "ordinary alarms",
    "language",
    "intent F1",
    "one taken for two",
    "answered",
    "right of answered",
)


def show(report: Mapping[str, Any], console: Console) -> None:
    """Print every set of a report."""
    for name, measured in report.items():
        console.print(_languages(name, measured))
        console.print(_bars(name, measured))
        for part, title in (
            ("two wishes heard", "two wishes in one message, both heard"),
            ("triggers", "critical recall by trigger"),
            ("language by words", "language by number of words"),
            ("romanised", "language of romanised messages"),
        ):
            if measured[part]:
                console.print(_list(f"{name}: {title}", measured[part]))
        if measured["variations"]:
            console.print(_variations(name, measured["variations"]))
        if measured["entities"]:
            console.print(_entities(name, measured["entities"]))
        if measured["intents"]:
            console.print(_weakest(name, measured["intents"], measured["confusions"]))
        time, total = measured["milliseconds"], measured["all"]
        console.print(
            f"{name}: calibration error {total['calibration error']['value']:.3f} · "
            f"median {time['median']:.1f} ms, p95 {time['p95']:.1f} ms a message\n"
        )


def _figure(figure: Mapping[str, Any] | None) -> str:
    if not figure or not figure.get("of"):
        return ""
    text = f"{100 * figure['value']:.1f}"
    return f"{text} ({figure['of']})" if "low" not in figure else f"{text} ≥{100 * figure['low']:.0f} ({figure['of']})"


def _languages(name: str, measured: Mapping[str, Any]) -> Table:
    table = Table(title=f"{name}: % (≥ lower 95 % bound) (sentences)", title_justify="left")
    table.add_column("")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for language, figures in (*measured["languages"].items(), ("all", measured["all"])):
        table.add_row(language, *(_figure(figures.get(column)) for column in _COLUMNS))
    return table


def _bars(name: str, measured: Mapping[str, Any]) -> Table:
    table = Table(title=f"{name}: critical recall and false criticals", title_justify="left", box=None)
    for language, figures in measured["languages"].items():
        for what, colour in (("critical recall", "green"), ("false criticals", "red")):
            if what in figures:
                value = figures[what]["value"]
                bar = Bar(size=1.0, begin=0.0, end=value, width=50, color=colour)
                table.add_row(language if colour == "green" else "", what, bar, Text(f"{value:.1%}"))
    return table


def _list(title: str, figures: Mapping[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    for start in range(0, len(figures), 5):
        row = list(figures.items())[start : start + 5]
        table.add_row(*(f"{key}: {_figure(figure)}" for key, figure in row))
    return table


def _variations(name: str, variations: Mapping[str, Any]) -> Table:
    kinds = sorted({kind for found in variations.values() for kind in found})
    table = Table("", *kinds, title=f"{name}: level kept, % (messages)", title_justify="left")
    for language, found in variations.items():
        cells = (found.get(kind) for kind in kinds)
        table.add_row(language, *(f"{100 * c['value']:.0f} ({c['of']})" if c else "" for c in cells))
    return table


def _entities(name: str, entities: Mapping[str, Any]) -> Table:
    table = Table("entity", "recall", "precision", title=f"{name}: entities", title_justify="left")
    for kind, figures in entities.items():
        table.add_row(kind, _figure(figures["recall"]), _figure(figures["precision"]))
    return table


def _weakest(name: str, intents: Mapping[str, Any], confusions: list[list[Any]]) -> Table:
    table = Table(
        "intent", "precision", "recall", "F1", "of", title=f"{name}: weakest intents; mixed up", title_justify="left"
    )
    table.add_column("mixed up")
    worst = sorted(intents.items(), key=lambda pair: pair[1]["value"])[:12]
    for number, (intent, figures) in enumerate(worst):
        true, said, times = confusions[number] if number < len(confusions) else ("", "", "")
        numbers = (f"{100 * figures[key]:.0f}" for key in ("precision", "recall", "value"))
        table.add_row(intent, *numbers, str(figures["of"]), f"{times} {true} → {said}" if true else "")
    return table

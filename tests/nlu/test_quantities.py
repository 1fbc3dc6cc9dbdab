"""Sums, durations, hours, ages and clock times, in every script and with every kind of digit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from nlu.text.names import NameFinder

LOOKUP = Path(__file__).parents[2] / "nlu" / "data" / "lookup"


def _tables() -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for path in sorted(LOOKUP.glob("*.yml")):
        entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        for entry in entries:
            if "lookup" in entry:
                names = [line.strip()[2:] for line in entry["examples"].splitlines() if line.strip()]
                tables.setdefault(entry["lookup"], []).extend(names)
    return tables


FINDER = NameFinder.of(_tables())


def _found(text: str, kind: str) -> list[tuple[str, str]]:
    return [(name.listed, text[name.start : name.end]) for name in FINDER.find(text) if name.kind == kind]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("they want $5,000", "5000 USD"),
        ("pay 3k usd", "3000 USD"),
        ("50 juta", "50000000"),
        ("rp500 ribu", "500000 IDR"),
        ("30,000 บาท", "30000 THB"),
        ("赔3万人民币", "30000 CNY"),
        ("2000 đô", "2000 USD"),
        ("២០០០ដុល្លារ", "2000 USD"),
        ("1.500.000 rupiah", "1500000 IDR"),
        ("five hundred dollars", "500 USD"),
    ],
)
def test_a_sum_is_read_with_its_currency(text: str, value: str) -> None:
    assert [listed for listed, _ in _found(text, "amount")] == [value]


@pytest.mark.parametrize(
    ("text", "age", "hours"),
    [
        ("she is 16", ["16"], []),
        ("he is 16 and works 16 hours a day", ["16"], ["16 hour"]),
        ("16yo", ["16"], []),
        ("i work 16 hours", [], ["16 hour"]),
        ("im 16 hours here", [], ["16 hour"]),
        ("umur 15 tahun", ["15"], []),
        ("em 17 tuổi làm 14 tiếng", ["17"], ["14 hour"]),
        ("อายุ 16 ทำงาน 12 ชม", ["16"], ["12 hour"]),
        ("我16岁 每天16小时", ["16"], ["16 hour"]),
        ("អាយុ១៦ ធ្វើការ ១៥ម៉ោង", ["16"], ["15 hour"]),
        ("room 16", [], []),
    ],
)
def test_hours_are_never_an_age(text: str, age: list[str], hours: list[str]) -> None:
    assert [listed for listed, _ in _found(text, "age")] == age
    assert [listed for listed, _ in _found(text, "hours")] == hours


@pytest.mark.parametrize(
    ("text", "value"),
    [("3 bulan", "3 month"), ("2 weeks ago", "2 week"), ("三个月没工资", "3 month"), ("six months", "6 month")],
)
def test_a_duration_has_its_unit(text: str, value: str) -> None:
    assert [listed for listed, _ in _found(text, "duration")] == [value]


def test_a_clock_time_and_a_day_are_times() -> None:
    assert [span for _, span in _found("come at 20:30 tomorrow night", "time")] == ["20:30", "tomorrow night"]
    assert [span for _, span in _found("at 8pm", "time")] == ["8pm"]


@pytest.mark.parametrize("text", ["", "+85512345678", "room 404", "2", "www.x.com/12", "1" * 5000, "1.2.3.4", "٣"])
def test_a_number_with_no_word_beside_it_is_nothing(text: str) -> None:
    assert [name for name in FINDER.find(text) if name.kind in {"amount", "age", "hours", "duration"}] == []


def test_a_short_name_needs_its_marks() -> None:
    """ "mẹ" is a mother, "me" is not."""
    assert _found("mẹ em", "relation") == [("mẹ", "mẹ")]
    assert _found("call me", "relation") == []
    assert _found("ho chieu cua em", "document") == [("hộ chiếu", "ho chieu")]

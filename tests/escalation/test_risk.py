"""Signs add up over messages and days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from escalation import risk

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _after(*messages: tuple[timedelta, set[str]]) -> tuple[risk.Table, datetime]:
    table: risk.Table = {}
    moment = NOW
    for ago, signs in messages:
        moment = NOW - ago
        table = risk.remember(table, signs, moment)
    return table, moment


@pytest.mark.parametrize(
    ("first", "second", "makes"),
    [
        ({"H6"}, {"H1"}, "C7"),
        ({"H1"}, {"H6"}, "C7"),
        ({"M2", risk.DOCUMENTS}, {"C12"}, "H11"),
        ({"M3"}, {"H1"}, "H14"),
    ],
)
def test_two_messages_say_together_what_neither_says_alone(first: set[str], second: set[str], makes: str) -> None:
    for alone in (first, second):
        assert makes not in risk.grown(*_after((timedelta(), alone)))
    assert makes in risk.grown(*_after((DAY, first), (timedelta(), second)))


def test_a_sign_of_long_ago_is_not_added_to_a_new_one() -> None:
    assert not risk.grown(*_after((8 * DAY, {"H6"}), (timedelta(), {"H1"})))


def test_what_a_human_has_lowered_is_not_raised_again_by_an_unrelated_message() -> None:
    table, _ = _after((DAY, {"H6"}), (timedelta(hours=2), {"H1"}))

    later = NOW
    assert not risk.grown(risk.remember(table, set(), later), later)
    assert not risk.grown(risk.remember(table, {"M6"}, later), later)


def test_three_messages_with_lesser_signs_bring_a_human() -> None:
    messages = [(3 * DAY, {"M2"}), (2 * DAY, {"M6"}), (timedelta(), {"M2"})]

    assert risk.grown(*_after(*messages[:2])) == frozenset()
    assert risk.grown(*_after(*messages)) == {"H16"}


def test_a_wish_to_be_dead_on_two_days_is_more_than_on_one() -> None:
    assert not risk.grown(*_after((timedelta(hours=1), {"M3"}), (timedelta(), {"M3"})))
    assert "H14" in risk.grown(*_after((DAY, {"M3"}), (timedelta(), {"M3"})))


def test_the_table_survives_the_state_and_forgets_after_a_month() -> None:
    table, _ = _after((20 * DAY, {"H6"}), *((timedelta(hours=9 - n), {"M2"}) for n in range(9)))

    again = risk.read(risk.written(table))
    assert again == table
    assert len(again["M2"]) == 5
    assert "H6" not in risk.remember(again, {"M2"}, NOW + 11 * DAY)


@pytest.mark.parametrize("saved", [None, [], "x", {"H6": "x"}, {"H6": ["yesterday", None, 3]}, {1: []}])
def test_a_state_that_makes_no_sense_is_an_empty_table(saved: object) -> None:
    assert risk.read(saved) == {}

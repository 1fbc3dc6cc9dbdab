"""What answers say together. The report's lesson: "no information" is not "no" (facts.md §9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.reading import read
from actions.screening import read_of
from actions.steps import SKIP, UNKNOWN, flows, steps

CHOICES = {name: (*step.choices, SKIP) for name, step in steps().items() if not step.operator}
ANSWERS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in CHOICES.items()})

# Two invented persons, told as the report tells its two worked cases: one is silent on three signs, one on two.
FIRST = {
    **{"S01": "no", "S02": "friend", "S02a": "yes", "S04": "yes", "S08": "no", "S09": "yes"},
    **{"S12": "more15", "S12a": "no", "S13": "nothing", "S14": "yes", "S14a": "hurt", "S16": "yes", "S17": "yes"},
    **{"S19": "yes", "S19a": "no", "S21": "no", "S22": "hurt"},
}
SECOND = {
    **{"S01": "no", "S02": "advert", "S02a": "yes", "S03": "yes", "S05": "yes", "S05a": "yes", "S07": "yes"},
    **{"S08": "no", "S12": "upto14", "S13": "less", "S14": "yes", "S14a": "food", "S16": "yes", "S17": "yes"},
    **{"S20": "yes", "S20a": "none", "S22": "threats"},
}


@pytest.mark.parametrize(("answers", "unknown"), [(FIRST, {4, 7, 9}), (SECOND, {1, 4})])
def test_the_worked_cases_are_strong_and_what_nobody_said_stays_unknown(
    answers: dict[str, str], unknown: set[int]
) -> None:
    found = read(answers)
    assert found.result == "R3"
    assert {n for n, state in found.indicators.items() if state == "unknown"} == unknown
    assert "absent" not in found.indicators.values()


def test_what_a_machine_heard_is_only_suggested_and_makes_no_result() -> None:
    found = read({}, suggested=["S07=yes", "S19=yes", "S22=hurt", "S08=no"])
    assert found.indicators[7] == "suggested"
    assert found.result == "R1"


def test_hard_times_alone_are_no_means() -> None:
    assert read({"S04": "yes"}).elements["means"] == "unknown"


def test_a_child_needs_no_means() -> None:
    answers = {"S02": "friend", "S14": "yes", "S14a": "food"}
    assert read(answers).result == "R2"
    assert read(answers, minor=True).result == "R3"


def test_everything_asked_and_nothing_named() -> None:
    calm = {"S01": "yes", "S02a": "yes", "S03": "no", "S05": "no", "S07": "no", "S08": "yes", "S10": "no", "S11": "yes"}
    calm |= {"S12": "upto8", "S12a": "yes", "S13": "yes", "S14": "no", "S16": "no", "S17": "no", "S19": "no"}
    calm |= {"S20": "no", "S21": "yes", "S22": "nothing", "S23": "no", "S04": "no", "S02": "skip", "G6": "no"}
    found = read_of({"answers": calm, "mode": "trapped"})
    assert found.result == "R0"
    assert found.indicators[7] == "absent"


@given(ANSWERS)
def test_unknown_is_never_absent(answers: dict[str, str]) -> None:
    """Whatever was left out or "not sure", no sign is called absent because of it."""
    silent = read({name: value for name, value in answers.items() if value in UNKNOWN})
    assert set(silent.indicators.values()) == {"unknown"}
    assert silent.result == "R1"


@given(ANSWERS, st.sampled_from(sorted(CHOICES)))
def test_one_more_answer_never_takes_a_sign_away(answers: dict[str, str], name: str) -> None:
    before, after = read(answers), read({**answers, name: answers.get(name, "yes")})
    assert all(after.indicators[n] == "present" for n, state in before.indicators.items() if state == "present")


def test_every_step_of_a_flow_exists_and_none_is_the_operators() -> None:
    for flow in flows().values():
        assert all(name in steps() and not steps()[name].operator for name in flow.steps)
    asked = {name for flow in flows().values() for name in flow.steps}
    followed = {name for step in steps().values() for name in (*step.follow.values(), step.pages) if name}
    assert {name for name, step in steps().items() if not step.operator} <= asked | followed

"""What the answers of a screening say together: indicators, elements, result (screening.md §6). Pure.

A result is for a trained human and never an official finding; no label is ever shown to the person. What nobody
asked or answered is unknown, and unknown is never absent: the report's two worked cases turn on that (facts.md §9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from actions.steps import SKIP, UNKNOWN, Sign, Step, reachable, steps

State = Literal["present", "suggested", "absent", "unknown"]
INDICATORS = range(1, 12)
ELEMENTS = ("act", "means", "purpose")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Screening read: for the operator's card."""

    indicators: Mapping[int, State]
    elements: Mapping[str, State]
    strong: bool
    result: Literal["R0", "R1", "R2", "R3"]


def read(
    answers: Mapping[str, str], *, suggested: Iterable[str] = (), minor: bool = False, asked_all: bool = False
) -> Reading:
    """Read what was answered.

    Args:
        answers: Step → value, as the person gave it.
        suggested: `step=value` that a machine found in free words; such a sign counts for no result until the person
            or an operator confirms it.
        minor: Under 18 or presumed so: means are not needed.
        asked_all: Everything that the bot may ask of this person was asked.
    """
    found = [sign for name, value in answers.items() if (sign := _sign(name, value))]
    hinted = [sign for hint in suggested if (sign := _sign(*hint.partition("=")[::2]))]
    indicators = {n: _state(n, found, hinted, answers) for n in INDICATORS}
    present = {element for sign in found for element in sign.elements}
    # Hard times alone are no means; they are one beside another sign of it (§6.1).
    elements: dict[str, State] = {
        name: "present" if name in present else "suggested" if _hinted(name, hinted) else "unknown" for name in ELEMENTS
    }
    strong = any(sign.strong for sign in found)
    return Reading(
        indicators=indicators,
        elements=elements,
        strong=strong,
        result=_result(indicators, elements, strong=strong, minor=minor, asked_all=asked_all),
    )


def _result(
    indicators: Mapping[int, State], elements: Mapping[str, State], *, strong: bool, minor: bool, asked_all: bool
) -> Literal["R0", "R1", "R2", "R3"]:
    here = {name for name, state in elements.items() if state == "present"}
    signs = sum(state == "present" for state in indicators.values())
    if {"act", "purpose"} <= here and (minor or ("means" in here and strong)):
        return "R3"
    if len(here) >= 2 or signs >= 3 or strong or (minor and (here or signs)):
        return "R2"
    return "R0" if asked_all and not signs and not here else "R1"


def _state(number: int, found: Iterable[Sign], hinted: Iterable[Sign], answers: Mapping[str, str]) -> State:
    if any(number in sign.indicators for sign in found):
        return "present"
    if any(number in sign.indicators for sign in hinted):
        return "suggested"
    about = [name for name in reachable(answers) if not steps()[name].operator and _speaks_of(steps()[name], number)]
    return "absent" if about and all(answers.get(name, SKIP) not in UNKNOWN for name in about) else "unknown"


def _speaks_of(step: Step, number: int) -> bool:
    return any(number in sign.indicators for sign in step.signs.values())


def _hinted(element: str, hinted: Iterable[Sign]) -> bool:
    return any(element in sign.elements for sign in hinted)


def _sign(name: str, value: str) -> Sign | None:
    step = steps().get(name)
    return step.signs.get(value) if step else None

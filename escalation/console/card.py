"""The operator's card: what the answers of a screening are signs of, in the operator's language (screening.md §10).

Nothing here is a finding: a trained human reads it. What nobody said is shown as not known, never as no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.reading import State
from actions.screening import read_of
from actions.steps import SKIP, Step, steps
from bot.core.catalogue import MASTER, Catalogue


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One line of the card."""

    name: str
    state: str  # "present", "suggested", "absent" or "unknown"
    words: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """The signs of a conversation, in words of one language."""

    language: str
    title: str
    result: str
    indicators: tuple[Sign, ...]
    elements: tuple[Sign, ...]
    answers: tuple[tuple[str, str], ...]  # question and answer, in the order of screening.yml

    def __repr__(self) -> str:
        return "Card()"  # never what a person said


def card_of(slots: Mapping[str, Any], spoken: Sequence[str], catalogue: Catalogue) -> Card | None:
    """The card for an operator who speaks these languages, best first; None before anything was answered or heard."""
    answers = dict(slots.get("answers") or {})
    if not answers and not slots.get("suggested"):
        return None
    language = next((code for code in spoken if code in catalogue.languages), MASTER)
    read = read_of(slots)

    def words(key: str) -> str:
        return catalogue.text(key, language)

    return Card(
        language=language,
        title=words("sign.title"),
        result=words(f"sign.{read.result}"),
        indicators=_signs(read.indicators, words),
        elements=_signs(read.elements, words),
        answers=tuple(
            (words(step.key), words(_label(step, answers[name]))) for name, step in steps().items() if name in answers
        ),
    )


def _signs(states: Mapping[Any, State], words: Callable[[str], str]) -> tuple[Sign, ...]:
    return tuple(
        Sign(name=words(f"sign.{name}"), state=state, words=words(f"sign.{state}")) for name, state in states.items()
    )


def _label(step: Step, value: str) -> str:
    """The catalogue key of an answer, which may stand on a further page of the question."""
    if value == SKIP:
        return "a.skip"
    page: Step | None = step
    while page is not None:
        if value in page.choices:
            return page.choices[value]
        page = steps()[page.pages] if page.pages else None
    return "country.other"  # a country that was named in words and stands on no page

"""Which action answers a message: the order of design §7, in one place. Pure.

safe word → operator holds it? → hidden view → danger → answer to the open question → file → back after a close
→ emergency goes on → gates → rules (intent → action) → not understood
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.base import Facts
from actions.steps import countries, step_of
from bot.core.values import ArrivalKind
from bot.flow.answers import OpenQuestion

_FILES = frozenset({ArrivalKind.MEDIA, ArrivalKind.LOCATION, ArrivalKind.CONTACT_CARD})

_DANGER = (
    ("C4", "action_jump"),
    ("C3", "action_suicide"),
    ("H14", "action_suicide"),
    ("H3", "action_suicide"),
    ("C14", "action_travelling"),
    ("C10", "action_sexual_violence"),
    ("C7", "action_minor"),
    ("H6", "action_minor"),
)
"""Trigger → branch, first match. Jumping comes before all: staying put is what keeps alive (screening.md §8.1.7)."""

NOTHING = ""
"""Nothing is to be done, and nothing further is to be looked for."""

_REPAIRS = frozenset({"repeat", "correct", "ask_who_are_you", "ask_is_robot", "ask_privacy", "change_language"})
"""What may be said at any question and leaves it open."""

_KIT = {
    "ask_who_are_you": "action_machine",
    "ask_is_robot": "action_machine",
    "ask_privacy": "action_machine",
    "abuse": "action_abuse",
    "change_language": "action_ask_language",
    "repeat": "action_again",
    "correct": "action_correct",
}
"""Intent → action, where only the emergency kit can be said."""

_PATIENCE = 2
"""A gate question that is missed this often counts as "not sure"."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One message as the dialogue sees it. No words in it: what they mean was settled before."""

    kind: ArrivalKind
    intent: str | None
    also: tuple[str, ...]  # what else it asks for
    named: Mapping[str, str]  # kind of entity → the first one named
    safe_word: str | None  # "hide" | "stop", whole message only
    answer: str | None  # value chosen for the open question
    asked: OpenQuestion | None  # the question that is open
    triggers: frozenset[str]  # what the danger scan raised
    held: bool  # an operator has the conversation
    newest: bool  # no later word of the person waits
    late: bool  # outside the live window already
    unspoken: bool  # surely a language that we do not speak

    @property
    def wishes(self) -> tuple[str, ...]:
        """Every intent of the message, the first first."""
        return (*((self.intent,) if self.intent else ()), *self.also)

    @property
    def unanswered(self) -> bool:
        """Nothing is said for it: it is late, a human has the conversation, or a later word waits."""
        return self.late or self.held or not self.newest


class Rules:
    """Intent → action, from `bot/rules.yml` in Rasa's own format."""

    def __init__(self, path: Path) -> None:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.by_intent: Mapping[str, str] = {
            rule["steps"][0]["intent"]: rule["steps"][1]["action"] for rule in content["rules"]
        }


def choose(heard: Heard, slots: Mapping[str, Any], facts: Facts, rules: Mapping[str, str]) -> str | None:
    """The first action of the turn, or None where nothing is to be said or changed."""
    if heard.safe_word == "hide":
        return "action_hide"  # even late: it sends nothing
    if not heard.kind.is_a_word_of_the_person:
        return None
    if heard.unanswered:
        return _stop_or_answer(heard)
    if heard.safe_word == "stop":
        return "action_stop"
    if facts.view == "hidden":
        return "action_hidden"
    steps: tuple[Callable[[], str | None], ...] = (
        lambda: _answered(heard),  # a whole message that answers is an answer; its alarm is raised apart
        lambda: _danger(heard, slots, facts),
        lambda: _said(heard),
        lambda: _special(heard, facts, slots),
        lambda: _gates(heard, slots, facts, rules),
        lambda: _in_kit(heard, facts),
        lambda: _by_intent(heard, rules),
    )
    return next(action for step in steps if (action := step()) is not None) or None


def _stop_or_answer(heard: Heard) -> str | None:
    """A message that is not answered by itself still says "stop", or answers the open question."""
    return "action_stop" if heard.safe_word == "stop" else _answered(heard)


def _danger(heard: Heard, slots: Mapping[str, Any], facts: Facts) -> str | None:
    for trigger, action in _DANGER:
        if trigger in heard.triggers:
            return action
    if not any(t.startswith("C") and not t.endswith("F") for t in heard.triggers):
        return None
    return "action_emergency_more" if _goes_on(slots, facts) else "action_emergency"


def _said(heard: Heard) -> str | None:
    """An answer in free words, where the machine is sure of it ("they took it when I landed" to "who keeps your
    passport?"); else the question stays open."""
    return heard.asked.question.then if heard.asked and said_answer(heard) is not None else None


def said_answer(heard: Heard) -> str | None:
    """The value that free words choose of the open step."""
    step = step_of(heard.asked.question.id) if heard.asked else None
    if step is None:
        return None
    if step.entity and (named := countries().get(heard.named.get(step.entity, ""))):
        return named
    return next((step.said[intent] for intent in heard.wishes if intent in step.said), None)


def _goes_on(slots: Mapping[str, Any], facts: Facts) -> bool:
    """The emergency branch lasts as long as its case: nobody is being called for a case that is closed."""
    return slots.get("loop") == "emergency" and facts.case_open


def _answered(heard: Heard) -> str | None:
    return heard.asked.question.then if heard.asked and heard.answer is not None else None


def _special(heard: Heard, facts: Facts, slots: Mapping[str, Any]) -> str | None:
    if heard.kind is ArrivalKind.PRESS:
        return NOTHING  # an old button, or one tapped twice: no answer, and no miss
    if heard.kind in _FILES:
        return "action_media"
    if heard.kind is ArrivalKind.UNKNOWN:
        return "action_unknown_kind"
    if facts.closed_lately:
        return "action_back_after_close"
    if heard.unspoken and not slots.get("watched"):
        return "action_unspoken"
    if slots.get("loop") == "suicide" and facts.case_open:
        return "action_stay"
    return "action_emergency_more" if _goes_on(slots, facts) else None


def _gates(heard: Heard, slots: Mapping[str, Any], facts: Facts, rules: Mapping[str, str]) -> str | None:
    """The first three exchanges (screening.md §3.1). A person can be asked for before them."""
    if slots.get("danger") or slots.get("mode"):
        return None
    if heard.intent == "talk_to_human":
        return "action_human"
    if heard.intent == "safety_watched":
        return "action_watched_said"
    if not slots.get("greeted"):
        return "action_open"
    if heard.intent in _REPAIRS:
        return _in_kit(heard, facts) or rules.get(str(heard.intent))
    if heard.asked is None or heard.asked.question.id not in {"q.watched", "q.danger"}:
        return "action_open"
    if heard.intent == "skip" or int(slots.get("repeats") or 0) + 1 >= _PATIENCE:
        return heard.asked.question.then  # with the answer "not sure", see `answer_or_unsure`
    return "action_ask_again"


def _in_kit(heard: Heard, facts: Facts) -> str | None:
    """A language that has the emergency kit alone: what it can say, and for all else a human."""
    return _KIT.get(str(heard.intent), "action_human") if facts.kit_only else None


def _by_intent(heard: Heard, rules: Mapping[str, str]) -> str:
    if heard.intent and heard.intent in rules:
        return rules[heard.intent]
    return "action_not_understood"


def answer_or_unsure(heard: Heard, action: str | None) -> str | None:
    """The answer that the action sees: a gate that was missed too often is "not sure" (unknown is never no)."""
    if heard.answer is None and heard.asked is not None and action == heard.asked.question.then:
        return said_answer(heard) or "not_sure"
    return heard.answer

"""What follows the questions: needs met with facts and a person, and what the answers of a screening say."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction

from actions import base, reading
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.flow import go_on
from actions.steps import may_be_asked

_NEED = {
    "doctor": "card.doctor",
    "bed": "card.stranded",
    "food": "card.stranded",
    "lawyer": "card.lawyer",
    "home": "card.home",
    "family": "card.tell_family",
}
"""Need (S26) → the card that says what is known about it."""


class Needs(Action):
    """Needs first, of somebody who is out (screening.md §8.7): facts, a person, and questions only if wanted."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_needs"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The embassy only after G9a."""
        answers = tracker.slots.get("answers") or {}
        need, hunted = answers.get("S26"), answers.get("G4b") == "yes"
        if need == "embassy":
            return [FollowupAction("action_ask_embassy")]
        base.say(dispatcher, "card.stranded" if hunted else _NEED.get(str(need), "card.stranded"))
        return [FollowupAction("action_human")]


class Screened(Action):
    """The set is through: a thank-you, and to somebody who is out and alone what it may mean (screening.md §6.2)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_screened"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Never a label. Two or more of the eleven are M2; the operator's card shows the rest."""
        slots, facts = tracker.slots, Facts.of(tracker)
        read = read_of(slots)
        may_be_told = slots.get("mode") == "out" and slots.get("watched") == "no" and facts.view == "open"
        base.say(dispatcher, f"screen.{read.result}" if may_be_told else "s.thanks")
        present = sum(state == "present" for state in read.indicators.values())
        case = [base.open_case("M2", note="screened")] if present >= 2 else []
        go_on(dispatcher, tracker)
        return base.all_of(case, base.slots(flow=None))


class JobChecked(Action):
    """Red flags counted (screening.md §8.7). Never "safe"."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_job_checked"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Few flags are no proof of anything."""
        flags = (tracker.slots.get("answers") or {}).get("J1")
        base.say(dispatcher, "job.few" if flags == "few" else "job.many")
        go_on(dispatcher, tracker)
        return []


def read_of(slots: Any) -> reading.Reading:
    """The reading of a conversation's slots: what the operator's card shows."""
    answers, minor = dict(slots.get("answers") or {}), bool(slots.get("minor"))
    may = may_be_asked("full", answers, mode=slots.get("mode"), minor=minor)
    return reading.read(
        answers,
        suggested=tuple(slots.get("suggested") or ()),
        minor=minor,
        asked_all=all(name in answers for name in may),
    )

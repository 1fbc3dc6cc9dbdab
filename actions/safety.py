"""Danger: at most two short lines, one line of choices, and nothing that is not true now (screening.md §8.1-§8.3a)."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.handoff import say_who_is_here


def _in_danger() -> Events:
    """What every danger branch begins with: from now on each word is answered by the truth about a human."""
    return base.slots(loop="emergency")


class Emergency(Action):
    """Violence, flight, a threat to kill: alarm first, reply second."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_emergency"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """One true line and one line of choices; no other question until a human joins (§8.1.2)."""
        facts = Facts.of(tracker)
        events = _in_danger()
        base.say(dispatcher, f"em.seen.{facts.presence}")
        if "C5" in facts.triggers and facts.view == "open":
            base.say(dispatcher, "em.doctor")
        base.ask(dispatcher, "q.emergency")
        return events


class EmergencyAnswer(Action):
    """The person chose a digit in an emergency."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_emergency_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        r""" "Can't write" is answered by silence, the alarm stays on (§8.1.3)."""
        answer = base.answer_of(tracker)
        triggers = {"hurt": ["C5"], "hiding": ["C2"], "chased": ["C2"], "cant_write": []}[answer]
        case = [base.open_case(*triggers)] if triggers else []
        if answer == "cant_write":
            return [base.note_on_case("cannot_write")]
        facts = Facts.of(tracker)
        base.say(dispatcher, "em.noted")
        if answer == "hurt" and facts.view == "open":
            base.say(dispatcher, "em.doctor")
        return base.all_of(case, base.slots(loop="emergency"))


class EmergencyMore(Action):
    """A further word while nobody has come yet."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_emergency_more"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The next word is answered with the truth (screening.md §7, last column)."""
        facts = Facts.of(tracker)
        base.say(dispatcher, "em.still_nobody" if facts.presence == "nobody" else "em.still_calling")
        return []


class Jump(Action):
    """Words that mean jumping or falling (C4), whatever the reason."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_jump"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """§8.1.7; with fire or shelling (C11) staying can kill, so the plain emergency line stands instead."""
        facts = Facts.of(tracker)
        if "C11" in facts.triggers:
            return [FollowupAction("action_emergency")]
        events = _in_danger()
        say_who_is_here(dispatcher, facts, urgent=True)
        base.ask(dispatcher, "q.jump")
        return events


class JumpAnswer(Action):
    """Why the person speaks of jumping."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_jump_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Either way a human decides further; the bot only stays."""
        if base.answer_of(tracker) == "want_die":
            return [base.open_case("C3"), FollowupAction("action_suicide")]
        base.say(dispatcher, "em.noted")
        base.say(dispatcher, "m.notake")
        return [base.open_case("H1")]


class Suicide(Action):
    """Thoughts of ending one's life."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_suicide"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """§8.2: stay, keep short, a person; never argue, never ask for means."""
        facts = Facts.of(tracker)
        events = _in_danger()
        base.say(dispatcher, "su.told")
        say_who_is_here(dispatcher, facts, urgent=True)
        base.say(dispatcher, "su.stay")
        return events


class Travelling(Action):
    """On the way right now (C14): two lines at once, before any question (§8.1.7b)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_travelling"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """And the truth about a human."""
        facts = Facts.of(tracker)
        events = _in_danger()
        base.say(dispatcher, "em.travel")
        say_who_is_here(dispatcher, facts, urgent=True)
        return events


class SexualViolence(Action):
    """One believing line, then the doctor's clock, unasked (§8.3a)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_sexual_violence"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Never when, who, how."""
        facts = Facts.of(tracker)
        events = _in_danger()
        base.say(dispatcher, "em.sexual")
        say_who_is_here(dispatcher, facts, urgent=True)
        return events


class Minor(Action):
    """Under 18 (§8.3)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_minor"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The child is told first that somebody whose job it is may need to know."""
        facts = Facts.of(tracker)
        events = _in_danger()
        base.say(dispatcher, "em.minor")
        say_who_is_here(dispatcher, facts, urgent=True)
        return events

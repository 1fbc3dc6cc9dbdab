"""Danger: at most two short lines, one line of choices, and nothing that is not true now (screening.md §8.1-§8.3a)."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.flow import begin
from actions.handoff import say_still_here, say_who_is_here

STAY_LINES = 8
"""`su.stay.1` to `su.stay.8`: distance from means, the next minutes, one safe person, water, breath."""


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
            for key in _first_aid(tracker, facts):
                base.say(dispatcher, key)
        base.ask(dispatcher, "q.emergency")
        return events


def _first_aid(tracker: Tracker, facts: Facts) -> tuple[str, ...]:
    """First aid for what the person said is wrong, while nobody is there (§8.1.7a)."""
    what = (tracker.slots.get("answers") or {}).get("G5a")
    return ("em.doctor",) if facts.kit_only else _AID.get(str(what), ("em.doctor",))


_AID = {"heavy": ("aid.bleeding", "aid.head"), "breath": ("aid.breath",)}


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
        say_still_here(dispatcher, Facts.of(tracker))
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
            said = {**(tracker.slots.get("answers") or {}), "U1": "yes"}  # not asked again
            return base.all_of([base.open_case("C3")], base.slots(answers=said), [FollowupAction("action_suicide")])
        base.say(dispatcher, "em.noted")
        base.say(dispatcher, "m.notake")
        return [base.open_case("H1")]


class Suicide(Action):
    """Thoughts of ending one's life."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_suicide"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """§8.2: stay, keep short, a person; at most three questions, and none to somebody who has said it all."""
        facts, slots = Facts.of(tracker), tracker.slots
        if slots.get("loop") == "suicide":
            return [FollowupAction("action_stay")]
        base.say(dispatcher, "su.told")
        say_who_is_here(dispatcher, facts, urgent=True)
        loop = base.slots(loop="suicide")
        if "C3" in facts.triggers or facts.kit_only:
            base.say(dispatcher, "su.stay.1")
            return base.all_of(loop, base.slots(stayed=1))
        return base.all_of(loop, begin("suicide"))


class Stay(Action):
    """One line at a time, only as the person writes (§8.2): no lock-in, no argument."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_stay"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Who says no to the first question is asked nothing more, and offered a person."""
        answers = tracker.slots.get("answers") or {}
        if answers.get("U1") == "no" and base.answer_of(tracker):
            return base.all_of(base.slots(loop=None), [FollowupAction("action_human")])
        stayed = int(tracker.slots.get("stayed") or 0)
        if stayed or not base.answer_of(tracker):
            say_still_here(dispatcher, Facts.of(tracker))
        lines = 1 if Facts.of(tracker).kit_only else STAY_LINES
        base.say(dispatcher, f"su.stay.{stayed % lines + 1}")
        return base.slots(stayed=stayed + 1)


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
        if not facts.kit_only and not tracker.slots.get("gender_wish"):
            base.ask(dispatcher, "q.gender")
        return events


class _Kept(Action):
    """An answer that is kept for the operator, and no more."""

    action: ClassVar[str]
    slot: ClassVar[str]

    def name(self) -> str:
        """Its name in domain.yml."""
        return self.action

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Said to be passed on; never promised."""
        base.say(dispatcher, "em.noted")
        return base.slots(**{self.slot: base.answer_of(tracker)})


class GenderWish(_Kept):
    """Whether a woman or a man should write back (§8.3a)."""

    action = "action_gender_wish"
    slot = "gender_wish"


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
        if not facts.kit_only and not tracker.slots.get("trusted_adult"):
            base.ask(dispatcher, "q.trusted_adult")
        return base.all_of(events, base.slots(minor=True))


class TrustedAdult(_Kept):
    """Never "call your parents": family may have sent the child, or be threatened (§8.3)."""

    action = "action_trusted_adult"
    slot = "trusted_adult"


class Recruiter(Action):
    """Somebody who is made to bring others: a lawyer first, no blame, and whether they are in despair (§8.5)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_recruiter"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The bot asks nothing about it: an answer could become a confession (§5.2 S24)."""
        facts = Facts.of(tracker)
        if facts.view == "open":
            base.say(dispatcher, "card.recruiter")
        say_who_is_here(dispatcher, facts)
        base.say(dispatcher, "su.check")
        return base.all_of([base.open_case("H1")], begin("suicide"))

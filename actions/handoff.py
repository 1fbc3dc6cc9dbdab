"""A human: asked for, offered, or on the way. Every line about a person is chosen by what is true (design §2.9)."""

from __future__ import annotations

from typing import Any

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker


def say_who_is_here(dispatcher: CollectingDispatcher, facts: Facts, *, urgent: bool = False) -> None:
    """The true line about a human now. With nobody on shift or on call, nobody is "being called"."""
    if facts.presence == "on_shift":
        base.say(dispatcher, "human.calling")
        base.say(dispatcher, "human.speaks" if facts.speaks else "human.translator")
    elif facts.presence == "on_call":
        base.say(dispatcher, "human.on_call")
    else:
        facts_follow = not urgent and not facts.kit_only  # a kit has no facts to give
        base.say(dispatcher, "human.nobody" if facts_follow else "em.still_nobody")


def say_still_here(dispatcher: CollectingDispatcher, facts: Facts) -> None:
    """The truth about a human to somebody who writes on while nobody has come (screening.md §7, last column)."""
    base.say(dispatcher, "em.still_nobody" if facts.presence == "nobody" else "em.still_calling")


class Human(Action):
    """The person asks for a person, or the flow leads to one."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_human"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """M8, and H1 when the mode is held or unknown (screening.md §7). Asked once whether a human may write first."""
        facts = Facts.of(tracker)
        known_free = tracker.slots.get("mode") in {"out", "family", "job_offer", "facts", "detained"}
        case = base.open_case("M8") if known_free else base.open_case("M8", "H1")
        say_who_is_here(dispatcher, facts)
        done: Events = []
        if facts.view == "open" and not facts.kit_only and not tracker.slots.get("handover_asked"):
            base.ask(dispatcher, "q.handover")
            done = base.slots(handover_asked=True)
        return base.all_of([case], done)


class HandoverAnswer(Action):
    """May a human write within the next hour, or will the person write again? (screening.md §3.12)"""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_handover_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The first opens a safe window that the person set; the second is the rule anyway: never first."""
        if base.answer_of(tracker) == "may_write":
            base.say(dispatcher, "handover.may_write", time=Facts.of(tracker).window_until)
            return [base.allow_writing(), base.note_on_case("handover_may_write")]
        base.say(dispatcher, "handover.write_myself")
        return [base.note_on_case("handover_self")]


class BackAfterClose(Action):
    """A word within 72 hours of a closed case goes to the queue, never to the greeting (screening.md §3.15)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_back_after_close"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Say so, with the truth about a human."""
        base.say(dispatcher, "op.again")
        say_who_is_here(dispatcher, Facts.of(tracker), urgent=True)
        return base.all_of([base.open_case("M8", note="back_after_close")], base.slots(loop=None, flow=None))


class NotUnderstood(Action):
    """Not sure what was meant: the menu and a person; twice in a row opens a case (design §2.5, §7)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_not_understood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The second miss in a row raises M9."""
        misses = int(tracker.slots.get("misses") or 0) + 1
        question = base.what_next(Facts.of(tracker))
        if misses < 2:
            base.say(dispatcher, "nu.first")
            base.ask(dispatcher, question)
            return base.slots(misses=misses)
        base.say(dispatcher, "nu.second")
        base.ask(dispatcher, question)
        return base.all_of([base.open_case("M9")], base.slots(misses=misses))


class AskAgain(Action):
    """The open question was not answered: its choices again; a gate missed twice counts as "not sure"."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_ask_again"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The question's own words, once more."""
        question = str(tracker.latest_message.get("open_question") or "q.want_quiet")
        base.say(dispatcher, "nu.number")
        base.ask(dispatcher, question)
        return base.slots(repeats=int(tracker.slots.get("repeats") or 0) + 1)


class Media(Action):
    """A voice note, photo, file or pin is a message (screening.md §3.16)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_media"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """C13 from somebody known to be held, else H15; its own honest line."""
        held = tracker.slots.get("mode") == "trapped" or tracker.slots.get("loop") == "emergency"
        base.say(dispatcher, "media.kept")
        return [base.open_case("C13" if held else "H15")]


class UnknownKind(Action):
    """Something arrived that nobody here can read yet: stored, and said so (design §2.4)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_unknown_kind"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """A human can look at it."""
        base.say(dispatcher, "media.unreadable")
        return [base.open_case("H15")]

"""The first words: who we are, the language, whether somebody watches, whether somebody is in danger.

"First three exchanges are only: language, can anyone see this, are you in danger now" (screening.md §3.1). What the
person asked first is kept in the slot `asked` and answered after these.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.handoff import say_who_is_here

KEPT = frozenset(
    {"greet", "thanks", "affirm", "deny", "not_sure", "repeat", "skip", "correct", "abuse"}
    | {"out_of_scope", "change_language"}
)


class Open(Action):
    """Say what we are, and ask the first gate."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_open"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """In an unsure language, the language menu comes first."""
        facts = Facts.of(tracker)
        if not tracker.slots.get("greeted"):
            base.say(dispatcher, "m.hello")
        kept = keep_asked(tracker)
        if facts.language is None:
            return base.all_of(kept, self._ask_language(dispatcher, tracker, facts))
        base.ask(dispatcher, "q.danger" if tracker.slots.get("watched") else "q.watched")
        return kept

    def _ask_language(self, dispatcher: CollectingDispatcher, tracker: Tracker, facts: Facts) -> Events:
        """Somebody whose language stays unknown is not left with a menu: a human is called (design §2.5)."""
        asked = int(tracker.slots.get("language_asked") or 0) + 1
        case = [base.open_case("M9")] if asked > 1 else []
        if case:
            say_who_is_here(dispatcher, facts)
        base.ask(dispatcher, "q.language")
        return base.all_of(case, base.slots(language_asked=asked))


def keep_asked(tracker: Tracker) -> Events:
    """Keep what the person wanted, to answer it after the gates."""
    intent = base.intent_of(tracker)
    return base.slots(asked=intent) if intent and intent not in KEPT else []


class AnswerWatched(Action):
    """G3: can somebody else see this phone?"""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_answer_watched"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """`no` opens the view; `now` asks nothing further (screening.md §4); anything else is low-trace."""
        answer = base.answer_of(tracker)
        if answer == "now":
            base.say(dispatcher, "watched.now")
            return base.all_of([base.open_case("H10"), base.set_view("hidden")], base.slots(watched=answer))
        base.ask(dispatcher, "q.danger")
        view = "open" if answer == "no" else "low_trace"
        return base.all_of([base.set_view(view)], base.slots(watched=answer))


class AnswerDanger(Action):
    """G4: is anyone in danger right now?"""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_answer_danger"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """`me` is the emergency branch, `other` the family's, `not sure` raises H16 and goes on (screening.md G4)."""
        answer = base.answer_of(tracker)
        done = base.slots(danger=answer)
        if answer == "me":
            return base.all_of([base.open_case("C1")], done, [FollowupAction("action_emergency")])
        if answer == "other":
            return base.all_of([base.open_case("H9F")], done, [FollowupAction("action_family")])
        if answer == "not_sure":
            return base.all_of([base.open_case("H16")], done, [FollowupAction("action_after_gates")])
        return base.all_of(done, [FollowupAction("action_after_gates")])


class AfterGates(Action):
    """Answer what was asked first, or offer the menu."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_after_gates"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """On a phone that may be checked no card is shown: a person is offered instead."""
        facts = Facts.of(tracker)
        if facts.view != "open":
            base.ask(dispatcher, "q.want_quiet")
            return []
        asked = tracker.slots.get("asked")
        if asked:
            return base.all_of(base.slots(asked=None), [FollowupAction("action_resume")])
        base.ask(dispatcher, "q.mode")
        return []


class SetMode(Action):
    """G1: who needs help?"""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_set_mode"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Each mode goes to its own branch."""
        answer = base.answer_of(tracker)
        if answer in {"more", "back"}:
            base.ask(dispatcher, "q.mode_more" if answer == "more" else "q.mode")
            return []
        mode = base.slots(mode=answer)
        if answer == "trapped":
            base.say(dispatcher, "m.honest")
            return base.all_of([base.open_case("H1")], mode, [FollowupAction("action_human")])
        if answer == "facts":
            base.ask(dispatcher, "q.cards")
            return mode
        if answer == "family":
            return base.all_of(mode, [FollowupAction("action_family")])
        case = {"out": ["M1"], "detained": ["M6"], "job_offer": ["L3"]}[answer]
        asked = {"out": "help_released", "detained": "help_detained", "job_offer": "ask_job_offer_check"}[answer]
        return base.all_of([base.open_case(*case)], mode, base.slots(card=asked), [FollowupAction("action_card")])


class Menu(Action):
    """The menu, asked for."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """What may be offered depends on the view."""
        base.ask(dispatcher, next_question(Facts.of(tracker)))
        return []


def next_question(facts: Facts) -> str:
    """The question that offers what to do next."""
    return "q.want" if facts.view == "open" else "q.want_quiet"

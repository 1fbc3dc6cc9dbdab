"""The first words: who we are, the language, whether somebody watches, whether somebody is in danger.

"First three exchanges are only: language, can anyone see this, are you in danger now" (screening.md §3.1). What the
person asked first is kept in the slot `asked` and answered after these.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.flow import begin, go_on
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
    return base.slots(asked=intent, asked_also=list(base.also_of(tracker))) if intent and intent not in KEPT else []


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
        """On a phone that may be checked no card is shown: the few questions that a human needs, then the human."""
        facts = Facts.of(tracker)
        if facts.kit_only:
            return [FollowupAction("action_human")]
        if facts.view != "open":
            return begin("short")  # nobody knows who it is: as one who is held (§4), in digits and neutral words
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
        return base.all_of(base.slots(mode=answer), _branch(answer, dispatcher, Facts.of(tracker)))


_SAID = {
    "help_trapped": "trapped",
    "help_released": "out",
    "help_detained": "detained",
    "help_sent_back": "detained",
    "ask_job_offer_check": "job_offer",
}
"""Intent → mode."""


def _branch(mode: str, dispatcher: CollectingDispatcher, facts: Facts) -> Events:
    """Where each mode leads (screening.md §4)."""
    if mode == "trapped":
        if facts.view == "open":
            base.say(dispatcher, "m.honest")
        return base.all_of([base.open_case("H1")], begin("short"))
    if mode == "facts":
        base.ask(dispatcher, "q.cards")
        return []
    if mode == "family":
        return [FollowupAction("action_family")]
    if facts.view != "open":
        return [FollowupAction("action_human")]
    if mode == "out":
        return base.all_of([base.open_case("M1")], begin("needs"))
    if mode == "detained":
        base.say(dispatcher, "card.detained")
        return base.all_of([base.open_case("M6")], begin("detained"))
    base.say(dispatcher, "card.job_offer")
    return base.all_of([base.open_case("L3")], begin("job_offer"))


class Menu(Action):
    """The menu, asked for."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """What is open, or what would help next; what may be offered depends on the view."""
        go_on(dispatcher, tracker)
        return []


class Mode(Action):
    """The person said in words who needs help: as if it had been chosen from the menu."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_mode"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """What somebody chose before stands; the branch is gone into all the same."""
        branch = _SAID[str(base.intent_of(tracker))]
        mode = tracker.slots.get("mode") or branch
        return base.all_of(base.slots(mode=mode), _branch(branch, dispatcher, Facts.of(tracker)))

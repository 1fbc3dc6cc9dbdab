"""Which language we speak."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Tracker


class AskLanguage(Action):
    """Offer the languages, each by its own name."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_ask_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """G0."""
        base.ask(dispatcher, "q.language")
        return []


class SetLanguage(Action):
    """Take the chosen language and go on where the conversation was."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_set_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The gates go on where they were; after them, the menu."""
        answer = base.answer_of(tracker)
        if answer in {"more", "back"}:
            base.ask(dispatcher, "q.language_more" if answer == "more" else "q.language")
            return []
        base.say(dispatcher, "language.set")
        if not tracker.slots.get("watched"):
            base.ask(dispatcher, "q.watched")
            return [base.set_language(answer)]
        if not tracker.slots.get("danger"):
            base.ask(dispatcher, "q.danger")
            return [base.set_language(answer)]
        return [base.set_language(answer), FollowupAction("action_menu")]


class Unspoken(Action):
    """Somebody writes in a language that we do not speak."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_unspoken"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Name it, say so once, hand it to a human, offer the languages (nlu.md §1)."""
        written = tracker.latest_message.get("language") or {}
        base.say(dispatcher, "language.unspoken", language=str(written.get("name", "")))
        base.ask(dispatcher, "q.language")
        return base.all_of([base.open_case("M9")], base.slots(language_named=written.get("code")))

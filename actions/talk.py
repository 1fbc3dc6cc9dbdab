"""Small talk and questions about us."""

from __future__ import annotations

from typing import Any, ClassVar

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.flow import begin, go_on


class _Line(Action):
    """One approved line, then what next."""

    action: ClassVar[str]
    key: ClassVar[str]

    def name(self) -> str:
        """Its name in domain.yml."""
        return self.action

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The same in every view; the question differs."""
        base.say(dispatcher, self.key)
        go_on(dispatcher, tracker)
        return []


class Greeting(_Line):
    """A greeting in the middle of a conversation."""

    action = "action_greeting"
    key = "m.greeting"


class Thanks(_Line):
    """Thanks."""

    action = "action_thanks"
    key = "m.thanks"


class Machine(_Line):
    r""" "Are you a robot?": yes, always said (screening.md §3.9)."""

    action = "action_machine"
    key = "m.machine"


class Privacy(_Line):
    """Who can read this (screening.md §9.2)."""

    action = "action_privacy"
    key = "m.privacy"


class OffTopic(_Line):
    """Out of scope."""

    action = "action_off_topic"
    key = "m.off_topic"


class Abuse(_Line):
    """Insults, at a machine: calm, and still here (screening.md §3.13)."""

    action = "action_abuse"
    key = "m.abuse"


class WhoAreYou(Action):
    r""" "Who runs this?": what we can and cannot do; on a watched phone only that we are a machine."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_who_are_you"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Never names, places or methods (screening.md §3.8)."""
        facts = Facts.of(tracker)
        base.say(dispatcher, "m.machine")
        if facts.view == "open" and tracker.slots.get("watched") == "no":
            base.say(dispatcher, "m.honest")
        go_on(dispatcher, tracker)
        return []


class Want(Action):
    """What next, chosen."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_want"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Person, facts, questions, language, stop."""
        answer = base.answer_of(tracker)
        if answer == "facts":
            base.ask(dispatcher, "q.cards")
            return []
        if answer == "questions":
            return begin("full")
        then = {"person": "action_human", "language": "action_ask_language", "stop": "action_stop"}[answer]
        return [FollowupAction(then)]


class YesNo(Action):
    """A bare yes or no with no question open."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_yes_no"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Offer what next."""
        go_on(dispatcher, tracker)
        return []

"""Cards: facts with their cautions, as the person asks for them. Which card is data: `actions/cards.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.handoff import say_who_is_here
from actions.opening import next_question


@cache
def cards() -> Mapping[str, Mapping[str, Any]]:
    """Intent → card."""
    content: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        (Path(__file__).parent / "cards.yml").read_text(encoding="utf-8")
    )
    return content


class Card(Action):
    """Show the card for the intent of this message, or for the slot `card` when a menu or a gate led here."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The country is asked before a card that holds in one country only (screening.md §4, G8)."""
        facts = Facts.of(tracker)
        waiting = tracker.slots.get("card") if base.answer_of(tracker) else None
        wanted = str(waiting or base.intent_of(tracker))
        if facts.view != "open" or wanted not in cards():
            return base.all_of(base.slots(card=None), [FollowupAction("action_human")])
        card = cards()[wanted]
        country = tracker.slots.get("country")
        if card.get("place") and country is None:
            base.ask(dispatcher, "q.country")
            return base.slots(card=wanted)
        elsewhere = card.get("place") and country == "elsewhere"
        base.say(dispatcher, "card.elsewhere" if elsewhere else card["card"])
        if card.get("law") and not elsewhere:
            base.say(dispatcher, "m.law")
        if card.get("human"):
            say_who_is_here(dispatcher, facts)
        base.ask(dispatcher, next_question(facts))
        return base.slots(card=None)


class SetCountry(Action):
    """G8, then the card that waited for it."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_set_country"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Cambodia stands when the person is not sure: the cards say "in Cambodia" themselves."""
        return base.all_of(base.slots(country=base.answer_of(tracker)), [FollowupAction("action_card")])


class PickCard(Action):
    """A card chosen from the menu."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_pick_card"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Three pages of at most four."""
        answer = base.answer_of(tracker)
        if answer in {"more", "more2"}:
            base.ask(dispatcher, "q.cards_more" if answer == "more" else "q.cards_last")
            return []
        if answer == "person":
            return [FollowupAction("action_human")]
        return base.all_of(base.slots(card=answer), [FollowupAction("action_card")])


class AskEmbassy(Action):
    """G9a is asked before any embassy card: an embassy can be the danger."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_ask_embassy"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """In a quiet view, a person instead."""
        if Facts.of(tracker).view != "open":
            return [FollowupAction("action_human")]
        base.ask(dispatcher, "q.embassy")
        return []


class EmbassyAnswer(Action):
    """G9a answered."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_embassy_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Anything but yes goes to a human, never to an embassy."""
        if base.answer_of(tracker) == "yes":
            base.say(dispatcher, "card.embassy")
            base.ask(dispatcher, next_question(Facts.of(tracker)))
            return []
        base.say(dispatcher, "card.no_embassy")
        return [base.open_case("M8"), FollowupAction("action_human")]

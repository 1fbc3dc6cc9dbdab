"""Cards: facts with their cautions, as the person asks for them. Which card is data: `actions/cards.yml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.flow import begin, go_on
from actions.handoff import say_who_is_here

_PAGE = ">"
_ELSEWHERE = {"person": "action_human", "ask_embassy": "action_ask_embassy"}

_TOGETHER = 2
"""Cards in one message at the most."""


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
        """The country is asked before a card that holds in one country only (screening.md §4, G8). Where the person
        asked for two things at once, both are answered."""
        slots, facts = tracker.slots, Facts.of(tracker)
        waiting = slots.get("card") if base.answer_of(tracker) else None
        wanted = str(waiting or base.intent_of(tracker))
        also = list((slots.get("card_also") if waiting else base.also_of(tracker)) or ())
        if facts.view != "open" or wanted not in cards():
            return base.all_of(base.slots(card=None), [FollowupAction("action_human")])
        if cards()[wanted].get("by_nationality") and "G9" not in (slots.get("answers") or {}):
            return base.all_of(base.slots(card=wanted, card_also=also), begin("country"))
        if cards()[wanted].get("place") and slots.get("country") is None:
            base.ask(dispatcher, "q.country")
            return base.slots(card=wanted, card_also=also)
        shown = [wanted, *(name for name in also if name in cards() and name != wanted)][:_TOGETHER]
        _show([cards()[name] for name in shown], dispatcher, tracker, facts)
        go_on(dispatcher, tracker)
        return base.slots(card=None, card_also=None)


def _show(found: Sequence[Mapping[str, Any]], dispatcher: CollectingDispatcher, tracker: Tracker, facts: Facts) -> None:
    """Each card once, then once what holds for all of them."""
    country = tracker.slots.get("country")
    here = [card for card in found if not card.get("place") or country not in {None, "elsewhere"}]
    nationality = str(tracker.slots.get("nationality"))
    keys = [
        (card.get("by_nationality") or {}).get(nationality, card["card"]) if card in here else "card.elsewhere"
        for card in found
    ]
    for key in dict.fromkeys(keys):
        base.say(dispatcher, key)
    if any(card.get("law") for card in here):
        base.say(dispatcher, "m.law")
    if any(card.get("human") for card in found):
        say_who_is_here(dispatcher, facts)


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
        """Pages of at most four; a value that begins with ">" turns to another page."""
        answer = base.answer_of(tracker)
        if answer.startswith(_PAGE):
            base.ask(dispatcher, answer.removeprefix(_PAGE))
            return []
        if answer in _ELSEWHERE:
            return [FollowupAction(_ELSEWHERE[answer])]
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
            go_on(dispatcher, tracker)
            return []
        base.say(dispatcher, "card.no_embassy")
        return [base.open_case("M8"), FollowupAction("action_human")]

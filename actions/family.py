"""Families: three safety lines before anything else (screening.md §8.5). Nothing is ever given back about a person."""

from __future__ import annotations

from typing import Any

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.flow import go_on
from actions.handoff import say_who_is_here


class Family(Action):
    """Somebody looks for a relative or friend."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_family"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """In the family's own lane: triggers carry the suffix F."""
        facts = Facts.of(tracker)
        ransom = base.intent_of(tracker) == "report_ransom_demand"
        if facts.view == "open" and not facts.kit_only:
            base.say(dispatcher, "card.family")
            if ransom:
                base.say(dispatcher, "card.ransom")
        say_who_is_here(dispatcher, facts)
        go_on(dispatcher, tracker)
        return base.all_of([base.open_case("H9F" if ransom else "M4F")], base.slots(mode="family"))

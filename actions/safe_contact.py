"""Hide, stop, and what a hidden screen shows (screening.md §8.4)."""

from __future__ import annotations

from typing import Any

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker


class Hide(Action):
    """`hide` sends nothing: it deletes what the channel lets us delete, falls silent and tells the operator."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_hide"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """HIGH for the operator (§8.4.3); the next message meets a neutral greeting."""
        return [
            base.open_case("H10", note="hidden"),
            base.set_view("hidden"),
            base.go_silent(delete=True),
            *base.slots(hidden_greeted=False, loop=None),
        ]


class Stop(Action):
    """`stop` ends; it never lowers or closes anything."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_stop"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """One line, and nothing more until the person writes."""
        hidden = Facts.of(tracker).view == "hidden"  # there, no sign of what was before
        base.say(dispatcher, "m.neutral_ok" if hidden else "m.stop")
        return base.all_of([base.note_on_case("stopped"), base.go_silent(delete=False)], base.slots(loop=None))


class Hidden(Action):
    """A word into a hidden view: a neutral greeting, no history, no sign of what was before."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_hidden"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The alarm of the turn is raised all the same; only the screen is neutral (design §2.13)."""
        greeted = bool(tracker.slots.get("hidden_greeted"))
        base.say(dispatcher, "m.neutral_ok" if greeted else "m.neutral")
        return base.all_of(base.slots(hidden_greeted=True), [base.note_on_case("wrote_while_hidden")])


class WatchedSaid(Action):
    r""" "Someone is coming, they check my phone", said in free words."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_watched_said"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The model's guess never hides a screen by itself: low-trace, a flag, and the quiet question."""
        facts = Facts.of(tracker)
        base.say(dispatcher, "m.notake")
        base.ask(dispatcher, "q.want_quiet" if tracker.slots.get("danger") else "q.danger")
        view = [] if facts.view == "hidden" else [base.set_view("low_trace")]
        return base.all_of(view, [base.open_case("H10")], base.slots(watched="later"))

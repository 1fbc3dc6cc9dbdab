"""Runs real `rasa_sdk` actions in this process, strictly.

rasa_sdk's executor ignores an invalid event with one log line and counts the action as done (`pitfalls.md`); here
it raises. It also lets an action write free text; here only catalogue keys pass (design §2.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

from bot.core.catalogue import Catalogue
from bot.core.errors import ActionRefused, NotApproved
from bot.core.values import Say
from bot.flow.effects import Outcome

_LONGEST_CHAIN = 6  # actions that follow one another in one turn; more is a circle
_SAID = {
    "response",
    "template",
    "values",
    "question",
    "text",
    "buttons",
    "elements",
    "custom",
    "image",
    "attachment",
}
_FREE = ("text", "buttons", "elements", "custom", "image", "attachment")


class _StrictExecutor(ActionExecutor):
    @staticmethod
    def validate_events(events: Any, action_name: str) -> list[dict[str, Any]]:
        """Refuse what rasa_sdk would drop."""
        if not isinstance(events, list) or any(not isinstance(e, dict) or "event" not in e for e in events):
            raise ActionRefused
        return events


class Runner:
    """Every action, and the way to run a chain of them."""

    def __init__(self, actions: Iterable[type[Action]], catalogue: Catalogue, rules: Mapping[str, str]) -> None:
        self._executor = _StrictExecutor()
        for action in actions:
            self._executor.register_action(action)
        self._catalogue = catalogue
        self._rules = rules

    @property
    def names(self) -> frozenset[str]:
        """The names of all actions."""
        return frozenset(self._executor.actions)

    async def run(self, first: str, tracker: Mapping[str, Any]) -> Outcome:
        """Run `first` and what follows it on a tracker (a dict of Rasa's shape, with `facts` in its message).

        Raises:
            ActionRefused: an action is unknown, went in a circle, or returned something that is not ours.
            NotApproved: an action wrote words instead of naming a text.
        """
        outcome = Outcome()
        state = {
            **tracker,
            "slots": dict(tracker["slots"]),
            "latest_message": dict(tracker["latest_message"]),
        }
        name: str | None = first
        for _ in range(_LONGEST_CHAIN):
            if name is None:
                return outcome
            name = self._resumed(name, state)
            if name not in self._executor.actions:
                raise ActionRefused
            call = {"next_action": name, "sender_id": state["sender_id"], "tracker": state, "domain": {}}
            result = await self._executor.run(call)
            if result is None:
                raise ActionRefused
            outcome = self._add(outcome, name, result.events, result.responses)
            _carry(state, result.events)
            name = next((str(e["name"]) for e in result.events if e["event"] == "followup"), None)
        raise ActionRefused

    def _resumed(self, name: str, state: dict[str, Any]) -> str:
        """`action_resume` is what the person asked before the gates."""
        if name != "action_resume":
            return name
        intent = state["latest_message"].get("resume")
        state["latest_message"]["intent"] = {"name": intent}
        state["latest_message"]["also"] = state["slots"].get("asked_also") or ()
        return self._rules.get(str(intent), "action_menu")

    def _add(
        self, outcome: Outcome, name: str, events: list[dict[str, Any]], responses: list[dict[str, Any]]
    ) -> Outcome:
        for event in events:
            outcome = outcome.with_event(event)
        says = tuple(self._say(response) for response in responses)
        return replace(outcome, says=(*outcome.says, *says), actions=(*outcome.actions, name))

    def _say(self, response: Mapping[str, Any]) -> Say:
        key = str(response.get("response") or "")
        if not self._catalogue.has(key) or any(response.get(name) for name in _FREE) or response.keys() - _SAID:
            raise NotApproved
        return Say(key=key, values=dict(response.get("values") or {}), question=response.get("question"))


def _carry(state: dict[str, Any], events: Iterable[Mapping[str, Any]]) -> None:
    """What an action set is true for the actions that follow it in this turn."""
    facts = dict(state["latest_message"]["facts"])
    for event in events:
        if event["event"] == "slot":
            if event["name"] == "asked" and event["value"] is None:
                state["latest_message"]["resume"] = state["slots"].get("asked")
            state["slots"][event["name"]] = event["value"]
        elif event["event"] == "hotline.case":
            facts["triggers"] = tuple(sorted({*facts["triggers"], *event["triggers"]}))
        elif event["event"] == "hotline.view":
            facts["view"] = event["view"]
        elif event["event"] == "hotline.language":
            facts["language"] = event["language"]
            facts["kit_only"] = False  # only languages with a full catalogue are offered
    state["latest_message"]["facts"] = facts

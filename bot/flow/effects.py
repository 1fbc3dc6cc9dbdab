"""What actions may change: the typed effects, read strictly. Anything unknown or malformed is refused (design §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.errors import ActionRefused
from bot.core.ladder import TRIGGERS
from bot.core.values import Say

_VIEWS = ("open", "low_trace", "hidden")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that a turn decided: what to say and what to change. Nothing has happened yet."""

    says: tuple[Say, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    triggers: frozenset[str] = frozenset()  # from the flow; the danger scan's come apart
    notes: tuple[str, ...] = ()
    view: str | None = None
    language: str | None = None
    window: bool = False  # the person opened a safe hour
    silence: bool = False
    delete: bool = False
    actions: tuple[str, ...] = ()  # the names that ran, for the tracker's last events

    def with_event(self, event: Mapping[str, Any]) -> Outcome:
        """This outcome with one more event.

        Raises:
            ActionRefused: the event is unknown or malformed (rasa_sdk itself would only log and drop it).
        """
        try:
            return _READERS[event["event"]](self, event)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ActionRefused from None


def _slot(outcome: Outcome, event: Mapping[str, Any]) -> Outcome:
    return replace(outcome, slots={**outcome.slots, str(event["name"]): event["value"]})


def _case(outcome: Outcome, event: Mapping[str, Any]) -> Outcome:
    triggers = frozenset(event["triggers"])
    if not triggers or any(t.removesuffix("F") not in TRIGGERS for t in triggers):
        raise ValueError
    notes = (*outcome.notes, str(event["note"])) if event.get("note") else outcome.notes
    return replace(outcome, triggers=outcome.triggers | triggers, notes=notes)


def _note(outcome: Outcome, event: Mapping[str, Any]) -> Outcome:
    return replace(outcome, notes=(*outcome.notes, str(event["kind"])))


def _view(outcome: Outcome, event: Mapping[str, Any]) -> Outcome:
    if event["view"] not in _VIEWS:
        raise ValueError
    return replace(outcome, view=event["view"])


def _language(outcome: Outcome, event: Mapping[str, Any]) -> Outcome:
    return replace(outcome, language=str(event["language"]))


def _window(outcome: Outcome, _event: Mapping[str, Any]) -> Outcome:
    return replace(outcome, window=True)


def _silence(outcome: Outcome, event: Mapping[str, Any]) -> Outcome:
    return replace(outcome, silence=True, delete=outcome.delete or bool(event["delete"]))


def _nothing(outcome: Outcome, _event: Mapping[str, Any]) -> Outcome:
    return outcome


_READERS = {
    "slot": _slot,
    "followup": _nothing,  # the runner follows it
    "hotline.case": _case,
    "hotline.note": _note,
    "hotline.view": _view,
    "hotline.language": _language,
    "hotline.window": _window,
    "hotline.silence": _silence,
}

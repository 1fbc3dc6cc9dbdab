"""What every action is built from. An action decides and does no input or output (design §5).

It is a real `rasa_sdk` action: `run(dispatcher, tracker, domain) -> events`. Three things are special here:
- it names approved texts and never writes words: `say(dispatcher, "card.unpaid")`;
- what is true at this moment (who is on shift, what the screen may show) comes in with the tracker: `Facts`;
- what changes the world is one of the typed effects below, carried out in the turn's own transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.question import Question
from actions.steps import asked_questions

Event = dict[str, Any]
Events = list[Event]

__all__ = ["Action", "CollectingDispatcher", "Event", "Events", "Facts", "Question", "SlotSet", "Tracker"]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is true while this turn is decided. Put into the tracker by the turn, never by a person."""

    presence: str  # "on_shift" | "on_call" | "nobody": may a human be named? (design §2.9)
    speaks: bool  # someone on shift speaks this language
    demo: bool  # this is a test line
    first: bool  # nothing was ever said to this contact
    view: str  # "open" | "low_trace" | "hidden"
    language: str | None  # the conversation's language, None while unsure
    triggers: tuple[str, ...]  # what alarmed in this message
    case_open: bool  # a case row exists, so somebody will read this
    closed_lately: bool  # a human closed a case of this contact within 72 hours
    window_until: str  # end of a one-hour safe window from now, as local clock time
    kit_only: bool = False  # the language has the emergency kit and no more: a few lines, then a human

    @classmethod
    def of(cls, tracker: Tracker) -> Facts:
        """The facts of this turn."""
        given = dict(tracker.latest_message["facts"])
        return cls(**{**given, "triggers": tuple(given["triggers"])})


@cache
def questions() -> Mapping[str, Question]:
    """Every question that the bot may ask."""
    content = yaml.safe_load((Path(__file__).parent / "questions.yml").read_text(encoding="utf-8"))
    return asked_questions() | {
        key: Question(
            id=key,
            then=entry["then"],
            choices=tuple((str(value), label) for value, label in entry["choices"].items()),
            words={str(word): str(value) for word, value in (entry.get("words") or {}).items()},
        )
        for key, entry in content.items()
    }


def say(dispatcher: CollectingDispatcher, key: str, **values: str) -> None:
    """Say one approved text."""
    dispatcher.utter_message(response=key, values=values)


def ask(dispatcher: CollectingDispatcher, question_id: str) -> None:
    """Ask a question; its choices come from `questions.yml`."""
    dispatcher.utter_message(response=question_id, question=question_id)


def what_next(facts: Facts) -> str:
    """The question that offers what to do next; what may be offered depends on the view and on what can be said."""
    return "q.want" if facts.view == "open" and not facts.kit_only else "q.want_quiet"


def answer_of(tracker: Tracker) -> str:
    """The value that was chosen for the open question."""
    return str(tracker.latest_message.get("answer") or "")


def intent_of(tracker: Tracker) -> str | None:
    """The intent of this message, None where the machine is not sure."""
    name = (tracker.latest_message.get("intent") or {}).get("name")
    return str(name) if name else None


def also_of(tracker: Tracker) -> tuple[str, ...]:
    """What else this message asks for, intents in its order."""
    return tuple(tracker.latest_message.get("also") or ())


# -- effects: what changes the world. `bot/flow/effects.py` carries them out and knows no others ----------


def open_case(*triggers: str, note: str | None = None) -> Event:
    """Open a case with these triggers, or raise the open one."""
    return {"event": "hotline.case", "triggers": list(triggers), "note": note}


def note_on_case(kind: str) -> Event:
    """Write an event on the open case, if there is one."""
    return {"event": "hotline.note", "kind": kind}


def set_view(view: str) -> Event:
    """Change what the screen may show, because the person said so."""
    return {"event": "hotline.view", "view": view}


def set_language(code: str) -> Event:
    """Go on in another language."""
    return {"event": "hotline.language", "language": code}


def allow_writing() -> Event:
    """The person allowed a human to write within the next hour: a safe window."""
    return {"event": "hotline.window"}


def go_silent(*, delete: bool) -> Event:
    """Take back everything queued and close the live window; with `delete`, clear the chat on the phone too."""
    return {"event": "hotline.silence", "delete": delete}


def slots(**values: Any) -> Events:
    """One SlotSet for each name."""
    return [SlotSet(name, value) for name, value in values.items()]


def all_of(*parts: Iterable[Event]) -> Events:
    """One list of several lists of events."""
    return [event for part in parts for event in part]

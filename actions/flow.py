"""Asking the steps of a flow one by one: answer, skip, again, back, rest, and on to what comes after.

A flow that is interrupted (a card, a person, another language) goes on where it was: whatever action ends by asking
what next calls `go_on`, which asks the open step again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk.events import FollowupAction

from actions import base
from actions.base import Action, CollectingDispatcher, Events, Facts, Tracker
from actions.steps import MORE, SKIP, Asked, Step, flows, following, step_of, steps

_HELD = frozenset({"trapped", None})
"""Modes of somebody who is held, or of whom nobody knows (screening.md §4: unsure who it is → trapped)."""


def begin(name: str) -> Events:
    """Start a flow; what was answered before is not asked again."""
    return base.all_of(base.slots(flow=Asked(name=name).saved()), [FollowupAction("action_flow_next")])


def go_on(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Ask what is open: the gate, the step of the flow under way, or what would help next."""
    facts, slots = Facts.of(tracker), tracker.slots
    if not (slots.get("danger") or slots.get("mode")):
        base.ask(dispatcher, "q.danger" if slots.get("watched") else "q.watched")
        return
    step = open_step(tracker)
    if step is not None:
        base.ask(dispatcher, step.key)
        return
    out = slots.get("mode") == "out" and slots.get("watched") == "no" and "S01" not in _answers(tracker)
    next_question = base.what_next(facts)
    base.ask(dispatcher, "q.want_out" if out and next_question == "q.want" else next_question)


def open_step(tracker: Tracker) -> Step | None:
    """The step that waits for its answer, if it may be shown now."""
    asked = Asked.of(tracker.slots.get("flow"))
    if asked is None or not asked.trail or not _may_go_on(asked, Facts.of(tracker)):
        return None
    last = steps()[asked.trail[-1]]
    return last if last.stands_for not in _answers(tracker) else None


class FlowNext(Action):
    """The next step, a rest, or what follows the flow."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_flow_next"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """A part of six, then the person says whether to go on (screening.md §4, §5.2)."""
        asked = Asked.of(tracker.slots.get("flow"))
        if asked is None:
            go_on(dispatcher, tracker)
            return []
        flow, facts = flows()[asked.name], Facts.of(tracker)
        step = following(asked, _answers(tracker), mode=tracker.slots.get("mode"), minor=_is_minor(tracker))
        if step is None or not _may_go_on(asked, facts):
            return base.all_of(base.slots(flow=None), [FollowupAction(flow.then)])
        if flow.part and len(asked.trail) - asked.rested >= flow.part:
            base.ask(dispatcher, "q.go_on")
            return base.slots(flow=replace(asked, rested=len(asked.trail), hard=0).saved())
        base.ask(dispatcher, step.key)
        trail = (*(name for name in asked.trail if name != step.id), step.id)
        return base.slots(flow=replace(asked, trail=trail).saved())


class FlowAnswer(Action):
    """A step answered: its signs raise at once, not at the end (screening.md §6.1)."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_flow_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """A critical sign leaves the flow for its branch; two hard questions skipped in a row end it."""
        step = step_of(tracker.latest_message.get("open_question"))
        answer = base.answer_of(tracker)
        if step is None or not answer:
            return [FollowupAction("action_flow_next")]
        if answer == MORE and step.pages:
            base.ask(dispatcher, steps()[step.pages].key)
            return []
        asked = Asked.of(tracker.slots.get("flow")) or Asked(name="short", trail=(step.id,))
        known = {**_answers(tracker), step.stands_for: answer}
        hard = 0 if not step.hard else asked.hard + 1 if answer == SKIP else 0
        asked = replace(asked, hard=hard)
        triggers = _triggers(step, answer, tracker)
        case = [base.open_case(*triggers)] if triggers else []
        kept = base.slots(answers=known, flow=asked.saved(), **_learnt(step, answer))
        if "C7" in triggers or "H6" in triggers:
            return base.all_of(case, kept, [FollowupAction("action_minor")])
        if "C3" not in triggers and any(trigger.startswith("C") for trigger in triggers):
            return base.all_of(case, kept, [FollowupAction(_branch_of(triggers))])
        if hard >= 2:
            base.say(dispatcher, "s.enough")
            return base.all_of(case, kept, base.slots(flow=None), [FollowupAction(flows()[asked.name].then)])
        return base.all_of(case, kept, [FollowupAction("action_flow_next")])


class GoOnAnswer(Action):
    """After a part: go on, later, or a person."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_go_on_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """ "Later" keeps everything: the next word goes on from here."""
        answer = base.answer_of(tracker)
        if answer == "go_on":
            return [FollowupAction("action_flow_next")]
        if answer == "person":
            return [FollowupAction("action_human")]
        base.say(dispatcher, "m.later")
        return []


class Skip(Action):
    """ "Skip this", said in free words."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_skip"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """The open step is skipped; without one, what next."""
        step = open_step(tracker)
        if step is None:
            go_on(dispatcher, tracker)
            return []
        known = {**_answers(tracker), step.stands_for: SKIP}
        return base.all_of(base.slots(answers=known), [FollowupAction("action_flow_next")])


class Again(Action):
    """ "Say it again", "I do not understand you"."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_again"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """What is open, once more, and that any answer may be left out."""
        base.say(dispatcher, "nu.again")
        go_on(dispatcher, tracker)
        return []


class Correct(Action):
    """ "No, I meant something else", "wrong button": back to the question before."""

    def name(self) -> str:
        """Its name in domain.yml."""
        return "action_correct"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """What was answered last is asked again. An alarm that it raised stays: only a human lowers (design §2.5)."""
        asked = Asked.of(tracker.slots.get("flow"))
        known = _answers(tracker)
        answered = [name for name in asked.trail if name in known] if asked else []
        if asked is None or not answered:
            base.say(dispatcher, "nu.correct")
            go_on(dispatcher, tracker)
            return []
        last = answered[-1]
        trail = tuple(name for name in asked.trail if name in known and name != last)
        kept = {name: value for name, value in known.items() if name != last}
        back = replace(asked, trail=trail, rested=min(asked.rested, len(trail)), hard=0)
        base.say(dispatcher, "nu.correct")
        return base.all_of(base.slots(answers=kept, flow=back.saved()), [FollowupAction("action_flow_next")])


def _may_go_on(asked: Asked, facts: Facts) -> bool:
    """Whether a flow's questions can be said now: in a language that has them, and in a view that may show them."""
    return not facts.kit_only and (facts.view == "open" or not flows()[asked.name].open)


def _branch_of(triggers: list[str]) -> str:
    return "action_travelling" if "C14" in triggers else "action_emergency"


def _triggers(step: Step, answer: str, tracker: Tracker) -> list[str]:
    """A child who is held, or of whom nobody knows, is C7 (screening.md §7)."""
    sign = step.signs.get(answer)
    triggers = list(sign.triggers) if sign else []
    if "H6" in triggers and tracker.slots.get("mode") in _HELD:
        triggers.append("C7")
    return triggers


def _learnt(step: Step, answer: str) -> dict[str, Any]:
    """What an answer says beside being one."""
    if step.id == "G6" and answer == "yes":
        return {"minor": True}
    return {"nationality": answer} if step.stands_for == "G9" and answer != SKIP else {}


def _answers(tracker: Tracker) -> dict[str, str]:
    return dict(tracker.slots.get("answers") or {})


def _is_minor(tracker: Tracker) -> bool:
    return bool(tracker.slots.get("minor"))

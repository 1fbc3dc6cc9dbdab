"""Deciding one turn: facts and what was heard become an outcome. Pure but for the in-process action run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from actions.base import Facts
from actions.opening import KEPT
from actions.steps import steps
from bot.core.catalogue import Catalogue
from bot.core.values import Arrival, Say
from bot.flow.dialogue import Heard, answer_or_unsure, choose
from bot.flow.effects import Outcome
from bot.flow.hearing import Hearing
from bot.flow.runner import Runner
from bot.flow.window import SAFE_HOUR
from escalation.lines import HumanTruth
from escalation.risk import Table
from nlu.language_table import languages

_CAMBODIA = timezone(timedelta(hours=7))  # no summer time
_SURE = 0.6  # language confidence from which a language that we do not speak is named as such


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Where the conversation stands when a turn is decided."""

    conversation_id: UUID
    slots: Mapping[str, Any]
    language: str | None
    view: str
    held: bool
    newest: bool
    late: bool
    demo: bool
    case_open: bool
    closed_lately: bool
    truth: HumanTruth
    triggers: frozenset[str]
    risk: Table  # every sign of the conversation so far, this message's among them
    kit_only: bool  # the language has the emergency kit alone
    languages: Mapping[str, float]  # what the messages so far, this one among them, say of the language
    now: datetime


def language_of(hearing: Hearing, arrival: Arrival, current: str | None, catalogue: Catalogue) -> str | None:
    """The conversation's language after this message: sticky, an offered one, or None while unsure.

    Somebody who writes a language that we do not speak is answered in the nearest that we do, if one is near. What the
    person's app says is taken only where the words themselves say nothing.
    """
    heard = hearing.understanding.language
    if heard in catalogue.languages or (heard in catalogue.kits and not _reads(heard, current)):
        return heard
    if current is not None:
        return current
    if heard is not None:
        return languages().offered_for(heard, catalogue.languages)
    return offered(arrival.language_hint, catalogue)


def _reads(heard: str | None, current: str | None) -> bool:
    """Whether somebody who writes `heard` reads the conversation's language anyway (Malay, Indonesian)."""
    known = languages().get(heard)
    return known is not None and current in known.nearest


def offered(code: str | None, catalogue: Catalogue) -> str | None:
    """The offered language that a code such as `id-ID` or `zh-hans` means, or None."""
    if not code:
        return None
    wanted = code.replace("_", "-").lower()
    exact = {language.lower(): language for language in (*catalogue.languages, *catalogue.kits)}
    if wanted in exact:
        return exact[wanted]
    if wanted.split("-")[0] == "zh":
        traditional = any(sign in wanted for sign in ("hant", "tw", "hk", "mo"))
        return exact.get("zh-hant" if traditional else "zh-hans")
    return exact.get(wanted.split("-")[0])


async def decide(
    arrival: Arrival, hearing: Hearing, situation: Situation, *, runner: Runner, rules: Mapping[str, str]
) -> Outcome:
    """What this turn says and changes.

    Raises:
        ActionRefused, NotApproved: an action went wrong; nothing was changed.
    """
    heard = _heard(arrival, hearing, situation)
    facts = _facts(situation, heard.triggers)
    action = choose(heard, situation.slots, facts, rules)
    if action is None:
        return _kept_for_later(hearing, situation)
    message = {
        "intent": {"name": heard.intent, "confidence": hearing.understanding.confidence},
        "also": heard.also,
        "entities": [{"entity": e.kind, "value": e.value} for e in hearing.understanding.entities],
        "text": "",  # actions decide on meaning, never on words (design §2.10)
        "facts": asdict(facts),
        "answer": answer_or_unsure(heard, action),
        "language": _named(hearing.understanding.language),
        "open_question": heard.asked.question.id if heard.asked else None,
    }
    tracker = {
        "sender_id": str(situation.conversation_id),
        "slots": {**situation.slots, **_counters(action)},
        "latest_message": message,
        "events": [],
        "paused": situation.held,
        "active_loop": {},
    }
    outcome = await runner.run(action, tracker)
    slots = {**_counters(action), **_suggested(heard, situation.slots), **outcome.slots}
    outcome = replace(outcome, slots=slots)
    if heard.unanswered:
        return replace(outcome, says=())
    outcome = replace(outcome, slots={"alarmed": None, **outcome.slots})
    return _on_a_test_line(outcome, facts)


def _named(code: str | None) -> dict[str, str] | None:
    """The language of the message, with its own name for itself."""
    known = languages().get(code)
    return {"code": known.code, "name": known.native} if known else None


def _on_a_test_line(outcome: Outcome, facts: Facts) -> Outcome:
    """In demo mode the first words say that nobody is here (screening.md §3.5)."""
    if not outcome.says:
        return outcome
    says = outcome.says
    if facts.demo and facts.first and (outcome.view or facts.view) != "hidden":
        # "Nobody is here" would be a false line while somebody practises on shift.
        says = (Say(key="m.test_staffed" if facts.presence == "on_shift" else "m.test"), *says)
    return replace(outcome, says=says, slots={"greeted": True, **outcome.slots})


def _heard(arrival: Arrival, hearing: Hearing, situation: Situation) -> Heard:
    understanding = hearing.understanding
    unspoken = (
        understanding.language not in {None, situation.language, situation.slots.get("language_named")}
        and understanding.language_confidence >= _SURE
    )
    return Heard(
        kind=arrival.kind,
        intent=understanding.intent,
        also=understanding.also,
        named={e.kind: e.value for e in reversed(understanding.entities)},
        safe_word=hearing.safe_word,
        answer=hearing.answer,
        asked=hearing.asked,
        triggers=situation.triggers | frozenset(situation.slots.get("alarmed") or ()),
        held=situation.held,
        newest=situation.newest,
        late=situation.late,
        unspoken=unspoken,
    )


def _facts(situation: Situation, triggers: frozenset[str]) -> Facts:
    until = (situation.now + SAFE_HOUR).astimezone(_CAMBODIA)
    return Facts(
        presence=situation.truth.presence,
        speaks=situation.truth.speaks,
        demo=situation.demo,
        first=not situation.slots.get("greeted"),
        view=situation.view,
        language=situation.language,
        triggers=tuple(sorted(triggers)),
        case_open=situation.case_open,
        closed_lately=situation.closed_lately,
        window_until=until.strftime("%H:%M"),
        kit_only=situation.kit_only,
    )


def _counters(action: str) -> dict[str, Any]:
    """Misses count in a row only: any understood message starts them again."""
    counters = {"misses": "action_not_understood", "repeats": "action_ask_again"}
    return {name: 0 for name, counted in counters.items() if action != counted}


def _suggested(heard: Heard, slots: Mapping[str, Any]) -> dict[str, Any]:
    """Signs found in free words: for the operator's card, until an answer or an operator confirms them (§6.1)."""
    known = list(slots.get("suggested") or ())
    found = [
        f"{step.id}={step.said[intent]}"
        for intent in heard.wishes
        for step in steps().values()
        if intent in step.said and intent not in KEPT
    ]
    new = [sign for sign in dict.fromkeys(found) if sign not in known]
    return {"suggested": [*known, *new]} if new else {}


def _kept_for_later(hearing: Hearing, situation: Situation) -> Outcome:
    """A message that is not answered by itself (a burst, a late one) still says what the person wanted."""
    intent, slots = hearing.understanding.intent, dict[str, Any]()
    if situation.triggers and not situation.late and not situation.held:
        slots["alarmed"] = sorted({*situation.triggers, *(situation.slots.get("alarmed") or ())})
    if intent and intent not in KEPT and not situation.held and not situation.slots.get("danger"):
        slots["asked"] = intent
    return Outcome(slots=slots)

"""What a message's findings and intent mean on the ladder of `screening.md` §7. Pure; on doubt, up.

Phrases carry most alarms: `Finding.trigger` is a trigger already. This file judges their polarity and adds
what an intent says by itself. What a text cannot carry (C13, H15, G4's H16, M9, M10) comes from the flow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from bot.core.ladder import TRIGGERS, Level, highest, level_of
from bot.core.values import Finding, Understanding

SURE_ENOUGH = {Level.CRITICAL: 0.40, Level.HIGH: 0.50, Level.MEDIUM: 0.60, Level.LOW: 0.60}
"""Confidence (0..1) from which an intent alone raises a trigger: the worse the danger, the less is asked.

An intent that was refused as an answer still alarms when its share of the ranking reaches this."""


@dataclass(frozen=True, kw_only=True)
class _Means:
    """The trigger of an intent: for somebody held or of unknown mode, and for somebody known to be out."""

    held: str
    out: str


def _both(trigger: str) -> _Means:
    return _Means(held=trigger, out=trigger)


INTENTS = {
    "help_danger_now": _both("C1"),
    "help_escaping": _both("C2"),
    "disclose_jump": _both("C4"),
    "need_doctor": _both("C5"),  # H7 if it is no emergency, which only a human or G5a can say
    "disclose_sold": _both("C6"),  # the time is not known from the intent: on doubt, within 48 h
    "disclose_minor": _Means(held="C7", out="H6"),
    "disclose_sexual_violence": _both("C10"),  # "recent, or whose time is not said"
    "travelling_now": _both("C14"),
    "help_trapped": _both("H1"),
    "disclose_violence": _both("H2"),
    "disclose_suicidal": _both("H14"),  # plan, means and time are C3, by phrase or by U2 and U3
    "report_ransom_demand": _both("H9F"),
    "report_missing_relative": _both("M4F"),
    "help_sent_back": _both("H13"),
    "recruiter_under_threat": _both("H1"),
    "talk_to_human": _Means(held="H1", out="M8"),
    "help_detained": _both("M6"),  # H5 when a need is named, see `_detained`
    "ask_fines": _both("M6"),
    "help_released": _both("M1"),
    "money_lost": _both("M7"),
    "ask_job_offer_check": _both("L3"),
}
"""Intent → trigger. Signs such as a debt or long hours raise nothing alone (M2 counts two of the eleven)."""

UNSURE = "H16"
"""What an intent that means something critical raises by itself: a human looks within 15 minutes. Measured on messages
kept apart: where it is right, phrases or the learnt voice for danger have raised the critical alarm already (1 of 432
more), and it is wrong about every third message that only looks like danger ("my battery is dying")."""

_DETAINED_NEEDS = frozenset({"C5", "H2", "H5", "H7"})


def level_of_findings(
    findings: Iterable[Finding], *, understanding: Understanding | None = None, held_or_unknown: bool = True
) -> frozenset[str]:
    """The triggers that one message raises, as ids of the ladder (a family's end in `F`); empty = no alarm.

    A denied finding raises nothing, an unsure one does. `held_or_unknown` is the person's mode before this
    message. An unsure language raises nothing by itself; together with any lesser sign it is H16 (§7).
    """
    triggers = {f.trigger for f in findings if f.polarity != "denied" and _is_known(f.trigger)}
    if understanding is None:
        return frozenset(triggers)
    triggers |= {f.trigger for f in understanding.findings if f.polarity != "denied" and _is_known(f.trigger)}
    triggers |= set(_of_intents(understanding, frozenset(triggers), held_or_unknown))
    top = highest(triggers)
    if understanding.language is None and top is not None and top < Level.HIGH:
        triggers.add("H16")
    return frozenset(triggers)


def _of_intents(said: Understanding, found: Collection[str], held: bool) -> Iterator[str]:
    for intent, confidence in _shares(said).items():
        means = INTENTS.get(intent)
        if means is None:
            continue
        trigger = means.held if held else means.out
        if confidence < SURE_ENOUGH[level_of(trigger)]:
            continue
        if intent == "help_detained":
            yield _detained(found, said)
        elif level_of(trigger) < Level.CRITICAL:
            yield trigger
        elif highest(found) != Level.CRITICAL:
            yield UNSURE


def _shares(said: Understanding) -> dict[str, float]:
    shares = dict(said.ranking) | dict.fromkeys(said.also, 1.0)  # its clauses are sure of these
    if said.intent is not None:  # accepted by whoever understood it, with a threshold of its own
        shares[said.intent] = max(1.0, said.confidence)
    return shares


def _detained(found: Collection[str], said: Understanding) -> str:
    """H5 where a need is named: no food, water or doctor, money asked, or a paper to sign; else M6."""
    named = any(entity.kind in {"amount", "document"} for entity in said.entities)
    return "H5" if named or _DETAINED_NEEDS & set(found) else "M6"


def _is_known(trigger: str) -> bool:
    """A phrase list with a typing error must not stop the turn; its own tests find it."""
    return trigger.removesuffix("F") in TRIGGERS

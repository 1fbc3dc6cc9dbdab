"""No sequence of messages crashes, loops, asks what must be skipped, shows a forbidden line, lowers an alarm, or leaves
the flow without a way to a human. Pure: the dialogue, its actions and the view, without a store."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import actions
from actions.base import questions
from actions.steps import SKIP, may_ask, step_of, steps
from bot.core.crypto import Keyring, new_key, read_key
from bot.core.values import Arrival, ArrivalKind, Finding, Understanding
from bot.flow.answers import OpenQuestion
from bot.flow.deciding import Situation, decide
from bot.flow.dialogue import Rules
from bot.flow.effects import Outcome
from bot.flow.hearing import Hearing
from bot.flow.runner import Runner
from bot.flow.view import Rendered, render
from escalation.lines import HumanTruth
from tests.conversations.talk import CATALOGUE, ROOT
from tests.scale import SCALE

RULES = Rules(ROOT / "bot" / "rules.yml").by_intent
INTENTS = sorted(yaml.safe_load((ROOT / "bot" / "domain.yml").read_text(encoding="utf-8"))["intents"])
KEYS = Keyring([read_key(new_key())], read_key(new_key()))
SPOKEN = [*CATALOGUE.languages, *CATALOGUE.kits]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORBIDDEN = re.compile(
    r"will not be punished|won't be punished|you are a victim|have immunity|police will free|can stay in cambodia"
    r"|must let you go(?!\.)|you are safe|we will get you out|they will come",
    re.IGNORECASE,
)
CLAIMS = {"human.calling", "human.speaks", "human.translator", "em.seen.on_shift", "em.still_calling"}

MOVES = st.one_of(
    st.tuples(st.just("choose"), st.integers(0, 4)),
    st.tuples(st.just("choose"), st.integers(0, 4)),
    st.tuples(st.just("skip"), st.just(SKIP)),
    st.tuples(st.just("intent"), st.sampled_from(INTENTS)),
    st.tuples(st.just("danger"), st.sampled_from(["C1", "C3", "C4", "C5", "C7", "C10", "C14", "H1", "H14", "H6"])),
    st.tuples(st.just("word"), st.sampled_from(["stop", "hide"])),
    st.tuples(st.just("kind"), st.sampled_from([ArrivalKind.MEDIA, ArrivalKind.UNKNOWN, ArrivalKind.LOCATION])),
    st.tuples(st.just("noise"), st.none()),
)


class Person:
    """One conversation's state between turns, as the turn keeps it."""

    def __init__(self, language: str, presence: str) -> None:
        self.language, self.presence = language, presence
        self.slots: dict[str, Any] = {}
        self.view = "open"
        self.asked: OpenQuestion | None = None
        self.raised: set[str] = set()
        self.case_open = False

    async def move(self, kind: str, what: Any) -> tuple[Outcome, Rendered | None]:
        """One message; what was decided and drawn for it."""
        hearing, arrival = self._heard(kind, what)
        situation = Situation(
            conversation_id=uuid4(),
            slots=self.slots,
            language=self.language,
            view=self.view,
            held=False,
            newest=True,
            late=False,
            demo=False,
            case_open=self.case_open,
            closed_lately=False,
            truth=HumanTruth(presence=cast(Any, self.presence), speaks=False),
            triggers=frozenset(f.trigger for f in hearing.findings),
            risk={},
            kit_only=self.language in CATALOGUE.kits,
            languages={},
            now=NOW,
        )
        outcome = await decide(arrival, hearing, situation, runner=RUNNER, rules=RULES)
        self.slots = {**self.slots, **outcome.slots}
        self.view = outcome.view or self.view
        self.language = outcome.language or self.language
        triggers = outcome.triggers | situation.triggers
        self.raised |= triggers
        self.case_open = self.case_open or bool(triggers)
        drawn = render(
            outcome.says,
            outbound_id=uuid4(),
            conversation_id=situation.conversation_id,
            language=self.language,
            view=self.view,
            with_buttons=True,
            catalogue=CATALOGUE,
            keyring=KEYS,
        )
        if drawn is not None or outcome.silence or outcome.actions:
            self.asked = drawn.asked if drawn else None
        return outcome, drawn

    def _heard(self, kind: str, what: Any) -> tuple[Hearing, Arrival]:
        said = Understanding(language=self.language, language_confidence=1.0, script="", intent=None, confidence=0.0)
        hearing = Hearing(understanding=said, findings=(), safe_word=None, answer=None, asked=self.asked)
        arrival = Arrival(kind=ArrivalKind.TEXT, address="x", provider_id="1", text="words", at=NOW)
        if kind == "choose" and self.asked:
            choices = self.asked.question.choices
            hearing = replace(hearing, answer=choices[what % len(choices)][0])
        elif kind == "skip" and self.asked and SKIP in dict(self.asked.question.choices):
            hearing = replace(hearing, answer=SKIP)
        elif kind == "intent":
            hearing = replace(hearing, understanding=replace(said, intent=what, confidence=0.9))
        elif kind == "danger":
            hearing = replace(hearing, findings=(Finding(trigger=what, voice="phrase"),))
        elif kind == "word":
            hearing = replace(hearing, safe_word=what)
        elif kind == "kind":
            arrival = replace(arrival, kind=what, text="")
        return hearing, arrival


RUNNER = Runner(actions.EVERY, CATALOGUE, RULES)


def _check(person: Person, before: Person, outcome: Outcome, drawn: Rendered | None, kind: str) -> None:
    keys = {say.key for say in outcome.says}
    if person.presence == "nobody":
        assert not keys & CLAIMS, "no line about a human that is not true"
    assert before.raised <= person.raised, "a level never falls"
    if drawn is None:
        assert outcome.silence or kind in {"kind", "word", "choose"} or not outcome.says
        return
    assert not FORBIDDEN.search(drawn.text)
    assert len(drawn.text) <= 4096
    if drawn.asked is not None:
        step = step_of(drawn.asked.question.id)
        if step is not None and step.stands_for == step.id:
            answers = person.slots.get("answers") or {}
            minor = bool(person.slots.get("minor"))
            assert not step.operator
            assert may_ask(step, answers, mode=person.slots.get("mode"), minor=minor)
        if person.view == "open" and not drawn.asked.quiet:
            assert drawn.buttons


@pytest.mark.parametrize("presence", ["nobody", "on_shift"])
@settings(max_examples=400 * SCALE, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=SCALE == 1)
@given(language=st.sampled_from(SPOKEN), moves=st.lists(MOVES, min_size=3, max_size=40))
def test_no_sequence_of_messages_breaks_a_rule(presence: str, language: str, moves: list[tuple[str, Any]]) -> None:
    async def talk() -> None:
        person = Person(language, presence)
        for kind, what in moves:
            before = Person(person.language, presence)
            before.raised = set(person.raised)
            outcome, drawn = await person.move(kind, what)
            _check(person, before, outcome, drawn, kind)
        if person.view != "hidden":
            outcome, _ = await person.move("intent", "talk_to_human")
            assert {say.key.split(".")[0] for say in outcome.says} & {"human", "em", "op", "m", "su", "nu"}

    asyncio.run(talk())


def test_every_question_leads_somewhere() -> None:
    """Whatever is chosen, an action takes it."""
    names = {action().name() for action in actions.EVERY}
    assert {question.then for question in questions().values()} <= names
    assert {step.pages for step in steps().values() if step.pages} <= set(steps())

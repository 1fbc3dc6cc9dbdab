"""The questions of screening as data (`actions/screening.yml`), and which comes next. Pure.

A flow is a list of steps. What was answered stands in the slot `answers` (step → value); where a conversation is in its
flow stands in the slot `flow`. An answer that nobody gave is no answer: it is never read as "no" (screening.md §6.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.question import Question

SKIP = "skip"
MORE = "more"
UNKNOWN = frozenset({SKIP, "not_sure"})
"""Answers that say nothing."""

_YN = {"yes": "a.yes", "no": "a.no", "not_sure": "a.not_sure"}
_YN_SAID = {"affirm": "yes", "deny": "no", "not_sure": "not_sure", "skip": SKIP}
_YN_WORDS = {"yes": "yes", "no": "no", "not_sure": "not_sure", "skip": SKIP}
_PICK_WORDS = {"not_sure": SKIP, "skip": SKIP}


@dataclass(frozen=True, kw_only=True)
class Sign:
    """What one answer is a sign of (screening.md §6.1)."""

    indicators: tuple[int, ...] = ()  # 1 to 11, facts.md §9
    elements: tuple[str, ...] = ()  # act, means, purpose; weak_means needs another beside it
    strong: bool = False
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One question."""

    id: str
    choices: Mapping[str, str]  # value → catalogue key of its label, without "skip"
    words: Mapping[str, str]
    signs: Mapping[str, Sign] = field(default_factory=dict)
    follow: Mapping[str, str] = field(default_factory=dict)
    unless: Mapping[str, Sequence[str]] = field(default_factory=dict)
    modes: tuple[str, ...] = ()  # () = all
    said: Mapping[str, str] = field(default_factory=dict)
    entity: str | None = None
    pages: str | None = None  # the step that holds the further choices
    stands_for: str  # the step whose answer this gives; itself, or the first page
    operator: bool = False
    hard: bool = False
    adults: bool = False

    @property
    def key(self) -> str:
        """Catalogue key of its words, and the question's id."""
        return f"s.{self.id}"


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Steps in order, and what follows them."""

    name: str
    steps: tuple[str, ...]
    then: str
    most: int | None = None
    part: int | None = None
    open: bool = False  # asked in an open view only
    quits: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Where a conversation is in a flow: what the slot `flow` holds."""

    name: str
    trail: tuple[str, ...] = ()  # steps asked, in order
    rested: int = 0  # questions asked when the last rest was offered
    hard: int = 0  # hard questions skipped in a row

    @classmethod
    def of(cls, saved: Any) -> Asked | None:
        """From the slot; None where no flow is under way."""
        if not saved:
            return None
        return cls(name=saved["name"], trail=tuple(saved["trail"]), rested=saved["rested"], hard=saved["hard"])

    def saved(self) -> dict[str, Any]:
        """For the slot."""
        return {"name": self.name, "trail": list(self.trail), "rested": self.rested, "hard": self.hard}


def following(asked: Asked, answers: Mapping[str, str], *, mode: str | None, minor: bool) -> Step | None:
    """The step to ask next, or None where the flow is done."""
    flow = flows()[asked.name]
    if any(answers.get(step) in values for step, values in flow.quits.items()):
        return None
    if flow.most is not None and len(set(asked.trail)) >= flow.most:
        return None
    for step in _in_order(flow, answers):
        if step.id not in answers and may_ask(step, answers, mode=mode, minor=minor):
            return step
    return None


def may_ask(step: Step, answers: Mapping[str, str], *, mode: str | None, minor: bool) -> bool:
    """Whether the bot may ask this of this person (screening.md §5.2, skip rules)."""
    if step.operator or (step.modes and mode not in step.modes) or (step.adults and minor):
        return False
    return not _ruled_out(step, answers)


def _ruled_out(step: Step, answers: Mapping[str, str]) -> bool:
    """Whether another answer makes the question needless."""
    return any(answers.get(other) in values for other, values in step.unless.items())


def may_be_asked(name: str, answers: Mapping[str, str], *, mode: str | None, minor: bool) -> tuple[str, ...]:
    """Every step of a flow that the bot may still ask or has asked of this person."""
    return tuple(
        s.id
        for s in _in_order(flows()[name], answers)
        if s.id in answers or may_ask(s, answers, mode=mode, minor=minor)
    )


def _in_order(flow: Flow, answers: Mapping[str, str]) -> Iterator[Step]:
    for name in flow.steps:
        step = steps()[name]
        yield step
        follower = step.follow.get(answers.get(name, ""))
        while follower is not None and follower not in flow.steps:
            step = steps()[follower]
            yield step
            follower = step.follow.get(answers.get(follower, ""))


def reachable(answers: Mapping[str, str]) -> frozenset[str]:
    """Every step that some flow would ask of somebody with these answers."""
    return frozenset(
        step.id for flow in flows().values() for step in _in_order(flow, answers) if not _ruled_out(step, answers)
    )


@cache
def steps() -> Mapping[str, Step]:
    """Every step by id."""
    return {name: _step(name, entry) for name, entry in _content()["steps"].items()}


@cache
def flows() -> Mapping[str, Flow]:
    """Every flow by name."""
    return {
        name: Flow(
            name=name,
            steps=tuple(entry["steps"]),
            then=entry["then"],
            most=entry.get("most"),
            part=entry.get("part"),
            open=bool(entry.get("open")),
            quits=entry.get("quits") or {},
        )
        for name, entry in _content()["flows"].items()
    }


@cache
def countries() -> Mapping[str, str]:
    """A nationality as the gazetteer names it → the value of the step that asks for the country."""
    return dict(_content()["countries"])


def step_of(question_id: str | None) -> Step | None:
    """The step that a question's id belongs to, None where it is another question."""
    return steps().get(question_id.removeprefix("s.")) if question_id and question_id.startswith("s.") else None


def asked_questions() -> dict[str, Question]:
    """The steps as questions that the view can draw: each with "skip" (screening.md §3.2)."""
    return {
        step.key: Question(
            id=step.key,
            then="action_flow_answer",
            choices=(*step.choices.items(), (SKIP, "a.skip")),
            words=step.words,
        )
        for step in steps().values()
        if not step.operator
    }


@cache
def _content() -> Mapping[str, Any]:
    path = Path(__file__).with_name("screening.yml")
    content: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _step(name: str, entry: Mapping[str, Any]) -> Step:
    yes_no = entry.get("kind") == "yn"
    signs = {
        value: Sign(
            indicators=tuple(sign.get("indicators", ())),
            elements=tuple(sign.get("elements", ())),
            strong=bool(sign.get("strong")),
            triggers=tuple(sign.get("triggers", ())),
        )
        for value, sign in (entry.get("signs") or {}).items()
    }
    return Step(
        id=name,
        choices=_YN if yes_no else dict(entry["choices"]),
        words=_YN_WORDS if yes_no else _PICK_WORDS,
        signs=signs,
        follow=entry.get("follow") or {},
        unless=entry.get("unless") or {},
        modes=tuple(entry.get("modes") or ()),
        said={**(_YN_SAID if yes_no else {}), **(entry.get("said") or {})},
        entity=entry.get("entity"),
        pages=entry.get("pages"),
        stands_for=entry.get("for", name),
        operator=bool(entry.get("operator")),
        hard=bool(entry.get("hard")),
        adults=bool(entry.get("adults")),
    )

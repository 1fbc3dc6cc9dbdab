"""Every sentence of a set through the whole of understanding, as a message would go, and what came out beside what
is true."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.ladder import Level, highest
from bot.core.values import Understanding
from nlu.evaluate import measures
from nlu.evaluate.measures import Share
from nlu.evaluate.sets import TestSet
from nlu.examples import Example
from nlu.labelled import Labelled
from nlu.text.normalise import normalise, plain
from nlu.text.script import LATIN, dominant
from nlu.understand import Understander

Triggers = Callable[[Understanding], Iterable[str]]
"""What the ladder makes of an understanding (the triage that the hotline runs)."""

SHORT = 8
"""Words up to which a message counts as short (issue: language right on one to eight words)."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was understood of one text, and how long it took."""

    said: Understanding
    triggers: frozenset[str]
    seconds: float

    @property
    def level(self) -> Level:
        """The level that it would raise."""
        return highest(self.triggers) or Level.LOW


@dataclass(kw_only=True)
class Judged:
    """One set, heard."""

    name: str
    messages: list[tuple[Labelled, Heard]] = field(default_factory=list)
    examples: list[tuple[Example, Heard]] = field(default_factory=list)

    @property
    def languages(self) -> list[str]:
        """Every language that has a sentence."""
        return sorted({m.language for m, _ in self.messages} | {e.language for e, _ in self.examples})


class Judge:
    """Hears texts with one understander, each text once."""

    def __init__(self, understander: Understander, triggers: Triggers) -> None:
        self._understander = understander
        self._triggers = triggers
        self._known: dict[tuple[str, str], Heard] = {}

    async def hear(self, text: str, before: str = "") -> Heard:
        """What a message with this text would raise: no hint, and no history but what was written just `before`."""
        if (text, before) not in self._known:
            begun = time.perf_counter()
            said = await self._understander.understand(text, before=before)
            took = time.perf_counter() - begun
            self._known[text, before] = Heard(said=said, triggers=frozenset(self._triggers(said)), seconds=took)
        return self._known[text, before]

    async def judge(self, tested: TestSet) -> Judged:
        """Hear a whole set."""
        judged = Judged(name=tested.name)
        for message in tested.messages:
            judged.messages.append((message, await self.hear(message.text)))
        for example in tested.examples:
            judged.examples.append((example, await self.hear(example.text)))
        return judged


def recall(judged: Judged, language: str | None = None) -> Share:
    """Critical messages that raised a critical alarm."""
    return _critical(judged, language, {"critical"})


def false_alarms(judged: Judged, language: str | None = None) -> Share:
    """Hard negatives that raised a critical alarm."""
    return _critical(judged, language, {"hard"})


def ordinary_alarms(judged: Judged, language: str | None = None) -> Share:
    """Ordinary messages that raised a critical alarm."""
    return _critical(judged, language, {"plain"})


def high_recall(judged: Judged, language: str | None = None) -> Share:
    """High-risk messages that reached high or more."""
    heard = [h for m, h in judged.messages if m.kind == "high" and language in {None, m.language}]
    return Share(hits=sum(h.level >= Level.HIGH for h in heard), of=len(heard))


def _critical(judged: Judged, language: str | None, kinds: set[str]) -> Share:
    heard = [h for m, h in judged.messages if m.kind in kinds and language in {None, m.language}]
    return Share(hits=sum(h.level == Level.CRITICAL for h in heard), of=len(heard))


def by_trigger(judged: Judged) -> dict[str, Share]:
    """For each critical trigger, messages that carry it and raised a critical alarm of any name."""
    hits: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for message, heard in judged.messages:
        if message.kind == "critical":
            of[message.labels[0]] += 1
            hits[message.labels[0]] += heard.level == Level.CRITICAL
    return {name: Share(hits=hits[name], of=of[name]) for name in sorted(of, key=lambda t: int(t[1:]))}


def language_of(judged: Judged, *, romanised: bool = False) -> dict[str, Share]:
    """For each language, short messages whose language was told rightly. `romanised`: of languages with a script of
    their own, only what is typed in Latin letters, which is otherwise left out."""
    hits: Counter[str] = Counter()
    of: Counter[str] = Counter()
    own = _scripts(judged)
    for text, language, heard in _texts(judged):
        latin = dominant(text) == LATIN
        if len(text.split()) > SHORT or romanised != (latin and own[language] != LATIN) or not dominant(text):
            continue
        of[language] += 1
        hits[language] += heard.said.language == language
    return {name: Share(hits=hits[name], of=of[name]) for name in sorted(of)}


def language_by_length(judged: Judged) -> dict[int, Share]:
    """The same for all languages together, by the number of words (characters count as words nowhere: a sentence
    without spaces is one)."""
    hits: Counter[int] = Counter()
    of: Counter[int] = Counter()
    for text, language, heard in _texts(judged):
        length = min(SHORT + 1, len(text.split()))
        of[length] += 1
        hits[length] += heard.said.language == language
    return {length: Share(hits=hits[length], of=of[length]) for length in sorted(of)}


def _scripts(judged: Judged) -> Mapping[str, str]:
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text, language, _ in _texts(judged):
        counted[language][dominant(text)] += 1
    return {language: found.most_common(1)[0][0] for language, found in counted.items()}


def _texts(judged: Judged) -> Iterable[tuple[str, str, Heard]]:
    yield from ((m.text, m.language, h) for m, h in judged.messages)
    yield from ((e.text, e.language, h) for e, h in judged.examples)


def intents(judged: Judged, language: str | None = None) -> list[measures.Scored]:
    """Each intent's figures for the best guess, sure or not."""
    return measures.by_class([(e.intent, _best(h)) for e, h in judged.examples if language in {None, e.language}])


def believed(judged: Judged, language: str | None = None) -> tuple[Share, Share]:
    """How many sentences got an answer, and how many of those the right one."""
    heard = [(e, h) for e, h in judged.examples if language in {None, e.language}]
    answered = [(e, h) for e, h in heard if h.said.intent is not None]
    right = sum(e.intent == h.said.intent for e, h in answered)
    return Share(hits=len(answered), of=len(heard)), Share(hits=right, of=len(answered))


def calibration(judged: Judged) -> float:
    """How far the confidence in an intent is from its truth, on average."""
    return measures.calibration_error([(h.said.confidence, e.intent == _best(h)) for e, h in judged.examples])


def confusions(judged: Judged) -> list[tuple[str, str, int]]:
    """The intents most often taken for each other: true, said, how often."""
    return measures.confusions((e.intent, _best(h)) for e, h in judged.examples)


def entities(judged: Judged, language: str | None = None) -> dict[str, tuple[Share, Share]]:
    """For each kind of entity marked in the sentences: recall, and precision on the sentences that have any mark.

    An entity is right when its kind is and the spans overlap: where a sum or a date begins is a matter of taste.
    """
    recalled: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    exact: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for example, heard in judged.examples:
        if language not in {None, example.language}:
            continue
        said = [(e.kind, e.start, e.end) for e in heard.said.entities]
        marked = list(example.entities)
        for kind, start, end in marked:
            recalled[kind][0] += _overlaps((kind, start, end), said)
            recalled[kind][1] += 1
        for mark in said if marked else ():
            exact[mark[0]][0] += _overlaps(mark, marked)
            exact[mark[0]][1] += 1
    return {
        kind: (
            Share(hits=recalled[kind][0], of=recalled[kind][1]),
            Share(hits=exact[kind][0], of=exact[kind][1]),
        )
        for kind in sorted(recalled)
    }


def _overlaps(mark: tuple[str, int, int], others: Sequence[tuple[str, int, int]]) -> bool:
    return any(k == mark[0] and s < mark[2] and mark[1] < e for k, s, e in others)


def _best(heard: Heard) -> str | None:
    return heard.said.ranking[0][0] if heard.said.ranking else None


def unmarked(tested: TestSet) -> TestSet:
    """The Vietnamese part of a set as it is typed on a phone without marks."""
    return TestSet(
        name=tested.name,
        messages=tuple(
            Labelled(language="vi", labels=m.labels, text=plain(normalise(m.text)))
            for m in tested.messages
            if m.language == "vi"
        ),
        examples=tuple(
            Example(language="vi", intent=e.intent, text=plain(normalise(e.text)))
            for e in tested.examples
            if e.language == "vi"
        ),
    )

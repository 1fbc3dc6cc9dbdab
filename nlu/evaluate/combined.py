"""Two wishes in one message ("they took my passport, and dont pay me"): are both heard, and is one never two?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nlu.evaluate.judging import Heard, Judge, Judged
from nlu.evaluate.measures import Share
from nlu.examples import Example
from nlu.understand import SMALL_TALK

_APART = 17  # sentences of one intent stand together in the files
_MOST = 100  # pairs of a language


async def both_heard(judged: Judged, judge: Judge) -> dict[str, Share]:
    """For each language: sentences of a set joined two by two with a comma, of which both intents were heard."""
    found: dict[str, Share] = {}
    for language, examples in _by_language(judged).items():
        pairs = list(_pairs(examples))[:_MOST]
        heard = [await judge.hear(f"{one.text}, {other.text}") for one, other in pairs]
        hits = sum({a.intent, b.intent} <= _wishes(h) for (a, b), h in zip(pairs, heard, strict=True))
        found[language] = Share(hits=hits, of=len(pairs))
    return found


def one_taken_for_two(judged: Judged, language: str | None = None) -> Share:
    """Sentences with one intent in which another was heard besides."""
    heard = [h for e, h in judged.examples if language in {None, e.language}]
    return Share(hits=sum(bool(h.said.also) for h in heard), of=len(heard))


def _wishes(heard: Heard) -> set[str | None]:
    return {heard.said.intent, *heard.said.also}


def _by_language(judged: Judged) -> dict[str, list[Example]]:
    found: defaultdict[str, list[Example]] = defaultdict(list)
    for example, _ in judged.examples:
        if example.intent not in SMALL_TALK:
            found[example.language].append(example)
    return found


def _pairs(examples: Sequence[Example]) -> Iterator[tuple[Example, Example]]:
    for number, one in enumerate(examples):
        other = examples[(number + _APART) % len(examples)]
        if other.intent != one.intent:
            yield one, other

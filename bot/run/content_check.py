"""What is checked of the approved texts (design §5; style rule 16)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from actions.base import questions
from actions.rights import cards
from bot.core.catalogue import MASTER, Catalogue

LONGEST = 600
"""Characters of one text: about three screens of an old phone."""

HARDEST = 7.0
"""Flesch-Kincaid grade of an English text at most (screening.md §12: "wording grade ≤ 7 in English")."""

_SAME_EVERYWHERE = re.compile(r"lang\.")
_QUIET_TOPICS = re.compile(r"police|rescu|traffick|victim|hotline|embassy|escape|passport|crime|lawyer", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One gap."""

    language: str
    key: str
    what: str


def check(catalogue: Catalogue) -> list[Problem]:
    """Every gap. What `Catalogue.load` refuses (keys, placeholders) does not get this far."""
    return [*_texts(catalogue), *_laws(catalogue), *_questions(catalogue), *_quiet(catalogue)]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text (school years)."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = max(1, len(re.findall(r"[.!?:;\n]+", text)))
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / max(1, len(words)) - 15.59


def _texts(catalogue: Catalogue) -> Iterator[Problem]:
    for language in catalogue.languages:
        for key in catalogue.every_key():
            entry, master = catalogue.entry(key, language), catalogue.entry(key, MASTER)
            if len(entry.text) > LONGEST:
                yield Problem(language=language, key=key, what=f"{len(entry.text)} characters, over {LONGEST}")
            if not entry.source:
                yield Problem(language=language, key=key, what="no source")
            if entry.state not in {"drafted", "reviewed"}:
                yield Problem(language=language, key=key, what="unknown review state")
            if language != MASTER and entry.text == master.text and not _SAME_EVERYWHERE.match(key):
                yield Problem(language=language, key=key, what="still the English words")
            if language == MASTER and len(entry.text.split()) > 8 and grade(entry.text) > HARDEST:
                yield Problem(language=language, key=key, what=f"reading grade {grade(entry.text):.1f}, over {HARDEST}")


def _laws(catalogue: Catalogue) -> Iterator[Problem]:
    """A card about law or fact never stands without its caution (facts.md §8)."""
    for card in cards().values():
        if not catalogue.has(f"{card['card']}.caution"):
            yield Problem(language=MASTER, key=card["card"], what="no caution")


def _questions(catalogue: Catalogue) -> Iterator[Problem]:
    for question in questions().values():
        for key in (question.id, *(label for _, label in question.choices)):
            if not catalogue.has(key):
                yield Problem(language=MASTER, key=key, what="asked but not written")
        if len(question.choices) > 4:
            yield Problem(language=MASTER, key=question.id, what="more than four choices")


def _quiet(catalogue: Catalogue) -> Iterator[Problem]:
    """What may stand on a watched phone names no topic (screening.md §4)."""
    for key in catalogue.every_key():
        entry = catalogue.entry(key, MASTER)
        if (entry.quiet or key.endswith(".quiet")) and _QUIET_TOPICS.search(entry.text):
            yield Problem(language=MASTER, key=key, what="a quiet wording names the topic")

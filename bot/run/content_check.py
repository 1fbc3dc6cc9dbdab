"""What is checked of the approved texts (design §5; style rule 16)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from actions.base import questions
from actions.rights import cards
from actions.steps import SKIP
from bot.core.catalogue import MASTER, Catalogue, read_yaml
from nlu.text.script import UNSPACED, script_of

LONGEST = 600
"""Characters of one text: about three screens of an old phone."""

HARDEST = 7.0
"""Flesch-Kincaid grade of an English text at most (screening.md §12: "wording grade ≤ 7 in English")."""

_SAME_EVERYWHERE = re.compile(r"lang\.|country\.")
_WORDS = Path(__file__).with_name("forbidden_words.yml")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One gap."""

    language: str
    key: str
    what: str


def check(catalogue: Catalogue) -> list[Problem]:
    """Every gap. What `Catalogue.load` refuses (keys, placeholders) does not get this far."""
    return [
        *_texts(catalogue),
        *_laws(catalogue),
        *_questions(catalogue),
        *_quiet(catalogue),
        *_never(catalogue),
    ]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text (school years)."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = max(1, len(re.findall(r"[.!?:;\n]+", text)))
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / max(1, len(words)) - 15.59


def _texts(catalogue: Catalogue) -> Iterator[Problem]:
    for language in (*catalogue.languages, *catalogue.kits):
        for key in catalogue.keys_of(language):
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
        for key in (card["card"], *(card.get("by_nationality") or {}).values()):
            if not catalogue.has(f"{key}.caution"):
                yield Problem(language=MASTER, key=key, what="no caution")


def _questions(catalogue: Catalogue) -> Iterator[Problem]:
    for question in questions().values():
        for key in (question.id, *(label for _, label in question.choices)):
            if not catalogue.has(key):
                yield Problem(language=MASTER, key=key, what="asked but not written")
        if sum(value != SKIP for value, _ in question.choices) > 4:
            yield Problem(language=MASTER, key=question.id, what="more than four choices")


def _quiet(catalogue: Catalogue) -> Iterator[Problem]:
    """What may stand on a watched phone names no topic (screening.md §4)."""
    for language in (*catalogue.languages, *catalogue.kits):
        topics = _listed("topics", language)
        if topics is None:
            yield Problem(language=language, key="topics", what="no words to look for in forbidden_words.yml")
            continue
        for key in catalogue.keys_of(language):
            entry = catalogue.entry(key, language)
            if (entry.quiet or key.endswith(".quiet")) and (named := topics.search(entry.text)):
                yield Problem(language=language, key=key, what=f"a quiet wording names the topic: {named.group()}")


def _never(catalogue: Catalogue) -> Iterator[Problem]:
    """The six lines that the bot must never say (facts.md §8.5), and the promises of screening.md §3.5."""
    for language in catalogue.languages:
        never = _listed("never", language)
        if never is None:
            yield Problem(language=language, key="never", what="no lines to look for in forbidden_words.yml")
            continue
        for key in catalogue.keys_of(language):
            if found := never.search(catalogue.entry(key, language).text):
                yield Problem(language=language, key=key, what=f"never to be said: {found.group()}")


@cache
def _words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    found: Mapping[str, Mapping[str, Sequence[str]]] = read_yaml(_WORDS)
    return found


@cache
def _listed(kind: str, language: str) -> re.Pattern[str] | None:
    """One pattern of a language's listed words: at the beginning of a word where the script has spaces."""
    words = _words()[kind].get(language)
    if not words:
        return None
    found = [re.escape(w) if script_of(w[0]) in UNSPACED else rf"(?<!\w){re.escape(w)}" for w in words]
    return re.compile("|".join(found), re.IGNORECASE)

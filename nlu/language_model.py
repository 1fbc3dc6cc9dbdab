"""Which of the languages of a script a few words are in: naive Bayes over words and their pieces (`nlu.md` §1).

It knows the committed languages from the start and learns from our own training sentences when they are trained. A
language has several kinds of text, each counted apart and answered as the one language: "vi:plain" is Vietnamese
without marks, which no library knows; "km:Latn" Khmer in Latin letters; "id:taught" our training sentences, whose
manner is not that of the committed ones.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from nlu.language_bayes import Bayes, Counts
from nlu.language_spelling import spellings
from nlu.language_table import Language, Languages, languages
from nlu.text.features import piece_features
from nlu.text.normalise import normalise, plain
from nlu.text.script import LATIN, dominant, script_of
from nlu.text.tokens import words

FILE = "languages.json.gz"

_WORD_WEIGHT = 3
"""A whole word says more than its pieces: measured, a point more."""
_ROMANISED_FROM = 20
"""Sentences in Latin letters from which a language of another script is told by them."""
_ROMANISED_PRIOR = 0.6
"""How likely Latin letters of a language with another script are, beside 1 for a language of Latin letters."""
_MARKED = "vi"
"""Its marks are often left out, and without them it looks like another language."""


@dataclass(frozen=True)
class LanguageModel:
    """For each script, the counts of its kinds of text."""

    counts: Mapping[str, Counts]
    table: Languages

    @classmethod
    def learn(
        cls, sentences: Mapping[str, Iterable[str]] | None = None, *, table: Languages | None = None
    ) -> LanguageModel:
        """The committed languages, and what these sentences (of each language) add.

        A language is told by its script where no other has it. Of one in another script, sentences in Latin letters
        ("khnhom jong tov phteah") are learnt too, unless they are English, which people of all languages mix in.
        """
        known = table or languages()
        counts = _committed(known)
        seed = cls(counts={script: dict(kinds) for script, kinds in counts.items()}, table=known)
        for code, texts in sorted((sentences or {}).items()):
            language = known.get(code)
            if language is not None:
                _add(counts, language, list(texts), seed)
        return cls(counts=counts, table=known)

    @cached_property
    def scripts(self) -> Mapping[str, Bayes]:
        """The model of each script that several kinds of text share."""
        return {script: Bayes.of(kinds) for script, kinds in self.counts.items() if len(kinds) > 1}

    def chances(self, text: str, script: str = LATIN) -> dict[str, float]:
        """The probability of each language of a script; empty where nothing in the text is known."""
        bayes = self.scripts.get(script)
        scores = bayes.scores(language_features(text, script)) if bayes else {}
        merged: dict[str, float] = {}
        for kind, score in scores.items():
            code, _, manner = kind.partition(":")
            known = self.table.get(code)
            prior = _ROMANISED_PRIOR if manner == "Latn" else known.prior if known else 1.0
            merged[code] = merged.get(code, 0.0) + prior * math.exp(score)
        total = sum(merged.values())
        return {code: chance / total for code, chance in merged.items()}

    def save(self, folder: Path) -> None:
        """Write the counts into an existing folder; the same counts give the same bytes."""
        packed = json.dumps(self.counts, ensure_ascii=False, sort_keys=True).encode()
        (folder / FILE).write_bytes(gzip.compress(packed, mtime=0))

    @classmethod
    def load(cls, folder: Path) -> LanguageModel:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError: the file is missing or broken.
        """
        counts = json.loads(gzip.decompress((folder / FILE).read_bytes()))
        if not isinstance(counts, dict) or LATIN not in counts:
            raise ValueError(f"{FILE} holds no languages")
        return cls(counts=counts, table=languages())


def language_features(text: str, script: str = LATIN) -> list[str]:
    """The words of one script and their pieces; words with digits and words of other scripts tell nothing."""
    parts = [w for w in words(normalise(text)) if all(script_of(c) in {script, ""} and not c.isdigit() for c in w)]
    return [f"w:{part}" for part in parts] * _WORD_WEIGHT + piece_features(parts)


@lru_cache(maxsize=1)
def untrained() -> LanguageModel:
    """The model of the committed languages alone."""
    return LanguageModel.learn()


def _committed(table: Languages) -> dict[str, dict[str, Counter[str]]]:
    counts: dict[str, dict[str, Counter[str]]] = {}
    for language in table:
        for script in language.scripts:
            if script == LATIN or (script != "Han" and len(table.of_script(script)) > 1):
                for text in filter(None, (language.words, *language.sentences)):
                    _count(counts, script, language.code, text)
        for text in language.romanised:
            _count_romanised(counts, language.code, text)
    return counts


def _add(counts: dict[str, dict[str, Counter[str]]], language: Language, texts: list[str], seed: LanguageModel) -> None:
    """What somebody else's sentences of one language add."""
    latin = [text for text in texts if dominant(text) == LATIN]
    if LATIN in language.scripts:
        kind = f"{language.code}:taught" if language.sentences else language.code
        for text in latin:
            _count(counts, LATIN, kind, text)
        return
    romanised = [text for text in latin if seed.chances(text).get("en", 0.0) < 0.5]
    if language.romanised or len(romanised) >= _ROMANISED_FROM:
        for text in romanised:
            _count_romanised(counts, language.code, text)
    for script in set(language.scripts) & counts.keys():
        for text in texts:
            if dominant(text) == script:
                _count(counts, script, language.code, text)


def _count(counts: dict[str, dict[str, Counter[str]]], script: str, kind: str, text: str) -> None:
    kinds = counts.setdefault(script, {})
    kinds.setdefault(kind, Counter()).update(language_features(text, script))
    if kind == _MARKED:
        kinds.setdefault(f"{kind}:plain", Counter()).update(language_features(plain(normalise(text)), script))


def _count_romanised(counts: dict[str, dict[str, Counter[str]]], code: str, text: str) -> None:
    for spelt in (text, *spellings(text)):
        _count(counts, LATIN, f"{code}:Latn", spelt)

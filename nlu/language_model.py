"""Which Latin-script language a few words are in: naive Bayes over words and their pieces (`nlu.md` §1).

It knows the committed word lists from the start and learns from our own training sentences when they are
trained. Vietnamese typed without marks is a class of its own, because no library knows it; its answer is
"vi".
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nlu.text.features import piece_features
from nlu.text.normalise import normalise, plain
from nlu.text.script import LATIN, dominant, script_of
from nlu.text.tokens import words

FILE = "languages.json.gz"
UNMARKED = "vi-plain"

_WORDS = Path(__file__).with_name("language_words.yml")
_OWN = 0.9
"""How much of a feature's probability is the class's own; the rest is the mean of all classes
(Jelinek-Mercer)."""
_ROMANISED_FROM = 20
"""Sentences in Latin letters from which a language of another script is told by them."""
_HEAT = 6.0
"""A letter counts in up to ten pieces and a word, so that plain posteriors are far too sure; scores are
divided by this."""


@dataclass(frozen=True)
class LanguageModel:
    """Counts of features for each class, and the log probabilities made of them."""

    counts: Mapping[str, Mapping[str, int]]  # class -> feature -> how often
    classes: tuple[str, ...]
    rows: Mapping[str, int]
    logs: Any  # float32 (features, classes)

    @classmethod
    def of(cls, counts: Mapping[str, Mapping[str, int]]) -> LanguageModel:
        """Turn counts into a model."""
        classes = tuple(sorted(counts))
        rows = {f: i for i, f in enumerate(sorted({f for counted in counts.values() for f in counted}))}
        shares = np.zeros((len(rows), len(classes)))
        for column, name in enumerate(classes):
            total = sum(counts[name].values())
            for feature, number in counts[name].items():
                shares[rows[feature], column] = number / total
        common = shares.mean(axis=1, keepdims=True)
        logs = np.log(_OWN * shares + (1 - _OWN) * common).astype(np.float32)
        return cls(counts=counts, classes=classes, rows=rows, logs=logs)

    @classmethod
    def learn(cls, sentences: Mapping[str, Iterable[str]]) -> LanguageModel:
        """The word lists, and what these sentences (of each language) add.

        Of languages in other scripts only what is typed in Latin letters counts ("khnhom jong tov phteah").
        """
        counts = {name: Counter(counted) for name, counted in _seeds().items()}
        for language, texts in sentences.items():
            latin = [text for text in texts if dominant(text) == LATIN]
            if language not in counts and len(latin) < _ROMANISED_FROM:
                continue
            for name, form in (pair for text in latin for pair in _forms(language, text)):
                counts.setdefault(name, Counter()).update(language_features(form))
        return cls.of(counts)

    def chances(self, text: str) -> dict[str, float]:
        """The probability of each language, unmarked Vietnamese merged into "vi"; empty without a known
        piece."""
        found = [row for row in map(self.rows.get, language_features(text)) if row is not None]
        if not found:
            return {}
        scores = self.logs[found].sum(axis=0, dtype=np.float64) / _HEAT
        raised = np.exp(scores - scores.max())
        merged: Counter[str] = Counter()
        for name, chance in zip(self.classes, raised / raised.sum(), strict=True):
            merged["vi" if name == UNMARKED else name] += float(chance)  # type: ignore[assignment]
        return dict(merged)

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
        return cls.of(json.loads(gzip.decompress((folder / FILE).read_bytes())))


def language_features(text: str) -> list[str]:
    """Latin-script words and their pieces; words with digits and words of other scripts tell nothing here."""
    parts = [w for w in words(normalise(text)) if all(script_of(c) in {LATIN, ""} and not c.isdigit() for c in w)]
    return [f"w:{part}" for part in parts] + piece_features(parts)


@cache
def untrained() -> LanguageModel:
    """The model of the committed word lists alone."""
    return LanguageModel.of(_seeds())


def _forms(language: str, text: str) -> list[tuple[str, str]]:
    if language != "vi":
        return [(language, text)]
    return [("vi", text), (UNMARKED, plain(normalise(text)))]


@cache
def _seeds() -> dict[str, Counter[str]]:
    listed: dict[str, str] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    counts: dict[str, Counter[str]] = {}
    for language, text in listed.items():
        for name, form in _forms(language, text):
            counts[name] = Counter(language_features(form))
    return counts

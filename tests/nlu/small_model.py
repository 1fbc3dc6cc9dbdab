"""A model made by hand, small enough to read: no training, no Rasa."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from nlu.language_model import untrained
from nlu.text.features import features
from nlu.text.linear import LinearModel
from nlu.text.names import NameFinder

WORDS = {"greet": "hello", "talk_to_human": "human", "help_trapped": "trapped"}
"""The one word that decides for each intent."""


def model(strength: float = 3.0) -> LinearModel:
    """Every intent's own word, and its pieces, speak for it; the more, the stronger."""
    pieces = {intent: sorted(set(features(word))) for intent, word in WORDS.items()}
    vocabulary = {piece: i for i, piece in enumerate(sorted({p for own in pieces.values() for p in own}))}
    coefficients = np.zeros((len(vocabulary), len(WORDS)), dtype=np.float32)
    for column, own in enumerate(pieces.values()):
        coefficients[[vocabulary[piece] for piece in own], column] = strength
    return LinearModel(
        vocabulary=vocabulary,
        intents=tuple(WORDS),
        idf=np.ones(len(vocabulary), dtype=np.float32),
        coefficients=coefficients,
        intercept=np.zeros(len(WORDS), dtype=np.float32),
    )


def write(folder: Path, *, version: str = "one", threshold: float | None = 0.6, strength: float = 3.0) -> None:
    """Everything that `Classifier.load` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    model(strength).save(folder)
    untrained().save(folder)
    names = {
        "listed": dict(NameFinder.of({"place": ["Bavet", "Ba Vet"]}).listed),
        "synonyms": {"ba vet": "Bavet"},
    }
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    (folder / "meta.json").write_text(json.dumps({"made_of": version, "threshold": threshold}), encoding="utf-8")

"""A model made by hand, small enough to read: no training, no Rasa."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nlu.language_model import untrained
from nlu.text import meaning
from nlu.text.features import features
from nlu.text.linear import Heads, LinearModel, Meant
from nlu.text.names import NameFinder

WORDS = {"greet": "hello", "talk_to_human": "human", "help_trapped": "trapped"}
"""The one word that decides for each intent."""
DANGER = {"critical": "zorblat", "other": "hello"}
TRIGGERS = {"C1": "beaten", "C4": "zorblat"}


def model(strength: float = 3.0, words: Mapping[str, str] = WORDS) -> LinearModel:
    """Every label's own word, and its pieces, speak for it; the more, the stronger."""
    pieces = {label: sorted(set(features(word))) for label, word in words.items()}
    vocabulary = {piece: i for i, piece in enumerate(sorted({p for own in pieces.values() for p in own}))}
    coefficients = np.zeros((len(vocabulary), len(words)), dtype=np.float32)
    for column, own in enumerate(pieces.values()):
        coefficients[[vocabulary[piece] for piece in own], column] = strength
    return LinearModel(
        vocabulary=vocabulary,
        labels=tuple(words),
        idf=np.ones(len(vocabulary), dtype=np.float32),
        coefficients=coefficients,
        intercept=np.zeros(len(words), dtype=np.float32),
    )


def heads(strength: float = 3.0, words: Mapping[str, str] = WORDS, *, full: bool = False) -> Heads:
    """The model of words; with `full`, beside it one that goes by each label's word's meaning alone."""
    plain = model(strength, words)
    encoder = meaning.encoder()
    if not full or encoder is None:
        return Heads(plain, None)
    toward = np.stack([encoder.vector(word) for word in words.values()])
    centre = toward.mean(axis=0)
    meant = Meant(centre, np.ascontiguousarray((toward - centre).T * np.float32(20)))
    return Heads(plain, replace(plain, coefficients=plain.coefficients * 0, meant=meant))


def write(
    folder: Path,
    *,
    version: str = "one",
    threshold: float | None = 0.6,
    strength: float = 3.0,
    full: bool = False,
    encoder: str | None = None,
) -> None:
    """Everything that `Classifier.load` reads. `encoder`: what it was trained with, if not with the one here."""
    folder.mkdir(parents=True, exist_ok=True)
    heads(strength, full=full).save(folder, "intents")
    heads(strength, DANGER, full=full).save(folder, "danger")
    heads(strength, TRIGGERS, full=full).save(folder, "triggers")
    untrained().save(folder)
    names = {
        "listed": dict(NameFinder.of({"place": ["Bavet", "Ba Vet"]}).listed),
        "synonyms": {"ba vet": "Bavet"},
    }
    (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
    (folder / "meta.json").write_text(json.dumps(meta(version, threshold, full, encoder)), encoding="utf-8")


def meta(version: str, threshold: float | None, full: bool, encoder: str | None) -> dict[str, Any]:
    """What training writes of itself."""
    judged = {"accuracy": 0.9, "threshold": threshold}
    limits = {"high": 0.6, "critical": 0.8}
    return {
        "made_of": version,
        "encoder": (meaning.name() if full else "") if encoder is None else encoder,
        "plain": judged,
        "full": judged if full else None,
        "danger": {"plain": limits, "full": limits if full else None},
    }

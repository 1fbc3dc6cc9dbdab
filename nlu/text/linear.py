"""The trained models as plain arrays, and how they answer. The same code runs inside Rasa and in the worker.

A model is linear over two blocks: tf-idf of words and pieces of words (sublinear, length one), and the meaning's
vector (`nlu.text.meaning`). Each is trained twice: with both blocks, and with words alone for where there is no
vector. Nothing here unpickles anything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nlu.text.features import features

Ranking = tuple[tuple[str, float], ...]
"""Every label with its probability, best first."""


@dataclass(frozen=True)
class Meant:
    """How a meaning's vector (d numbers) speaks for k labels."""

    centre: Any  # float32 (d,): the mean of the training's vectors, which all lie in one corner of the space
    coefficients: Any  # float32 (d, k)

    def scores(self, vector: Any) -> Any:
        """What the vector adds to each label's score (float64)."""
        return centred(vector, self.centre).astype(np.float64) @ self.coefficients


@dataclass(frozen=True)
class LinearModel:
    """n features, k labels."""

    vocabulary: dict[str, int]
    labels: tuple[str, ...]
    idf: Any  # float32 (n,)
    coefficients: Any  # float32 (n, k): a message touches few rows, so that rows lie together
    intercept: Any  # float32 (k,)
    meant: Meant | None = None  # None: this one answers from words alone

    def __post_init__(self) -> None:
        n, k = len(self.vocabulary), len(self.labels)
        shapes = (self.idf.shape, self.coefficients.shape, self.intercept.shape)
        if shapes != ((n,), (n, k), (k,)) or sorted(self.vocabulary.values()) != list(range(n)):
            raise ValueError("vocabulary, labels and weights do not belong together")
        if self.meant and self.meant.coefficients.shape != (*self.meant.centre.shape, k):
            raise ValueError("the meaning's weights do not belong to the labels")

    def rank(self, text: str, vector: Any = None) -> Ranking:
        """Every label with its probability, best first; () where there is nothing to go by: no word, or, from words
        alone, none that training saw.

        Raises:
            ValueError: a model of words and meaning needs the message's vector.
        """
        found = features(text)
        rows, values = weighed(found, self.vocabulary, self.idf)
        if not found or not (rows or self.meant):
            return ()
        scores = values @ self.coefficients[rows].astype(np.float64) + self.intercept
        if self.meant:
            if vector is None:
                raise ValueError("no vector")
            scores = scores + self.meant.scores(vector)
        chances = softmax(scores)
        order = np.argsort(-chances, kind="stable")
        return tuple((self.labels[i], float(chances[i])) for i in order)


@dataclass(frozen=True)
class Heads:
    """One question, answered by two models: `full` where the message has a vector, else `plain`."""

    plain: LinearModel
    full: LinearModel | None

    def __post_init__(self) -> None:
        if self.plain.meant or (self.full and not self.full.meant):
            raise ValueError("the heads are exchanged")

    def rank(self, text: str, vector: Any = None) -> Ranking:
        """As `LinearModel.rank`, by the head that fits; never raises for want of a vector."""
        if self.full is None or vector is None:
            return self.plain.rank(text)
        return self.full.rank(text, vector)

    def save(self, folder: Path, name: str) -> None:
        """Write `<name>.json` and `<name>.npz` into an existing folder."""
        words = sorted(self.plain.vocabulary, key=lambda word: self.plain.vocabulary[word])
        named = {"features": words, "labels": self.plain.labels}
        (folder / f"{name}.json").write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")
        arrays = {
            "idf": self.plain.idf,
            "coefficients": self.plain.coefficients,
            "intercept": self.plain.intercept,
        }
        if self.full and self.full.meant:
            arrays |= {
                "full_coefficients": self.full.coefficients,
                "full_intercept": self.full.intercept,
                "centre": self.full.meant.centre,
                "meant": self.full.meant.coefficients,
            }
        np.savez_compressed(folder / f"{name}.npz", **arrays)

    @classmethod
    def load(cls, folder: Path, name: str) -> Heads:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError, KeyError: a file is missing, broken, or does not belong to the other.
        """
        named = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            plain = LinearModel(
                vocabulary={word: index for index, word in enumerate(named["features"])},
                labels=tuple(named["labels"]),
                idf=arrays["idf"],
                coefficients=arrays["coefficients"],
                intercept=arrays["intercept"],
            )
            if "meant" not in arrays.files:
                return cls(plain, None)
            full = replace(
                plain,
                coefficients=arrays["full_coefficients"],
                intercept=arrays["full_intercept"],
                meant=Meant(arrays["centre"], arrays["meant"]),
            )
        return cls(plain, full)


def softmax(scores: Any) -> Any:
    """Scores as probabilities, along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def centred(vectors: Any, centre: Any) -> Any:
    """Vectors as seen from `centre`, each of length one; one that is all zero (a text without words) stays so."""
    away = (vectors - centre) * np.any(vectors, axis=-1, keepdims=True)
    length = np.linalg.norm(away, axis=-1, keepdims=True)
    return away / np.where(length > 0, length, 1)


def weighed(found: Sequence[str], vocabulary: dict[str, int], idf: Any) -> tuple[list[int], Any]:
    """A message's features as rows of the model and their tf-idf weights (float64, length one as a
    vector)."""
    counted = Counter(index for index in map(vocabulary.get, found) if index is not None)
    rows = sorted(counted)
    counts = np.array([counted[row] for row in rows], dtype=np.float64)
    values = (1.0 + np.log(counts)) * idf[rows] if rows else counts
    length = float(np.sqrt(values @ values))
    return rows, values / length if length else values

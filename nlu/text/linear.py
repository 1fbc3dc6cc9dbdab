"""The trained intent model as plain arrays, and how it answers. The same code runs inside Rasa and in the
worker.

tf-idf (sublinear, L2) and multinomial logistic regression: a dictionary look-up and one small product
(`nlu.md` §3). Files: `vocabulary.json` (features, intents) and `weights.npz` (arrays); nothing here unpickles
anything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.text.features import features

VOCABULARY = "vocabulary.json"
WEIGHTS = "weights.npz"


@dataclass(frozen=True)
class LinearModel:
    """n features, k intents."""

    vocabulary: dict[str, int]
    intents: tuple[str, ...]
    idf: Any  # float32 (n,)
    coefficients: Any  # float32 (n, k): a message touches few rows, so that rows lie together
    intercept: Any  # float32 (k,)

    def __post_init__(self) -> None:
        n, k = len(self.vocabulary), len(self.intents)
        shapes = (self.idf.shape, self.coefficients.shape, self.intercept.shape)
        if shapes != ((n,), (n, k), (k,)) or sorted(self.vocabulary.values()) != list(range(n)):
            raise ValueError("vocabulary, intents and weights do not belong together")

    def rank(self, text: str) -> tuple[tuple[str, float], ...]:
        """Every intent with its probability, best first; () where the text has no word that training saw."""
        rows, values = vector(features(text), self.vocabulary, self.idf)
        if not rows:
            return ()
        scores = values @ self.coefficients[rows].astype(np.float64) + self.intercept
        raised = np.exp(scores - scores.max())
        chances = raised / raised.sum()
        order = np.argsort(-chances, kind="stable")
        return tuple((self.intents[i], float(chances[i])) for i in order)

    def save(self, folder: Path) -> None:
        """Write both files into an existing folder."""
        words = sorted(self.vocabulary, key=lambda word: self.vocabulary[word])
        (folder / VOCABULARY).write_text(
            json.dumps({"features": words, "intents": self.intents}, ensure_ascii=False), encoding="utf-8"
        )
        np.savez_compressed(folder / WEIGHTS, idf=self.idf, coefficients=self.coefficients, intercept=self.intercept)

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read what `save` wrote.

        Raises:
            OSError, ValueError, KeyError: a file is missing, broken, or does not belong to the other.
        """
        named = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
            return cls(
                vocabulary={word: index for index, word in enumerate(named["features"])},
                intents=tuple(named["intents"]),
                idf=arrays["idf"],
                coefficients=arrays["coefficients"],
                intercept=arrays["intercept"],
            )


def vector(found: Sequence[str], vocabulary: dict[str, int], idf: Any) -> tuple[list[int], Any]:
    """A message's features as rows of the model and their tf-idf weights (float64, length one as a
    vector)."""
    counted = Counter(index for index in map(vocabulary.get, found) if index is not None)
    rows = sorted(counted)
    counts = np.array([counted[row] for row in rows], dtype=np.float64)
    values = (1.0 + np.log(counts)) * idf[rows] if rows else counts
    length = float(np.sqrt(values @ values))
    return rows, values / length if length else values

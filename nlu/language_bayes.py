"""Naive Bayes over words and their pieces: which of several kinds of text a message is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_OWN = 0.9
"""How much of a feature's probability is the kind's own; the rest is the mean of all kinds (Jelinek-Mercer)."""
_HEAT, _GROWTH = 1.5, 0.5
"""A letter counts in up to ten pieces and a word, so that plain posteriors are far too sure. Scores are divided by
_HEAT times the number of features to the power of _GROWTH: chosen so that confidence is how often it is right."""

Counts = Mapping[str, Mapping[str, int]]
"""Kind → feature → how often it was seen."""


def as_chances(scores: Mapping[str, float]) -> dict[str, float]:
    """Log scores, one or more, as probabilities that sum to one."""
    highest = max(scores.values())
    raised = {kind: math.exp(score - highest) for kind, score in scores.items()}
    total = sum(raised.values())
    return {kind: weight / total for kind, weight in raised.items()}


@dataclass(frozen=True)
class Bayes:
    """Log probabilities of features for each kind."""

    kinds: tuple[str, ...]
    rows: Mapping[str, int]
    logs: Any  # float32 (features, kinds)

    @classmethod
    def of(cls, counts: Counts) -> Bayes:
        """Turn counts into a model."""
        kinds = tuple(sorted(counts))
        rows = {f: i for i, f in enumerate(sorted({f for counted in counts.values() for f in counted}))}
        shares = np.zeros((len(rows), len(kinds)))
        for column, kind in enumerate(kinds):
            total = sum(counts[kind].values())
            for feature, number in counts[kind].items():
                shares[rows[feature], column] = number / total
        common = shares.mean(axis=1, keepdims=True)
        return cls(kinds=kinds, rows=rows, logs=np.log(_OWN * shares + (1 - _OWN) * common).astype(np.float32))

    def scores(self, features: list[str]) -> dict[str, float]:
        """The log likelihood of each kind, cooled; empty where no feature is known."""
        found = [row for row in map(self.rows.get, features) if row is not None]
        if not found:
            return {}
        cooled = self.logs[found].sum(axis=0, dtype=np.float64) / (_HEAT * len(found) ** _GROWTH)
        return dict(zip(self.kinds, (cooled - cooled.max()).tolist(), strict=True))

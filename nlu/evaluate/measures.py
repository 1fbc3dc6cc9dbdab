"""The figures of a report, from what was said and what was true. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

_Z = 1.96  # two-sided 95 %
_BINS = 10


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many of so many. `low` and `high` are Wilson's 95 % bounds: small counts say little."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """0..1; 0 where there is nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def low(self) -> float:
        """The lower bound."""
        return self._bound(-1)

    @property
    def high(self) -> float:
        """The upper bound."""
        return self._bound(+1)

    def _bound(self, side: int) -> float:
        if not self.of:
            return 0.0 if side < 0 else 1.0
        n, p, z = self.of, self.value, _Z
        middle = p + z * z / (2 * n)
        spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return min(1.0, max(0.0, (middle + side * spread) / (1 + z * z / n)))


@dataclass(frozen=True, kw_only=True)
class Scored:
    """One class: 0..1 each, and how many were truly of it."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


def by_class(pairs: Sequence[tuple[str, str | None]]) -> list[Scored]:
    """Precision, recall and F1 of every class among (true, said) pairs; "said" may be None, "not sure"."""
    true, said = Counter(t for t, _ in pairs), Counter(s for _, s in pairs)
    right = Counter(t for t, s in pairs if t == s)
    found = []
    for name in sorted(true):
        precision = right[name] / said[name] if said[name] else 0.0
        recall = right[name] / true[name]
        f1 = 2 * precision * recall / (precision + recall) if right[name] else 0.0
        found.append(Scored(name=name, precision=precision, recall=recall, f1=f1, support=true[name]))
    return found


def weighted_f1(scores: Iterable[Scored]) -> float:
    """The mean F1, each class weighing what it occurs; 0 where there is none."""
    listed = list(scores)
    support = sum(s.support for s in listed)
    return sum(s.f1 * s.support for s in listed) / support if support else 0.0


def macro_f1(scores: Iterable[Scored]) -> float:
    """The plain mean F1: the rarest class weighs as much as the commonest."""
    listed = list(scores)
    return sum(s.f1 for s in listed) / len(listed) if listed else 0.0


def confusions(pairs: Iterable[tuple[str, str | None]], most: int = 15) -> list[tuple[str, str, int]]:
    """The classes most often taken for each other: true, said, how often."""
    mixed = Counter((true, said or "nothing") for true, said in pairs if true != said)
    return [(true, said, number) for (true, said), number in mixed.most_common(most)]


def calibration_error(judged: Iterable[tuple[float, bool]]) -> float:
    """The expected calibration error of (confidence, right) pairs: how far, on average, confidence is from truth."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, right in judged:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    total = sum(map(len, bins))
    gaps = (abs(sum(c for c, _ in found) - sum(r for _, r in found)) for found in bins)
    return sum(gaps) / total if total else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

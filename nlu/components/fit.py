"""Fitting the models, and judging them on sentences they have not seen. scikit-learn is used here and nowhere else.

Linear support vectors, one label against the rest: measured better than logistic regression on the same features
(93.8 against 92.7 % of the sentences kept apart) in less than half the time. Their margins become probabilities by
one factor, the temperature, chosen on sentences that the model had not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.text.features import features
from nlu.text.linear import Heads, LinearModel, Meant, centred, softmax, weighed
from nlu.text.marks import with_unmarked

SEEN_IN = 2
"""A feature counts from this many sentences on: half the size and half the time, 0.3 points of accuracy
(measured)."""

MEANING = 0.75
"""How long a meaning's vector is beside that of the words (length one). Measured on sentences kept apart: 0.6 gives
94.5 %, 1.0 gives 94.4, 1.5 gives 93.8, and the longer, the worse for what phones type without marks."""

TEMPERATURES = np.geomspace(0.5, 30, 60)

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Sentences:
    """n sentences to learn from, copies without marks among them."""

    found: list[list[str]]  # the features of each
    labels: Any  # (n,)
    origin: Any  # (n,): the place in what was given; a copy has that of its sentence
    vectors: Any  # (n, d), or None: no encoder, so no second head
    weights: Any  # (n,): how much each counts

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: Callable[[Sequence[str]], Any] = lambda texts: None,
        weights: Sequence[float] | None = None,
    ) -> Sentences:
        """What is learnt from `texts`; `vectors` gives their meanings."""
        every, origin = with_unmarked(texts)
        counted = np.ones(len(texts)) if weights is None else np.array(weights, dtype=np.float64)
        return cls(
            found=[features(text) for text in every],
            labels=np.array(labels)[origin],
            origin=origin,
            vectors=vectors(every),
            weights=counted[origin],
        )

    def part(self, rows: Any) -> Sentences:
        """Only these."""
        vectors = None if self.vectors is None else self.vectors[rows]
        found = [self.found[i] for i in rows]
        return Sentences(found, self.labels[rows], self.origin[rows], vectors, self.weights[rows])


@dataclass(frozen=True)
class OutOfFold:
    """What a head says about n sentences when trained on the others."""

    labels: tuple[str, ...]
    truth: Any  # (n,): places in `labels`
    margins: Any  # (n, k)
    temperature: float  # what makes margins probabilities

    @property
    def chances(self) -> Any:
        """(n, k)."""
        return softmax(self.margins * self.temperature)

    @property
    def right(self) -> Any:
        """(n,): whether the best guess is the truth."""
        return self.margins.argmax(axis=1) == self.truth


@dataclass(frozen=True)
class Learnt:
    """A trained pair of heads, and what each said about sentences it had not seen."""

    heads: Heads
    plain: OutOfFold | None  # None where a label has too few sentences
    full: OutOfFold | None


def learn(
    sentences: Sentences, *, plain: float, full: float, folds: int, report: Report = lambda d, of: None
) -> Learnt:
    """Judge both heads in folds, then train them on everything. `plain`, `full`: each one's inverse regularisation.

    Raises:
        ValueError: there are fewer than two labels, or nothing that two sentences share.
    """
    judged = held_out(sentences, plain=plain, full=full, folds=folds, report=report)
    report(folds, folds + 1)
    heads = fit(sentences, plain=plain, full=full)
    heads = Heads(
        _tempered(heads.plain, judged[0]),
        _tempered(heads.full, judged[1]) if heads.full else None,
    )
    return Learnt(heads, *judged)


def fit(sentences: Sentences, *, plain: float, full: float) -> Heads:
    """Both heads, with bare margins for scores.

    Raises:
        ValueError: as `learn`.
    """
    seen = Counter(word for words in sentences.found for word in set(words))
    vocabulary = {word: i for i, word in enumerate(sorted(w for w in seen if seen[w] >= SEEN_IN))}
    counts = np.array([seen[word] for word in vocabulary], dtype=np.float64)
    idf = (np.log((1 + len(sentences.found)) / (1 + counts)) + 1).astype(np.float32)
    words = _matrix(sentences.found, vocabulary, idf)
    labels, coefficients, intercept = _svc(words, sentences, plain)
    alone = LinearModel(vocabulary, labels, idf, coefficients, intercept)
    if sentences.vectors is None:
        return Heads(alone, None)
    centre = sentences.vectors.mean(axis=0).astype(np.float32)
    meant = centred(sentences.vectors, centre) * MEANING
    _, coefficients, intercept = _svc(hstack([words, csr_matrix(meant)]).tocsr(), sentences, full)
    n = len(vocabulary)
    both = replace(
        alone,
        coefficients=np.ascontiguousarray(coefficients[:n]),
        intercept=intercept,
        meant=Meant(centre, coefficients[n:] * np.float32(MEANING)),
    )
    return Heads(alone, both)


def _svc(matrix: Any, sentences: Sentences, inverse_regularisation: float) -> tuple[tuple[str, ...], Any, Any]:
    """Labels, coefficients (columns × labels) and intercepts."""
    model = LinearSVC(C=inverse_regularisation, class_weight="balanced", random_state=0)
    model.fit(matrix, sentences.labels, sample_weight=sentences.weights)
    coefficients, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two labels; softmax wants half of it each way
        coefficients, intercept = np.vstack([-coefficients, coefficients]) / 2, np.hstack([-intercept, intercept]) / 2
    names = tuple(str(name) for name in model.classes_)
    return names, np.ascontiguousarray(coefficients.T, dtype=np.float32), intercept.astype(np.float32)


def _matrix(found: Sequence[Sequence[str]], vocabulary: dict[str, int], idf: Any) -> Any:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for words in found:
        rows, weights = weighed(words, vocabulary, idf)
        columns.extend(rows)
        values.extend(weights)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(found), len(vocabulary)))


def _tempered(model: LinearModel, judged: OutOfFold | None) -> LinearModel:
    """The same model, its scores such that softmax gives probabilities."""
    by = np.float32(judged.temperature if judged else 3.0)
    meant = replace(model.meant, coefficients=model.meant.coefficients * by) if model.meant else None
    return replace(model, coefficients=model.coefficients * by, intercept=model.intercept * by, meant=meant)


def margins(model: LinearModel, sentences: Sentences) -> Any:
    """What a model scores (n, k)."""
    scores = _matrix(sentences.found, model.vocabulary, model.idf) @ model.coefficients + model.intercept
    return scores + centred(sentences.vectors, model.meant.centre) @ model.meant.coefficients if model.meant else scores


def held_out(
    sentences: Sentences, *, plain: float, full: float, folds: int, report: Report = lambda d, of: None
) -> tuple[OutOfFold | None, OutOfFold | None]:
    """What both heads say about every sentence when trained on the others, in the order given. A sentence's copy
    stays in its fold. None where a label has fewer sentences than there are folds, or for a head that is not there."""
    n = int(sentences.origin.max(initial=-1)) + 1
    own = sentences.labels[:n]  # the sentences themselves come before their copies
    if folds < 2 or min(Counter(own).values(), default=0) < folds or len(set(own)) < 2:
        return None, None
    names, truth = np.unique(own, return_inverse=True)
    labels = tuple(str(name) for name in names)
    said = [np.zeros((n, len(labels))) for _ in range(1 if sentences.vectors is None else 2)]
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=0)
    for done, (train, test) in enumerate(splitter.split(np.zeros(n), own)):
        report(done, folds + 1)
        heads = fit(sentences.part(np.flatnonzero(np.isin(sentences.origin, train))), plain=plain, full=full)
        for head, scores in zip((heads.plain, heads.full), said, strict=False):
            assert head is not None  # noqa: S101 - as many as in `said`
            scores[test] = margins(head, sentences.part(test))
    judged = [OutOfFold(labels, truth, scores, temperature(scores, truth)) for scores in said]
    return judged[0], judged[1] if len(judged) > 1 else None


def temperature(scores: Any, truth: Any) -> float:
    """The factor that makes margins the most fitting probabilities (the least log loss)."""

    def loss(factor: float) -> float:
        chances = softmax(scores * factor)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chances, 1e-9)).mean())

    return float(min(TEMPERATURES, key=loss))

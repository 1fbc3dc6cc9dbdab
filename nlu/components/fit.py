"""Fitting the intent model, and judging it on sentences it has not seen. scikit-learn is used here and
nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from nlu.text.features import features
from nlu.text.linear import LinearModel, vector
from nlu.text.normalise import normalise, plain
from nlu.text.script import LATIN, dominant

INVERSE_REGULARISATION = 10.0
"""scikit-learn's C; measured best for few examples in many languages (`nlu.md` §3)."""

SEEN_IN = 2
"""A feature counts from this many sentences on: half the size and half the time, 0.3 points of accuracy
(measured)."""

WRONG_COSTS = 1.0
"""How much a wrong answer is worse than a right one is good. At one, what is more likely right than wrong is
answered; below that the bot says it is not sure and offers a menu and a human. Dearer means fewer answers."""

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Held:
    """What the model said about a sentence that it was not trained on."""

    intent: str
    guess: str | None
    confidence: float


def with_unmarked(texts: Sequence[str], intents: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sentences, and once more without marks those in Latin script that have marks: phones often do not
    type them."""
    more = [(plain(normalise(text)), intent) for text, intent in zip(texts, intents, strict=True) if _has_marks(text)]
    return [*texts, *(text for text, _ in more)], [*intents, *(intent for _, intent in more)]


def _has_marks(text: str) -> bool:
    return dominant(text) == LATIN and plain(normalise(text)) != normalise(text)


def fit(
    texts: Sequence[str],
    intents: Sequence[str],
    *,
    inverse_regularisation: float = INVERSE_REGULARISATION,
    max_iter: int = 100,
) -> LinearModel:
    """Train on sentences and their intents.

    Raises:
        ValueError: there are fewer than two intents, or nothing that two sentences share.
    """
    texts, intents = with_unmarked(texts, intents)
    found = [features(text) for text in texts]
    seen = Counter(word for words in found for word in set(words))
    vocabulary = {word: i for i, word in enumerate(sorted(w for w in seen if seen[w] >= SEEN_IN))}
    counts = np.array([seen[word] for word in vocabulary], dtype=np.float64)
    idf = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)
    model = LogisticRegression(
        C=inverse_regularisation,
        solver="lbfgs",
        max_iter=max_iter,
        class_weight="balanced",
        multi_class="multinomial",
    )
    model.fit(_matrix(found, vocabulary, idf), np.array(intents))
    coefficients, intercept = model.coef_, model.intercept_
    if (
        len(model.classes_) == 2
    ):  # scikit-learn keeps one row for two classes, the log-odds; softmax wants half each way
        coefficients, intercept = np.vstack([-coefficients, coefficients]), np.hstack([-intercept, intercept])
    return LinearModel(
        vocabulary=vocabulary,
        intents=tuple(str(name) for name in model.classes_),
        idf=idf,
        coefficients=np.ascontiguousarray(coefficients.T, dtype=np.float32),
        intercept=intercept.astype(np.float32),
    )


def _matrix(found: Sequence[Sequence[str]], vocabulary: dict[str, int], idf: Any) -> csr_matrix:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for words in found:
        rows, weights = vector(words, vocabulary, idf)
        columns.extend(rows)
        values.extend(weights)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(found), len(vocabulary)))


def held_out(
    texts: Sequence[str], intents: Sequence[str], *, folds: int, report: Report = lambda done, of: None
) -> list[Held]:
    """What the model says about every sentence when trained on the others, in the order given.

    A sentence's unmarked copy stays in its fold. Empty where an intent has fewer sentences than there are
    folds.
    """
    if min(Counter(intents).values(), default=0) < folds or len(set(intents)) < 2:
        return []
    answers: list[Held | None] = [None] * len(texts)
    splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=0)
    for done, (train, test) in enumerate(splitter.split(np.zeros(len(texts)), np.array(intents))):
        report(done, folds)
        model = fit([texts[i] for i in train], [intents[i] for i in train], max_iter=60)
        for i in test:
            ranking = model.rank(texts[i])
            guess, confidence = ranking[0] if ranking else (None, 0.0)
            answers[i] = Held(intents[i], guess, confidence)
    return [answer for answer in answers if answer is not None]


def threshold(answers: Sequence[Held], *, wrong_costs: float = WRONG_COSTS) -> float:
    """The confidence from which an answer is worth giving: the best sum of right ones minus `wrong_costs` ×
    wrong ones."""
    ordered = sorted(answers, key=lambda answer: -answer.confidence)
    best, gain, chosen = 0.0, 0.0, 1.0
    for answer in ordered:
        gain += 1.0 if answer.guess == answer.intent else -wrong_costs
        if gain > best:
            best, chosen = gain, answer.confidence
    return round(chosen, 4)

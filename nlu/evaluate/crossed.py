"""Cross-validation: every training sentence judged by a model that was trained on the others.

It needs no sentences kept apart, so it serves whoever writes training data: it shows which intents run into each other.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.evaluate.measures import confusions
from nlu.examples import read
from nlu.train import Paths, small_environment

FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """One sentence: what it asks for, and what the model took it for."""

    language: str
    intent: str
    guess: str | None
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the model's best guess is the true intent."""
        return self.guess == self.intent


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a report. Shares are 0..1."""

    language: str
    sentences: int
    accuracy: float  # best guess right, whatever the confidence
    answered: float  # confident enough to answer
    right_of_answered: float


def cross_validated(paths: Paths, folds: int = FOLDS) -> tuple[float, list[Crossed]]:
    """Every training sentence judged by a model trained on the others; with the threshold chosen on them.

    Raises:
        subprocess.CalledProcessError: Rasa's environment could not judge.
    """
    examples = read(paths.data)
    asked = {"texts": [e.text for e in examples], "intents": [e.intent for e in examples], "folds": folds}
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
        [str(paths.python), "-m", "nlu.components.judge"],
        input=json.dumps(asked),
        env=small_environment(paths),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    judged = [
        Crossed(language=example.language, **said) for example, said in zip(examples, answer["answers"], strict=True)
    ]
    return float(answer["threshold"]), judged


def rows(judged: Sequence[Crossed], threshold: float) -> list[Row]:
    """One row a language, and one for all."""
    by_language = {name: [j for j in judged if j.language == name] for name in sorted({j.language for j in judged})}
    return [_row(name, found, threshold) for name, found in (*by_language.items(), ("all", list(judged))) if found]


def _row(language: str, judged: Sequence[Crossed], threshold: float) -> Row:
    answered = [j for j in judged if j.confidence >= threshold]
    return Row(
        language=language,
        sentences=len(judged),
        accuracy=sum(j.right for j in judged) / len(judged),
        answered=len(answered) / len(judged),
        right_of_answered=sum(j.right for j in answered) / len(answered) if answered else 0.0,
    )


def text(paths: Paths) -> str:
    """The whole cross-validation as a table."""
    threshold, judged = cross_validated(paths)
    lines = [f"cross-validated, {FOLDS} parts, threshold {threshold}"]
    lines.append(f"{'language':<12}{'sentences':>10}{'accuracy':>10}{'answered':>10}{'right of answered':>19}")
    lines += [
        f"{r.language:<12}{r.sentences:>10}{r.accuracy:>10.1%}{r.answered:>10.1%}{r.right_of_answered:>19.1%}"
        for r in rows(judged, threshold)
    ]
    mixed = confusions((sentence.intent, sentence.guess) for sentence in judged)
    lines.append("most often taken for each other")
    lines += [f"{number:>5}  {true} as {guessed}" for true, guessed, number in mixed]
    return "\n".join(lines)

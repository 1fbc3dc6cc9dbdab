"""How well messages are understood, language by language, on sentences that the model has not seen.

Two reports: cross-validation on the training sentences, and the sentences under `nlu/held_out/<language>/`,
which are never trained on.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.examples import Example, read
from nlu.language import detect
from nlu.text.normalise import plain
from nlu.train import Paths, small_environment
from nlu.weights import Classifier

FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Judged:
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


def cross_validated(paths: Paths, folds: int = FOLDS) -> tuple[float, list[Judged]]:
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
        Judged(language=example.language, **said) for example, said in zip(examples, answer["answers"], strict=True)
    ]
    return float(answer["threshold"]), judged


def held_out(folder: Path, classifier: Classifier) -> list[Judged]:
    """Sentences kept apart, judged by the trained model; Vietnamese also as it is typed without marks."""
    examples = read(folder) if folder.is_dir() else []
    examples += [
        Example(language="vi unmarked", intent=e.intent, text=plain(e.text)) for e in examples if e.language == "vi"
    ]
    return [_judge(example, classifier) for example in examples]


def _judge(example: Example, classifier: Classifier) -> Judged:
    ranking = classifier.rank(example.text)
    guess, confidence = ranking[0] if ranking else (None, 0.0)
    return Judged(language=example.language, intent=example.intent, guess=guess, confidence=confidence)


def languages(examples: Sequence[Example], classifier: Classifier) -> dict[str, float]:
    """For each language the share of sentences whose language is told rightly, without a hint."""
    told = Counter(e.language for e in examples if _told(e, classifier))
    return {language: told[language] / n for language, n in sorted(Counter(e.language for e in examples).items())}


def _told(example: Example, classifier: Classifier) -> bool:
    return detect(example.text, model=classifier.languages).language == example.language.split()[0]


def rows(judged: Sequence[Judged], threshold: float) -> list[Row]:
    """One row a language, and one for all."""
    by_language = {name: [j for j in judged if j.language == name] for name in sorted({j.language for j in judged})}
    return [_row(name, found, threshold) for name, found in (*by_language.items(), ("all", list(judged))) if found]


def _row(language: str, judged: Sequence[Judged], threshold: float) -> Row:
    answered = [j for j in judged if j.confidence >= threshold]
    return Row(
        language=language,
        sentences=len(judged),
        accuracy=sum(j.right for j in judged) / len(judged),
        answered=len(answered) / len(judged),
        right_of_answered=sum(j.right for j in answered) / len(answered) if answered else 0.0,
    )


def confusions(judged: Sequence[Judged], most: int = 15) -> list[tuple[str, str, int]]:
    """The pairs of intents most often taken for each other: true, guessed, how often."""
    pairs = Counter((j.intent, j.guess or "nothing") for j in judged if not j.right)
    return [(true, guessed, number) for (true, guessed), number in pairs.most_common(most)]


def table(found: Sequence[Row]) -> str:
    """Rows as text, shares in %."""
    lines = [f"{'language':<12}{'sentences':>10}{'accuracy':>10}{'answered':>10}{'right of answered':>19}"]
    lines += [
        f"{r.language:<12}{r.sentences:>10}{r.accuracy:>10.1%}{r.answered:>10.1%}{r.right_of_answered:>19.1%}"
        for r in found
    ]
    return "\n".join(lines)


def main() -> None:
    """Print every report; `python -m nlu.evaluate`."""
    paths = Paths.of(Path(__file__).parent.parent)
    threshold, judged = cross_validated(paths)
    print(f"cross-validated, {FOLDS} parts, threshold {threshold}\n{table(rows(judged, threshold))}\n")
    print("most often taken for each other")
    for true, guessed, number in confusions(judged):
        print(f"{number:>5}  {true} as {guessed}")
    if paths.current.exists():
        classifier = Classifier.load(paths.current)
        kept = held_out(paths.root / "nlu" / "held_out", classifier)
        print(f"\nheld out, threshold {classifier.threshold}\n{table(rows(kept, classifier.threshold))}")


if __name__ == "__main__":
    main()

"""Cross-validation in Rasa's environment: sentences as JSON on stdin, what was said about each on stdout."""

from __future__ import annotations

import json
import sys

from nlu.components.classifier import WordsAndMeaningClassifier
from nlu.components.fit import Sentences, held_out
from nlu.components.thresholds import believed
from nlu.text.kept import KeptVectors


def main() -> None:
    """Read `{"texts", "intents", "folds"}`, write `{"threshold", "answers": [{"intent", "guess",
    "confidence"}]}`: no answers where an intent has too few sentences."""
    asked = json.load(sys.stdin)
    sentences = Sentences.of(asked["texts"], asked["intents"], KeptVectors.here().of)
    c = float(WordsAndMeaningClassifier.get_default_config()["C"])
    plain, full = held_out(sentences, plain=c, full=c, folds=asked["folds"])
    said = full or plain
    answers, threshold = [], 1.0
    if said is not None:
        chances = said.chances
        threshold = believed(chances.max(axis=1), said.right)
        for intent, row in zip(asked["intents"], chances, strict=True):
            best = int(row.argmax())
            answers.append({"intent": intent, "guess": said.labels[best], "confidence": float(row[best])})
    json.dump({"threshold": threshold, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()

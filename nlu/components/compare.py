"""Train on some sentences and judge others, in Rasa's environment: JSON on stdin, the guesses on stdout."""

from __future__ import annotations

import json
import sys

from nlu.components.classifier import WordsAndMeaningClassifier
from nlu.components.fit import Sentences, fit
from nlu.text.kept import KeptVectors


def main() -> None:
    """Read `{"train": {"texts", "intents"}, "test": {"texts"}}`, write `{"words": [intent], "both": [intent] | null}`:
    the best guess for each test sentence by words alone, and by words and meaning."""
    asked = json.load(sys.stdin)
    kept = KeptVectors.here()
    c = float(WordsAndMeaningClassifier.get_default_config()["C"])
    heads = fit(Sentences.of(asked["train"]["texts"], asked["train"]["intents"], kept.of), plain=c, full=c)
    texts = asked["test"]["texts"]
    vectors = kept.of(texts) if heads.full else None
    words = [heads.rank(text)[0][0] for text in texts]
    both = None if vectors is None else [heads.rank(t, v)[0][0] for t, v in zip(texts, vectors, strict=True)]
    json.dump({"words": words, "both": both}, sys.stdout)


if __name__ == "__main__":
    main()

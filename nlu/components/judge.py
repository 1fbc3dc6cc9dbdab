"""Cross-validation in Rasa's environment: sentences as JSON on stdin, what was said about each on stdout."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from nlu.components.fit import held_out, threshold


def main() -> None:
    """Read `{"texts", "intents", "folds"}`, write `{"threshold", "answers": [{"intent", "guess",
    "confidence"}]}`."""
    asked = json.load(sys.stdin)
    answers = held_out(asked["texts"], asked["intents"], folds=asked["folds"])
    json.dump({"threshold": threshold(answers), "answers": [asdict(answer) for answer in answers]}, sys.stdout)


if __name__ == "__main__":
    main()

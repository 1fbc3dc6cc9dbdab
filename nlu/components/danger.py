"""Learning danger: the second voice beside the phrases, from labelled messages.

Two questions, each with a head of words and meaning and one of words alone: is it critical, and which trigger of the
ladder is it likeliest? From what the model says about messages that it had not seen, two thresholds are chosen. The
worker answers both itself, always: danger must not depend on what another process says, nor on which model that one
has loaded.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu.components.fit import OutOfFold, Sentences, learn
from nlu.components.thresholds import for_price, for_recall
from nlu.text.kept import KeptVectors

log = logging.getLogger(__name__)

DANGER, TRIGGERS = "danger", "triggers"
"""The files that are left begin with these; `DANGER` judged is in `danger_judged.json`."""

CRITICAL, OTHER = "critical", "other"

RECALL = 0.90
"""Of critical messages that this voice alone must bring before a human within 15 minutes (H16: not sure whether anyone
is in danger). Phrases miss one in ten or so and this voice one in ten of those. 0.95 would send every twelfth ordinary
message to a human at night (measured), who would stop looking."""

HARD_ALLOWED = 0.015
"""Of messages that look like danger and are none, which this voice may call critical: with what the phrases get wrong
it has to stay within four in a hundred, for a page at night that is nothing wears people out."""

C = 0.1
"""Inverse regularisation of the first question: better than 0.5 (area under the curve, critical against hard, on
messages not trained on: 0.929 against 0.926)."""
C_TRIGGERS = 0.5
FOLDS = 5

WEIGHTS = {"hard": 3.0}
"""Messages that look like danger count thrice: there the border runs."""
EXAMPLE_WEIGHT = 0.5

ORDINARY = frozenset(
    {
        "greet",
        "thanks",
        "affirm",
        "deny",
        "repeat",
        "skip",
        "correct",
        "abuse",
        "out_of_scope",
        "ask_rights",
        "ask_lawyer",
        "ask_interpreter",
        "change_language",
        "ask_blame",
        "ask_fines",
        "ask_go_home",
        "ask_embassy",
        "ask_compensation",
        "ask_job_offer_check",
        "ask_who_are_you",
        "ask_is_robot",
        "ask_privacy",
        "safety_delete",
        "talk_to_human",
        "money_lost",
        "disclose_unpaid",
    }
)
"""Intents whose sentences carry nothing critical."""
SETTLED = {"disclose_jump": "C4"}
"""Intents whose sentences carry one critical trigger, whatever else they say."""


@dataclass(frozen=True)
class Material:
    """Messages and training sentences, as danger is learnt from them."""

    texts: list[str]
    kinds: list[str]  # the sharpest label: an id of the ladder, "hard" or "plain"; "example" for a harmless sentence
    messages: int  # so many of the first are labelled messages

    @classmethod
    def of(cls, messages: Sequence[tuple[str, str]], examples: Sequence[tuple[str, str]]) -> Material:
        """From (sharpest label, text) and (intent, text)."""
        said = [(kind, text) for kind, text in messages]
        said += [(SETTLED.get(intent, "example"), text) for intent, text in examples if intent in ORDINARY | {*SETTLED}]
        return cls([text for _, text in said], [kind for kind, _ in said], len(messages))

    def critical(self) -> list[bool]:
        """Which of the texts are."""
        return [kind[0] == "C" for kind in self.kinds]


def main() -> None:
    """Read `{"messages": [[label, text]], "examples": [[intent, text]]}` from stdin, write the trained heads into the
    folder named."""
    folder, given = Path(sys.argv[1]), json.load(sys.stdin)
    learn_into(folder, Material.of(given["messages"], given["examples"]), KeptVectors.here())


def learn_into(folder: Path, material: Material, vectors: KeptVectors) -> None:
    """Train both questions and leave their files.

    Raises:
        ValueError: the messages are of one kind only.
    """
    weights = [
        WEIGHTS.get(kind, 1.0) if i < material.messages else EXAMPLE_WEIGHT for i, kind in enumerate(material.kinds)
    ]
    labels = [CRITICAL if critical else OTHER for critical in material.critical()]
    sentences = Sentences.of(material.texts, labels, vectors.of, weights)
    folds = min(FOLDS, *Counter(labels).values())
    learnt = learn(sentences, plain=C, full=C, folds=folds, report=_say)
    learnt.heads.save(folder, DANGER)
    judged = {"plain": _judged(learnt.plain, material), "full": _judged(learnt.full, material)}
    (folder / f"{DANGER}_judged.json").write_text(json.dumps(judged), encoding="utf-8")
    some = [i for i, critical in enumerate(material.critical()) if critical]
    texts, kinds = [material.texts[i] for i in some], [material.kinds[i] for i in some]
    if len(set(kinds)) > 1:
        learn(Sentences.of(texts, kinds, vectors.of), plain=C_TRIGGERS, full=C_TRIGGERS, folds=0).heads.save(
            folder, TRIGGERS
        )


def _judged(said: OutOfFold | None, material: Material) -> dict[str, Any] | None:
    """Both thresholds of a head, and what they cost: shares of each kind of message that reach them."""
    if said is None:
        return None
    chances = said.chances[: material.messages, said.labels.index(CRITICAL)]
    kinds = np.array([kind if kind in {"hard", "plain"} else kind[0] for kind in material.kinds[: material.messages]])
    high = for_recall(chances[kinds == "C"], RECALL)
    critical = max(for_price(chances[kinds == "hard"], HARD_ALLOWED), high)
    priced = {
        name: {kind: round(float((chances[kinds == kind] >= at).mean()), 4) for kind in sorted(set(kinds.tolist()))}
        for name, at in (("high", high), ("critical", critical))
    }
    return {"high": high, "critical": min(critical, 2.0), "share": priced}  # 2: out of reach, and no infinity in JSON


def _say(done: int, of: int) -> None:
    log.warning("hotline progress %d/%d", done, of)


if __name__ == "__main__":
    main()

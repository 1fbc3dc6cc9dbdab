"""The same pipeline on a public set of intents in many languages, so that our choice can be compared with others'.

MASSIVE (FitzGerald and others 2022, CC BY 4.0) as it is published: one `<locale>.jsonl` a language, each line with
`partition`, `intent` and `utt`. The files are not part of the hotline; whoever has them names their folder.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.places import Paths, small_environment

SEED = 20
"""Which sentences are drawn is the same in every run."""


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One line of a set."""

    locale: str
    partition: str
    intent: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A locale's share of right guesses, 0..1; `both` is None where there is no encoder."""

    locale: str
    judged: int
    words: float
    both: float | None


def read(folder: Path, locales: Iterable[str] = ()) -> list[Utterance]:
    """Every utterance of the locales named, or of all.

    Raises:
        OSError, ValueError, KeyError: there are no files, or one is not in the published form.
    """
    wanted = set(locales)
    paths = [p for p in sorted(folder.glob("*.jsonl*")) if not wanted or p.name.split(".")[0] in wanted]
    if not paths:
        raise FileNotFoundError(f"no <locale>.jsonl in {folder}")
    return [said for path in paths for said in _lines(path)]


def compare(
    paths: Paths, said: Sequence[Utterance], *, examples: int | None = None, judged: int = 500
) -> tuple[int, list[Row]]:
    """Train one model on `examples` sentences of each intent and locale (all where None), and judge up to `judged` test
    sentences of each locale. Returns how many it was trained on, and a row a locale.

    Raises:
        subprocess.CalledProcessError: Rasa's environment could not train.
    """
    train = list(_drawn([u for u in said if u.partition == "train"], examples, by_intent=True))
    test = list(_drawn([u for u in said if u.partition == "test"], judged, by_intent=False))
    asked = {
        "train": {"texts": [u.text for u in train], "intents": [u.intent for u in train]},
        "test": {"texts": [u.text for u in test]},
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
        [str(paths.python), "-m", "nlu.components.compare"],
        input=json.dumps(asked),
        env=small_environment(paths) | {"NLU_VECTORS": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    guesses = json.loads(done.stdout)
    return len(train), list(_rows(test, guesses["words"], guesses["both"]))


def text(trained_on: int, rows: Sequence[Row]) -> str:
    """The comparison as a table, with the mean of the locales."""
    lines = [f"trained on {trained_on} sentences", f"{'locale':<10}{'judged':>8}{'words':>9}{'words + meaning':>18}"]
    for row in rows:
        both = "-" if row.both is None else f"{row.both:.1%}"
        lines.append(f"{row.locale:<10}{row.judged:>8}{row.words:>9.1%}{both:>18}")
    words = sum(row.words for row in rows) / len(rows)
    whole = [row.both for row in rows if row.both is not None]
    mean = f"{sum(whole) / len(whole):.1%}" if whole else "-"
    return "\n".join([*lines, f"{'mean':<10}{'':>8}{words:>9.1%}{mean:>18}"])


def _lines(path: Path) -> Iterator[Utterance]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            found = json.loads(line)
            yield Utterance(
                locale=path.name.split(".")[0],
                partition=found["partition"],
                intent=found["intent"],
                text=found["utt"],
            )


def _drawn(said: Sequence[Utterance], number: int | None, *, by_intent: bool) -> Iterator[Utterance]:
    groups: defaultdict[tuple[str, str], list[Utterance]] = defaultdict(list)
    for utterance in said:
        groups[utterance.locale, utterance.intent if by_intent else ""].append(utterance)
    draw = random.Random(SEED)  # noqa: S311 - a sample, no secret
    for _, group in sorted(groups.items()):
        yield from group if number is None or number >= len(group) else draw.sample(group, number)


def _rows(test: Sequence[Utterance], words: Sequence[str], both: Sequence[str] | None) -> Iterator[Row]:
    for locale in sorted({u.locale for u in test}):
        places = [i for i, u in enumerate(test) if u.locale == locale]
        right = [
            None if guesses is None else sum(guesses[i] == test[i].intent for i in places) / len(places)
            for guesses in (words, both)
        ]
        yield Row(locale=locale, judged=len(places), words=right[0] or 0.0, both=right[1])

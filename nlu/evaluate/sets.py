"""The sentences that understanding is judged on: `nlu/<set>/<language>/` with `messages.tsv` and `nlu.yml`.

`held_out` was written by those who wrote the training data and then kept apart; `fresh` by others who had not seen
it; `regression` holds what was once got wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nlu.examples import Example, read
from nlu.labelled import Labelled, labelled

SETS = ("held_out", "fresh", "regression")


@dataclass(frozen=True, kw_only=True)
class TestSet:
    """One set, of every language that has one."""

    __test__ = False  # no test case, whatever its name

    name: str
    messages: tuple[Labelled, ...]
    examples: tuple[Example, ...]


def load(root: Path, name: str) -> TestSet:
    """A set under the folder `nlu/`; empty where nobody has written it.

    Raises:
        OSError, ValueError: a file cannot be read, or a line is no labelled message.
    """
    folder = root / name
    found = [m for path in sorted(folder.glob("*/messages.tsv")) for m in labelled(path, path.parent.name)]
    examples = read(folder) if folder.is_dir() else []
    return TestSet(name=name, messages=tuple(found), examples=tuple(examples))

"""The sentences that understanding is judged on: `nlu/<set>/<language>/` with `messages.tsv` and `nlu.yml`.

`held_out` was written by those who wrote the training data and then kept apart; `fresh` by others who had not seen
it; `regression` holds what was once got wrong. `nlu/messages/<language>.tsv` has the same form and is trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nlu.examples import Example, read

Kind = Literal["critical", "high", "medium", "low", "hard", "plain"]

SETS = ("held_out", "fresh", "regression")
_KINDS: dict[str, Kind] = {"C": "critical", "H": "high", "M": "medium", "L": "low"}


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One message and what it carries. `labels`: ids of the ladder, the sharpest first; or "hard" (looks like danger
    and is none), or "plain"."""

    language: str
    labels: tuple[str, ...]
    text: str

    @property
    def kind(self) -> Kind:
        """The level of the sharpest label, or which of the two harmless kinds."""
        first = self.labels[0]
        if first == "hard":
            return "hard"
        return "plain" if first == "plain" else _KINDS[first[0]]


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


def training_messages(root: Path) -> list[Labelled]:
    """The labelled messages that are trained on: `nlu/messages/<language>.tsv`.

    Raises:
        OSError, ValueError: as `load`.
    """
    return [m for path in sorted((root / "messages").glob("*.tsv")) for m in labelled(path, path.stem)]


def labelled(path: Path, language: str) -> list[Labelled]:
    """Lines of `labels<TAB>text`; empty lines and those that begin with # are no messages.

    Raises:
        OSError, ValueError: as `load`.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        label, tab, text = line.partition("\t")
        labels = tuple(label.split("+"))
        if not tab or not text.strip() or not all(_is_label(name) for name in labels):
            raise ValueError(f"{path.name}, line {number}: not `labels<TAB>message`")
        found.append(Labelled(language=language, labels=labels, text=text.strip()))
    return found


def _is_label(name: str) -> bool:
    return name in {"hard", "plain"} or (name[:1] in _KINDS and (name[1:].isdecimal() or name == "L"))

"""Messages and what each carries: `labels<TAB>message`, one a line.

Danger and languages are learnt from some of them, and judged on others (`nlu.evaluate.sets`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["critical", "high", "medium", "low", "hard", "plain"]

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


def training_messages(folder: Path) -> list[Labelled]:
    """The labelled messages that are trained on: `folder/<language>.tsv`.

    Raises:
        OSError, ValueError: a file cannot be read, or a line is no labelled message.
    """
    return [message for path in sorted(folder.glob("*.tsv")) for message in labelled(path, path.stem)]


def labelled(path: Path, language: str) -> list[Labelled]:
    """Lines of `labels<TAB>text`; empty lines and those that begin with # are no messages.

    Raises:
        OSError, ValueError: as `training_messages`.
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

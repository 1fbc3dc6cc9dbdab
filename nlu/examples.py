"""Reading Rasa's training files: `nlu/data/<language>/*.yml` and, in the same form, sentences kept for
judging."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_LISTED = re.compile(r"^\s*-\s+", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One sentence, the language of its folder, and what it asks for."""

    language: str
    intent: str
    text: str


def read(folder: Path) -> list[Example]:
    """Every example sentence under `folder/<language>/`, in a fixed order; entity marks removed.

    Raises:
        OSError, ValueError: a file cannot be read, or is no training file.
    """
    found: list[Example] = []
    for path in training_files(folder):
        language = path.relative_to(folder).parts[0]
        for entry in _entries(path):
            if "intent" in entry:
                intent = str(entry["intent"])
                found.extend(Example(language=language, intent=intent, text=t) for t in _sentences(entry))
    return found


def training_files(folder: Path) -> list[Path]:
    """The training files, sorted."""
    return sorted(path for path in folder.glob("*/*.yml") if path.is_file())


def _entries(path: Path) -> Iterable[dict[str, Any]]:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict) or not isinstance(read.get("nlu", []), list):
        raise ValueError(f"{path.name} is no training file")
    return [entry for entry in read.get("nlu", []) if isinstance(entry, dict)]


def _sentences(entry: dict[str, Any]) -> list[str]:
    examples = entry.get("examples") or ""
    if isinstance(examples, str):
        lines = [line for line in _LISTED.split(examples) if line.strip()]
    else:
        lines = [str(line["text"] if isinstance(line, dict) else line) for line in examples]
    return [_ANNOTATED.sub(r"\1", " ".join(line.split())) for line in lines]

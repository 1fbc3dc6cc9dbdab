"""Reading Rasa's training files: `nlu/data/<language>/*.yml` and, in the same form, sentences kept for
judging."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ANNOTATED = re.compile(r"\[([^\]]+)\](?:\(([^):]*)[^)]*\)|(\{[^}]*\}))")
_LISTED = re.compile(r"^\s*-\s+", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One sentence, the language of its folder, and what it asks for."""

    language: str
    intent: str
    text: str
    entities: tuple[tuple[str, int, int], ...] = ()  # kind, start, end in `text`


def read(folder: Path) -> list[Example]:
    """Every example sentence under `folder/<language>/`, in a fixed order; entity marks are kept beside the text.

    Raises:
        OSError, ValueError: a file cannot be read, or is no training file.
    """
    found: list[Example] = []
    for path in training_files(folder):
        language = path.relative_to(folder).parts[0]
        for entry in _entries(path):
            if "intent" in entry:
                intent = str(entry["intent"])
                found.extend(_example(language, intent, line) for line in _sentences(entry))
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
    return [" ".join(line.split()) for line in lines]


def _example(language: str, intent: str, line: str) -> Example:
    """A line without its marks, and where they were."""
    text = ""
    last = 0
    marks = []
    for mark in _ANNOTATED.finditer(line):
        text += line[last : mark.start()]
        kind = mark[2] if mark[2] is not None else str(json.loads(mark[3]).get("entity", ""))
        marks.append((kind, len(text), len(text) + len(mark[1])))
        text += mark[1]
        last = mark.end()
    return Example(language=language, intent=intent, text=text + line[last:], entities=tuple(marks))

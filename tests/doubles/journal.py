"""A journal that survives a kill: what a double accepted, one JSON line each, on disk before it answers."""

from __future__ import annotations

import json
import os
from pathlib import Path


class DiskJournal:
    """Lines in memory, and in a file where one is named."""

    def __init__(self, path: Path | None = None) -> None:
        self.lines: list[dict[str, object]] = read_journal(path) if path and path.exists() else []
        self._file = path.open("a", encoding="ascii") if path else None

    def add(self, **line: object) -> None:
        """Keep one line; it is on disk when this returns."""
        self.lines.append(line)
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def read_journal(path: Path) -> list[dict[str, object]]:
    """What stands in a journal file; a last line cut short by a kill is left out."""
    lines = path.read_text("ascii").split("\n")
    return [json.loads(line) for line in lines[:-1] if line]

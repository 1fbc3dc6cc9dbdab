"""What a role prints: kept in a file of bounded size, never printed wholesale."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from pathlib import Path

LIMIT_BYTES = 2_000_000  # and once more in the file before it: 4 MB a role, 24 MB for six roles
TAIL_LINES = 20
LINE_BYTES = 500  # of a line that is reported


class RoleLog:
    """`<folder>/<role>.log`, and `<role>.log.1` for what came before it."""

    def __init__(self, folder: Path, role: str, *, limit: int = LIMIT_BYTES) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / f"{role}.log"
        self._limit = limit
        self._tail: deque[bytes] = deque(maxlen=TAIL_LINES)
        self._rest = b""
        self._descriptor = self._open()

    def write(self, output: bytes) -> None:
        """Keep `output`. A full disk loses log lines, and must not take a role down."""
        *lines, rest = (self._rest + output).split(b"\n")
        self._rest = rest[-LINE_BYTES:]
        self._tail.extend(line[:LINE_BYTES] for line in lines)
        with contextlib.suppress(OSError):
            if os.fstat(self._descriptor).st_size + len(output) > self._limit:
                self._rotate()
            os.write(self._descriptor, output)

    def tail(self) -> str:
        """The last lines."""
        lines = [*self._tail, self._rest] if self._rest else list(self._tail)
        return b"\n".join(lines[-TAIL_LINES:]).decode("utf-8", "replace")

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _rotate(self) -> None:
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        fresh = self._open()
        os.close(self._descriptor)
        self._descriptor = fresh

"""One hotline on one data folder: two would share a spool and a database cluster."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from bot.core.errors import HotlineError


class DataFolderBusy(HotlineError):
    """Another hotline is already running on this data folder."""


class FolderLock:
    """The right to work on a data folder, held while this process lives; a dead process holds nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether we hold it."""
        return self._descriptor is not None

    def __enter__(self) -> FolderLock:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DataFolderBusy(
                f"Another hotline (process {holder}) is running on {self.folder}. Stop it, or give this one "
                "a folder of its own with --data-dir."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

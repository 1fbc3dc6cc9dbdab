"""The spool: where messages wait, sealed and on disk, while the database is away (design §2.1).

While anything waits, everything new joins it, so that a person's messages keep their order. A file is complete or
absent: it is written beside, synced, renamed, and the folder synced, before the provider gets its 200.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from bot.core.crypto import Keyring
from bot.core.errors import HotlineError, SealBroken, SpoolUnavailable, Unreadable
from bot.core.ids import new_id
from bot.core.logs import get_logger

log = get_logger(__name__)

_ENDING = ".sealed"
_STUCK = "stuck"


@dataclass(frozen=True, kw_only=True)
class Spooled:
    """What waits: a provider's bytes as they came, and when."""

    id: UUID
    channel: str
    account: str
    raw: bytes
    received_at: datetime


class Spool:
    """A folder of sealed messages. Several processes may use the same one.

    Raises:
        SpoolUnavailable: on construction, if the folder cannot be written: no writable spool, no start.
    """

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring
        try:
            (folder / _STUCK).mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            probe = folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError:
            raise SpoolUnavailable from None

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        with os.scandir(self._folder) as entries:
            return not any(entry.name.endswith(_ENDING) for entry in entries)

    def count(self) -> int:
        """How many messages wait."""
        return sum(1 for _ in self._folder.glob(f"*{_ENDING}"))

    def stuck(self) -> int:
        """How many files were set aside because they could not be opened."""
        return sum(1 for _ in (self._folder / _STUCK).iterdir())

    def put(self, *, channel: str, account: str, raw: bytes, received_at: datetime) -> None:
        """Keep bytes until the database is back.

        Raises:
            SpoolUnavailable: they could not be written and synced; the provider must be told to try again.
        """
        spooled_id = new_id(received_at)
        head = json.dumps({"channel": channel, "account": account, "at": received_at.isoformat()}).encode()
        sealed = self._keyring.seal_intake(len(head).to_bytes(4) + head + raw, _place(spooled_id))
        path = self._folder / f"{spooled_id}{_ENDING}"
        try:
            _write_synced(path, sealed)
        except OSError:
            raise SpoolUnavailable from None

    async def drain(self, store: Callable[[Spooled], Awaitable[None]]) -> int:
        """Hand what waits to `store`, oldest first, one drainer at a time. Returns how many were stored.

        Stops at the first one that the store does not take now. A file that cannot be opened is moved aside for a
        human and the next ones go on.
        """
        done = 0
        with self._only_drainer() as mine:
            if not mine:
                return 0
            for path in sorted(self._folder.glob(f"*{_ENDING}")):
                try:
                    await store(self._read(path))
                except (SealBroken, Unreadable, ValueError, KeyError) as error:
                    log.error("a spooled message is set aside for a human", exc_info=error)
                    path.rename(self._folder / _STUCK / path.name)
                    continue
                except HotlineError:
                    return done
                path.unlink()
                done += 1
        return done

    def _read(self, path: Path) -> Spooled:
        spooled_id = UUID(path.name.removesuffix(_ENDING))
        opened = self._keyring.open_intake(path.read_bytes(), _place(spooled_id))
        size = int.from_bytes(opened[:4])
        try:
            head = json.loads(opened[4 : 4 + size])
        except ValueError:
            raise SealBroken from None
        return Spooled(
            id=spooled_id,
            channel=head["channel"],
            account=head["account"],
            raw=opened[4 + size :],
            received_at=datetime.fromisoformat(head["at"]),
        )

    @contextmanager
    def _only_drainer(self) -> Iterator[bool]:
        with (self._folder / ".drain").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True


def _place(spooled_id: UUID) -> str:
    return f"spool/{spooled_id}"


def _write_synced(path: Path, content: bytes) -> None:
    beside = path.with_suffix(".writing")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

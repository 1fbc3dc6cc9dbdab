"""A folder that other accounts can pass through, and a supervisor whose events can be waited for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
import pytest

from bot.run.postgres import EmbeddedPostgres
from bot.run.supervisor import Event, FolderLock, Role, Supervisor

PATIENCE = 60  # s; no test waits that long unless something hangs


class Watch:
    """A supervisor at work, and all that it told."""

    def __init__(self, roles: tuple[Role, ...], lock: FolderLock) -> None:
        self.events: list[tuple[str, Event, str]] = []
        self._news = asyncio.Event()
        self.supervisor = Supervisor(roles, lock=lock, on_event=self._note)

    def _note(self, role: str, event: Event, detail: str) -> None:
        self.events.append((role, event, detail))
        self._news.set()

    def told(self, role: str, event: Event) -> list[str]:
        """The details of every such event so far."""
        return [detail for name, kind, detail in self.events if (name, kind) == (role, event)]

    async def until(self, role: str, event: Event, times: int = 1) -> str:
        """Wait until it was told so often; the last one's detail."""
        async with asyncio.timeout(PATIENCE):
            while len(self.told(role, event)) < times:
                self._news.clear()
                await self._news.wait()
        return self.told(role, event)[-1]


def ask(postgres: EmbeddedPostgres, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement as the hotline and commit."""
    address = f"host={postgres.sockets} user=hotline dbname=hotline"
    with psycopg.connect(address) as connection:
        cursor = connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


class Supervise(Protocol):
    """Runs roles for the length of a block, then stops them."""

    def __call__(self, *roles: Role) -> AbstractAsyncContextManager[Watch]: ...


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that PostgreSQL's account can pass through (pytest's own is private to us)."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def postgres(ground: Path) -> EmbeddedPostgres:
    """An embedded PostgreSQL that was never started."""
    return EmbeddedPostgres(ground / "hotline", system_folder=ground / "system")


@pytest.fixture
def supervise(tmp_path: Path) -> Supervise:
    """Supervises roles on a folder of its own."""

    @asynccontextmanager
    async def run(*roles: Role) -> AsyncIterator[Watch]:
        with FolderLock(tmp_path) as lock:
            watch = Watch(roles, lock)
            work = asyncio.ensure_future(watch.supervisor.run(handle_signals=False))
            try:
                yield watch
            finally:
                watch.supervisor.stop()
                async with asyncio.timeout(PATIENCE):
                    await work

    return run


@pytest.fixture
def wait_gone() -> Callable[[int], None]:
    """Waits for the end of any process, ours or not."""

    def wait(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                poll = select.poll()
                poll.register(handle, select.POLLIN)
                assert poll.poll(PATIENCE * 1000), f"process {pid} is still there"
            finally:
                os.close(handle)

    return wait

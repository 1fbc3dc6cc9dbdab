"""One LISTEN connection a process, fanned out to every screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psycopg

from bot.core.logs import get_logger
from bot.store.session import CHANGES

log = get_logger(__name__)

EVERYTHING = "*"
"""Told to screens after the connection was lost, since anything may have changed meanwhile."""

_AGAIN_AFTER = 1.0  # seconds between two tries to connect; the database is ours, so there is no crowd


class Screen:
    """What one screen has not been told yet. Many changes of one conversation are one."""

    def __init__(self) -> None:
        self._pending: set[str] = set()
        self._news = asyncio.Event()

    def tell(self, conversation_id: str) -> None:
        """Something changed in a conversation."""
        self._pending.add(conversation_id)
        self._news.set()

    async def wait(self, seconds: float) -> frozenset[str]:
        """The conversations that changed, as soon as there is one; empty after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()
        changed, self._pending = frozenset(self._pending), set()
        return changed

    async def wait_for(self, conversation_id: str, seconds: float) -> None:
        """Return when this conversation may have changed, or after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not {conversation_id, EVERYTHING} & await self.wait(seconds):
                    pass


class Changes:
    """Listens on PostgreSQL and tells the screens. `dsn` is a libpq address; only ids travel."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._screens: set[Screen] = set()

    @contextmanager
    def screen(self) -> Iterator[Screen]:
        """A screen that is told of changes while the block runs."""
        screen = Screen()
        self._screens.add(screen)
        try:
            yield screen
        finally:
            self._screens.discard(screen)

    def tell(self, conversation_id: str) -> None:
        """Tell every screen."""
        for screen in self._screens:
            screen.tell(conversation_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("changes: listening again", exc_info=error)
            await asyncio.sleep(_AGAIN_AFTER)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"LISTEN {CHANGES}")
            self.tell(EVERYTHING)
            async for notice in connection.notifies():
                self.tell(notice.payload)

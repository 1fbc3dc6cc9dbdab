"""The sweep: once a second, wake what is stored and not handled, due and not sent, or left by a sender that died.

Tables hold what is to be done; jobs are only wake-ups, so a lost one costs a second and never a message (design §3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.core.clock import Clock
from bot.core.errors import StoreUnavailable
from bot.core.logs import get_logger
from bot.store import jobs
from bot.store.session import Store
from escalation import paging

log = get_logger(__name__)

EVERY = 1.0
"""Seconds between two sweeps."""

SETTLED = timedelta(seconds=1.5)
"""Younger rows have a wake-up of their own under way."""


class Sweep:
    """Sweeps; among all workers one at a time."""

    def __init__(self, *, store: Store, clock: Clock, return_silent: Callable[[], Awaitable[int]]) -> None:
        """`return_silent` gives cases of operators who went silent back to the queue (design §9)."""
        self._store = store
        self._clock = clock
        self._return_silent = return_silent

    async def once(self) -> int:
        """One sweep. Returns the number of wake-ups, 0 also where another worker is at it.

        Raises:
            StoreUnavailable: the database is away.
        """
        now = self._clock.now()
        async with self._store.transaction() as tx:
            if not await jobs.is_only_sweeper(tx):
                return 0
            await paging.sweep(tx, now)
            await jobs.forget_done(tx)
            return await jobs.wake_what_is_due(tx, now=now, settled=now - SETTLED)

    async def run(self) -> None:
        """Sweep for as long as the role lives."""
        while True:
            try:
                await self.once()
                await self._return_silent()
            except StoreUnavailable:
                log.warning("sweep: database away")
            except Exception as error:
                log.error("sweep failed", exc_info=error)
            await asyncio.sleep(EVERY)

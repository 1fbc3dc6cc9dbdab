"""A worker: woken by jobs, it runs turns and deliveries; beside them the sweep and the pulse.

procrastinate is the engine of the wake-ups. The worker ends when the database goes away, whatever its exit code; the
supervisor starts it again (`pitfalls.md`).
"""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import datetime, timedelta
from uuid import UUID

from procrastinate import App, PsycopgConnector

from bot.core.errors import SealBroken, StoreUnavailable
from bot.core.logs import get_logger
from bot.run.parts import Parts, understander
from bot.run.timekeeping import Offset, follow
from bot.store import jobs, pulse
from bot.store.session import APP_ROLE, libpq_dsn

log = get_logger(__name__)

POLL = 5.0
"""Seconds between looks at the job table where no notice came; the notice is what wakes (LISTEN)."""

BEAT = 2.0
GONE = timedelta(minutes=10)
GRACE = 8.0
"""Seconds a stopping worker may finish what it has begun; the supervisor's own limit is longer."""


def job_app(url: str, *, connections: int = 3) -> App:
    """procrastinate on the hotline's database, under the hotline's role."""
    connector = PsycopgConnector(
        conninfo=libpq_dsn(url),
        # Jobs are wake-ups that the sweep makes again, so they need not wait for the disk; what they stand for does.
        kwargs={"options": f"-c role={APP_ROLE} -c synchronous_commit=off"},
        min_size=1,
        max_size=connections,
    )
    return App(connector=connector)


class Worker:
    """One worker process."""

    def __init__(self, parts: Parts, *, concurrency: int, url: str, poll: float = POLL) -> None:
        self._parts = parts
        self._concurrency = concurrency
        self._poll = poll
        self._handled_at: datetime | None = None
        self._understander, self._rasa = understander(parts.settings)
        self._turn = parts.turn(self._understander)
        self._delivery = parts.delivery()
        self._app = job_app(url)
        self._app.task(name=jobs.TURN, queue=jobs.QUEUE)(self._run_turn)
        self._app.task(name=jobs.DELIVER, queue=jobs.QUEUE)(self._run_delivery)

    async def run(self) -> None:
        """Work until told to stop, or until the database goes away."""
        beside = [
            asyncio.create_task(self._parts.sweep().run()),
            asyncio.create_task(self._beat()),
            asyncio.create_task(self._warm_up()),
            asyncio.create_task(follow(self._parts)),
        ]
        try:
            async with self._app.open_async():
                await self._app.run_worker_async(
                    queues=[jobs.QUEUE],
                    concurrency=self._concurrency,
                    fetch_job_polling_interval=self._poll,
                    abort_job_polling_interval=60.0,
                    delete_jobs="always",
                    shutdown_graceful_timeout=GRACE,
                )
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            if self._rasa is not None:
                await self._rasa.aclose()
            await self._parts.close()

    async def _run_turn(self, conversation_id: str) -> None:
        """Turns, and then at once what they have to say; the deliver job of their commit is the net under it."""
        if await self._turn.run(UUID(conversation_id)):
            await self._run_delivery(conversation_id)
        self._handled_at = self._parts.clock.now()

    async def _run_delivery(self, conversation_id: str) -> None:
        try:
            await self._delivery.run(UUID(conversation_id))
        except SealBroken:
            log.error("a conversation's words do not open; nothing is sent", conversation_id=conversation_id)
            return
        self._handled_at = self._parts.clock.now()

    async def _beat(self) -> None:
        role = f"worker:{os.getpid()}@{socket.gethostname()}"
        offset = Offset(self._parts)
        while True:
            now = self._parts.clock.now()
            try:
                async with self._parts.store.reading() as c:
                    await pulse.beat(
                        c, role, now=now, handled_at=self._handled_at, offset=offset.seconds(), before=now - GONE
                    )
            except StoreUnavailable:
                log.warning("no sign of life could be written")
            await asyncio.sleep(BEAT)

    async def _warm_up(self) -> None:
        """The first parse takes over a second, so it is not a person's (`pitfalls.md`)."""
        await self._understander.warm_up()
        while self._rasa is not None and not await self._rasa.warm_up():
            await asyncio.sleep(2.0)

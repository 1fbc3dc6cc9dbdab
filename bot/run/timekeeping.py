"""A wrong clock of ours would mute the line, so it is measured against the providers' and corrected (design §3).

A worker sees Telegram's `Date` header with each answer and writes the difference into its sign of life; every role
follows it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

from bot.core.errors import StoreUnavailable
from bot.core.logs import get_logger
from bot.run.parts import Parts
from bot.store import pulse

log = get_logger(__name__)

NOTICEABLE = timedelta(seconds=2)
"""A `Date` header has whole seconds and travels a while: less than this says nothing."""

ALARMING = timedelta(seconds=30)
"""From here on it is an error in the log and in `/readyz`: the machine's clock has to be mended."""

EVERY = 5.0


AGREEING = 3
"""So many different answers have to agree before they move our clock: one odd header moves nothing."""


class Offset:
    """What the providers' answers say about this machine's clock."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen: deque[timedelta] = deque(maxlen=AGREEING)

    def seconds(self) -> float | None:
        """Seconds to add to the machine's clock; None while the answers are too few or differ."""
        telegram = self._parts.telegram
        latest = telegram.provider_offset if telegram else None
        if latest is not None and (not self._seen or latest is not self._seen[-1]):
            self._seen.append(latest)
        if len(self._seen) < AGREEING or max(self._seen) - min(self._seen) > NOTICEABLE:
            return None
        off = sorted(self._seen)[AGREEING // 2]
        return off.total_seconds() if abs(off) >= NOTICEABLE else 0.0


async def follow(parts: Parts) -> None:
    """Correct this process's clock by what the workers measured, for as long as it lives."""
    while True:
        try:
            async with parts.store.reading() as c:
                seconds = await pulse.clock_offset(c)
        except StoreUnavailable:
            seconds = None
        if seconds is not None:
            parts.clock.correct(timedelta(seconds=seconds))
            if abs(seconds) >= ALARMING.total_seconds():
                log.error("the machine's clock is wrong and is being corrected", offset=seconds)
        await asyncio.sleep(EVERY)

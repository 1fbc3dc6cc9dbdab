"""A wrong clock of ours would mute the line, so it is measured against the providers' and corrected (design §3).

A worker sees Telegram's `Date` header with each answer and writes the difference into its sign of life; every role
follows it.
"""

from __future__ import annotations

import asyncio
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


def measured(parts: Parts) -> float | None:
    """Seconds to add to the machine's clock by the newest answer of a provider; None where nothing was measured."""
    telegram = parts.telegram
    if telegram is None or telegram.provider_offset is None:
        return None
    off = telegram.provider_offset
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

"""Who is really there: on shift, with a screen that answers and no page left unshown (design §2.9)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import operators
from escalation.lines import Cover

SCREEN_SILENT_AFTER = timedelta(seconds=45)
"""A screen answers every 10 s; four answers may be lost on a poor line before nobody counts on it."""


async def cover(c: AsyncConnection, now: datetime) -> Cover:
    """The cover at this moment, read in the caller's transaction.

    `on_call` is false in this version: no page target outside the console yet, nobody can be called.
    """
    there = await operators.in_cover(c, now - SCREEN_SILENT_AFTER)
    return Cover(on_shift=tuple(languages for _, languages in there))

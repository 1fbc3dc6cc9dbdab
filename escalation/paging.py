"""Putting a case in front of the people on shift, and finding out that a screen did not show it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import operators, pages
from escalation.roster import SCREEN_SILENT_AFTER

SHOWN_WITHIN = timedelta(seconds=20)
"""A screen answers at once and again every 10 s; two answers missed means that nobody saw it."""


async def page(c: AsyncConnection, case_id: UUID, now: datetime) -> int:
    """Page everybody in the cover, in the transaction that opened or raised the case. Returns how many."""
    there = await operators.in_cover(c, now - SCREEN_SILENT_AFTER)
    for operator_id, _ in there:
        await pages.add(c, case_id, operator_id, now)
    return len(there)


async def page_whoever_was_not(c: AsyncConnection, conversation_id: UUID | None, now: datetime) -> int:
    """Page those in the cover who were not paged yet for a waiting case: they came on shift after it opened.

    With no conversation, for every waiting case.
    """
    return await pages.add_missing(c, conversation_id, now - SCREEN_SILENT_AFTER, now)


async def sweep(c: AsyncConnection, now: datetime) -> int:
    """Mark pages that no screen showed in time as failed, which takes their operators out of the cover."""
    await page_whoever_was_not(c, None, now)
    return await pages.fail_older(c, now - SHOWN_WITHIN)


async def answered(c: AsyncConnection, operator_id: UUID, now: datetime) -> None:
    """An operator's screen answered: it is live, and what was put there has been shown."""
    await operators.saw(c, operator_id, now)
    await pages.mark_shown(c, operator_id, now)

"""Pages: a case put in front of one operator's screen, and whether the screen showed it (design §2.9)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import new_id
from bot.store.operators import IN_COVER

CONSOLE = "console"
"""The only target so far: the operator's live screen."""

_ADD = text(
    "INSERT INTO page (id, case_id, operator_id, target, state, at)"
    " VALUES (:id, :case, :operator, :target, 'made', :now)"
)
_MISSING = text(
    f"""
    INSERT INTO page (id, case_id, operator_id, target, state, at)
    SELECT gen_random_uuid(), f.id, o.id, 'console', 'made', :now FROM case_file f, operator o
    WHERE f.state = 'waiting' AND (CAST(:conversation AS uuid) IS NULL OR f.conversation_id = :conversation)
        AND {IN_COVER}
        AND NOT EXISTS (SELECT FROM page p WHERE p.case_id = f.id AND p.operator_id = o.id)
    """
)
_SHOWN = text(
    "UPDATE page SET state = 'shown', seen_at = :now WHERE operator_id = :operator AND state IN ('made', 'failed')"
)
_ACKNOWLEDGED = text(
    "UPDATE page SET state = 'acknowledged', seen_at = COALESCE(seen_at, :now)"
    " WHERE case_id = :case AND operator_id = :operator AND state <> 'acknowledged'"
)
_FAILED = text("UPDATE page SET state = 'failed' WHERE state = 'made' AND at < :before")


async def add(c: AsyncConnection, case_id: UUID, operator_id: UUID, now: datetime) -> UUID:
    """One page for one operator, in the transaction that opened or raised the case."""
    page_id = new_id(now)
    values = {"id": page_id, "case": case_id, "operator": operator_id, "target": CONSOLE, "now": now}
    await c.execute(_ADD, values)
    return page_id


async def add_missing(c: AsyncConnection, conversation_id: UUID | None, seen_since: datetime, now: datetime) -> int:
    """Page whoever is in the cover and was not paged yet for a waiting case, of one conversation or of all."""
    values = {"conversation": conversation_id, "seen_since": seen_since, "now": now}
    return (await c.execute(_MISSING, values)).rowcount


async def mark_shown(c: AsyncConnection, operator_id: UUID, now: datetime) -> int:
    """The operator's screen answered: whatever was put there is shown, and a failed page is made good."""
    return (await c.execute(_SHOWN, {"operator": operator_id, "now": now})).rowcount


async def acknowledge(c: AsyncConnection, case_id: UUID, operator_id: UUID, now: datetime) -> None:
    """The operator took the case."""
    await c.execute(_ACKNOWLEDGED, {"case": case_id, "operator": operator_id, "now": now})


async def fail_older(c: AsyncConnection, before: datetime) -> int:
    """Pages that no screen showed since `before` have failed. Returns how many."""
    return (await c.execute(_FAILED, {"before": before})).rowcount

"""Signs of life of the roles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_BEAT = text(
    """
    INSERT INTO pulse (role, beat_at, handled_at, offset_seconds) VALUES (:role, :now, :handled, :offset)
    ON CONFLICT (role) DO UPDATE SET beat_at = :now, handled_at = COALESCE(:handled, pulse.handled_at),
        offset_seconds = COALESCE(:offset, pulse.offset_seconds)
    """
)
_FORGET = text("DELETE FROM pulse WHERE beat_at < :before")
_ALIVE = text("SELECT count(*) FROM pulse WHERE role LIKE 'worker:%' AND beat_at > :since")
_QUARANTINED = text("SELECT count(*) FROM quarantine")
_OLDEST = text("SELECT min(received_at) FROM inbound WHERE state = 'stored'")


async def beat(
    c: AsyncConnection,
    role: str,
    *,
    now: datetime,
    handled_at: datetime | None,
    offset: float | None,
    before: datetime,
) -> None:
    """Say that a role lives, when it last handled something, and how far the clock is off; forget the long silent."""
    await c.execute(_BEAT, {"role": role, "now": now, "handled": handled_at, "offset": offset})
    await c.execute(_FORGET, {"before": before})


async def alive(c: AsyncConnection, since: datetime) -> int:
    """How many workers gave a sign of life since a moment."""
    return int((await c.execute(_ALIVE, {"since": since})).scalar_one())


async def quarantined(c: AsyncConnection) -> int:
    """How many times a provider brought bytes that nobody could read."""
    return int((await c.execute(_QUARANTINED)).scalar_one())


async def oldest_unhandled(c: AsyncConnection) -> datetime | None:
    """When the oldest message that waits for its turn arrived."""
    found: datetime | None = (await c.execute(_OLDEST)).scalar_one()
    return found


_OFFSET = text("SELECT offset_seconds FROM pulse WHERE offset_seconds IS NOT NULL ORDER BY beat_at DESC LIMIT 1")


async def clock_offset(c: AsyncConnection) -> float | None:
    """Seconds to add to the machine's clock, as a role measured it last against a provider; None = nobody did."""
    found: float | None = (await c.execute(_OFFSET)).scalar_one_or_none()
    return found

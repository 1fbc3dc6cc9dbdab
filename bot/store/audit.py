"""The audit: insert only for the hotline's role, each row bound to the one before (`security.md` C23).

The chain shows an edited, removed or reordered row; a cut tail shows only against a head kept elsewhere.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import audit

_START = hashlib.sha256(b"hotline audit").digest()
_BATCH = 1000  # rows read at once: the chain is as long as the hotline is old
_LOCK = text("SELECT pg_advisory_xact_lock(0x6175646974)")  # "audit": two rows never follow the same one


async def record(c: AsyncConnection, *, operator_id: UUID | None, action: str, subject: str, now: datetime) -> None:
    """Add one row: who did what to which id. Last in its transaction: the chain stays locked to its end."""
    await c.execute(_LOCK)
    before = await head(c)
    link = _hash(before, now, operator_id, action, subject)
    row = {"at": now, "operator_id": operator_id, "action": action, "subject": subject}
    await c.execute(insert(audit).values(**row, before=before, hash=link))


async def has(c: AsyncConnection, operator_id: UUID, action: str, subject: str) -> bool:
    """Whether an operator has done this to that before."""
    done = select(audit.c.id).where(
        audit.c.subject == subject, audit.c.operator_id == operator_id, audit.c.action == action
    )
    return (await c.execute(done.limit(1))).first() is not None


async def head(c: AsyncConnection) -> bytes:
    """The hash of the newest row, for keeping off the host."""
    newest = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    found = (await c.execute(newest)).scalar_one_or_none()
    return _START if found is None else bytes(found)


async def verify(c: AsyncConnection) -> int | None:
    """The id of the first row that does not follow from the one before, or None where the chain is whole."""
    before, last = _START, 0
    while rows := (await c.execute(select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(_BATCH))).all():
        for row in rows:
            link = _hash(before, row.at, row.operator_id, row.action, row.subject)
            if bytes(row.before) != before or bytes(row.hash) != link:
                return int(row.id)
            before, last = link, int(row.id)
    return None


def _hash(before: bytes, at: datetime, operator_id: UUID | None, action: str, subject: str) -> bytes:
    words = (at.astimezone(UTC).isoformat(), str(operator_id or ""), action, subject)
    digest = hashlib.sha256()
    for part in (before, *(word.encode() for word in words)):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()

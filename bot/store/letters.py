"""What a web chat's page may read: its own session's sent rows, inside the time in which they may be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, kw_only=True)
class Session:
    """A web-chat session as stored."""

    conversation_id: UUID
    view: str
    left: bool
    last_inbound_at: datetime | None
    created_at: datetime


_SESSION = text(
    """
    SELECT v.id AS conversation_id, v.view, t.blocked_at IS NOT NULL AS left, v.last_inbound_at, v.created_at
    FROM contact t JOIN conversation v ON v.contact_id = t.id
    WHERE t.channel = 'webchat' AND t.account = :account AND t.address_hmac = :address
    """
)


async def session_of(c: AsyncConnection, account: str, address_hmac: bytes) -> Session | None:
    """The session of an address; None if it never wrote."""
    row = (await c.execute(_SESSION, {"account": account, "address": address_hmac})).mappings().one_or_none()
    return None if row is None else Session(**row)


@dataclass(frozen=True, kw_only=True)
class SealedLetter:
    """One sent row."""

    id: UUID
    body_sealed: bytes
    number: int  # from 1 in each conversation, in the order of sending: it tells nothing about other people


_LETTERS = text(
    """
    SELECT id, body_sealed, number FROM (
        SELECT id, body_sealed, state, not_after, row_number() OVER (ORDER BY sent_no) AS number FROM outbound
        WHERE conversation_id = :conversation AND sent_no IS NOT NULL
    ) AS sent
    WHERE number > :after AND state IN ('sent', 'delivered') AND not_after > :now
    ORDER BY number
    """
)
_FETCHED = text("UPDATE outbound SET state = 'delivered' WHERE id = ANY(:ids) AND state = 'sent'")


async def letters_after(
    c: AsyncConnection, conversation_id: UUID, after: int, now: datetime
) -> tuple[SealedLetter, ...]:
    """Rows sent after a number that may still be shown; they count as delivered from now on."""
    values = {"conversation": conversation_id, "after": after, "now": now}
    rows = (await c.execute(_LETTERS, values)).mappings().all()
    if rows:
        await c.execute(_FETCHED, {"ids": [row["id"] for row in rows]})
    return tuple(SealedLetter(**row) for row in rows)

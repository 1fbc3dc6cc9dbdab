"""A conversation as an operator reads it: both directions, in order, opened with the contact's key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.crypto import Sealer
from bot.store.conversations import Contact
from bot.store.outbound import open_body


@dataclass(frozen=True, kw_only=True)
class Line:
    """One message of a conversation."""

    id: UUID
    direction: str  # in | out
    author: str  # person | bot | operator
    kind: str
    text: str
    at: datetime  # provider's time of the person's act, or when our row was made
    received_at: datetime
    late: bool
    state: str
    error: str | None  # catalogue key of a sentence for operators
    keys: tuple[str, ...]
    maybe_twice: bool = False
    buttons: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Line({self.id})"  # never the text


def inbound_place(inbound_id: UUID) -> str:
    """Where an inbound row's sealed body belongs, from the turn on."""
    return f"inbound/{inbound_id}/body"


def open_inbound(sealed: bytes | None, inbound_id: UUID, sealer: Sealer) -> dict[str, Any]:
    """The opened body of a message that had its turn; empty before."""
    if sealed is None:
        return {}
    opened: dict[str, Any] = json.loads(sealer.open(sealed, inbound_place(inbound_id)))
    return opened


_LINES = text(
    """
    SELECT * FROM (
        SELECT id, 'in' AS direction, 'person' AS author, kind, body_sealed, provider_at AS at, received_at, late,
            state, error, ARRAY[]::text[] AS keys, false AS maybe_twice, seq
        FROM inbound WHERE conversation_id = :conversation
        UNION ALL
        SELECT id, 'out', author, kind, body_sealed, created_at, created_at, false, state, error, keys, maybe_twice, seq
        FROM outbound WHERE conversation_id = :conversation
    ) AS both_ways ORDER BY received_at DESC, direction DESC, seq DESC LIMIT :limit
    """
)


async def lines(c: AsyncConnection, contact: Contact, conversation_id: UUID, limit: int = 200) -> tuple[Line, ...]:
    """The newest `limit` messages, oldest first."""
    rows = (await c.execute(_LINES, {"conversation": conversation_id, "limit": limit})).mappings().all()
    return tuple(_line(row, contact.sealer) for row in reversed(rows))


def _line(row: Any, sealer: Sealer) -> Line:
    sealed, row_id = row["body_sealed"], row["id"]
    opened = open_inbound(sealed, row_id, sealer) if row["direction"] == "in" else open_body(sealed, row_id, sealer)
    known = {name: row[name] for name in Line.__dataclass_fields__ if name in row}
    known |= {"text": opened.get("text", ""), "keys": tuple(row["keys"])}
    known["buttons"] = tuple((label, payload) for label, payload in opened.get("buttons", ()))
    return Line(**known)

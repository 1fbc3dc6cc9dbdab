"""Messages of persons: stored in one statement with their receipt and wake-up, handled in order of receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.crypto import Sealer
from bot.core.values import ArrivalKind
from bot.store.history import open_inbound
from bot.store.jobs import JOB


@dataclass(frozen=True, kw_only=True)
class NewInbound:
    """All that storing one arrival needs. What is sealed is sealed already; the contact's columns are for a new one."""

    inbound_id: UUID
    contact_id: UUID  # used only if the contact is new
    channel: str
    account: str
    id_hmac: bytes
    body_hmac: bytes
    address_hmac: bytes
    address_sealed: bytes
    key_wrapped: bytes
    kind: ArrivalKind
    raw_sealed: bytes
    urgency: int
    provider_at: datetime
    received_at: datetime


_ACCEPT = text(
    """
    WITH earlier AS (
        SELECT EXISTS (SELECT FROM receipt WHERE channel = :channel AND account = :account AND id_hmac = :id_hmac)
            AS seen
    ), fresh AS (
        INSERT INTO receipt (channel, account, id_hmac, body_hmac, first_at)
        VALUES (:channel, :account, :id_hmac, :body_hmac, :received_at)
        ON CONFLICT DO NOTHING RETURNING 1
    ), who AS (
        INSERT INTO contact (id, channel, account, address_hmac, address_sealed, key_wrapped, created_at)
        SELECT :contact_id, :channel, :account, :address_hmac, :address_sealed, :key_wrapped, :received_at FROM fresh
        ON CONFLICT (channel, account, address_hmac) DO UPDATE
            SET blocked_at = CASE WHEN :is_word THEN NULL WHEN :is_block THEN :received_at ELSE contact.blocked_at END
        RETURNING id
    ), talk AS (
        INSERT INTO conversation (id, contact_id, created_at) SELECT id, id, :received_at FROM who
        ON CONFLICT DO NOTHING
    ), stored AS (
        INSERT INTO inbound
            (id, conversation_id, kind, raw_sealed, urgency, doubled, provider_at, received_at)
        SELECT :inbound_id, who.id, :kind, :raw_sealed, :urgency, earlier.seen, :provider_at, :received_at
        FROM who, earlier
        RETURNING conversation_id
    ), woken AS (
        SELECT """
    + JOB.format(task="'turn'", priority=":priority", conversation="conversation_id::text")
    + """ AS jobs FROM stored
    )
    SELECT stored.conversation_id FROM stored, woken
    """
)
# The conversation has its contact's id, so that no look-up can miss a row that a twin statement just made.


async def accept(c: AsyncConnection, new: NewInbound) -> UUID | None:
    """Store one arrival, its receipt and its wake-up in one statement.

    Returns its conversation, or None where the very same event was stored before (a duplicate: answer as if new).
    """
    parameters = {name: getattr(new, name) for name in new.__dataclass_fields__}
    parameters |= {
        "kind": new.kind.value,
        "priority": new.urgency * 50,
        "is_word": new.kind.is_a_word_of_the_person,
        "is_block": new.kind is ArrivalKind.BLOCKED,
    }
    found = (await c.execute(_ACCEPT, parameters)).scalar_one_or_none()
    return None if found is None else UUID(str(found))


_QUARANTINE = text(
    """
    WITH fresh AS (
        INSERT INTO receipt (channel, account, id_hmac, body_hmac, first_at)
        VALUES (:channel, :account, :mark, :mark, :received_at) ON CONFLICT DO NOTHING RETURNING 1
    )
    INSERT INTO quarantine (id, channel, account, raw_sealed, reason, received_at)
    SELECT :id, :channel, :account, :raw_sealed, :reason, :received_at FROM fresh
    """
)


async def quarantine(
    c: AsyncConnection,
    *,
    quarantine_id: UUID,
    channel: str,
    account: str,
    mark: bytes,
    raw_sealed: bytes,
    reason: str,
    received_at: datetime,
) -> None:
    """Keep bytes that could not be read; the same bytes are kept once (`mark` is their keyed hash)."""
    values = {
        "id": quarantine_id,
        "channel": channel,
        "account": account,
        "mark": mark,
        "raw_sealed": raw_sealed,
        "reason": reason,
        "received_at": received_at,
    }
    await c.execute(_QUARANTINE, values)


@dataclass(frozen=True, kw_only=True)
class Unhandled:
    """The oldest unhandled message of a conversation, as stored."""

    id: UUID
    seq: int
    kind: ArrivalKind
    raw_sealed: bytes
    body_sealed: bytes | None
    doubled: bool
    attempts: int
    provider_at: datetime
    received_at: datetime
    is_newest: bool  # no later word of the person waits that can be answered: the view answers the newest only


_NEXT = text(
    """
    SELECT i.id, i.seq, i.kind, i.raw_sealed, i.body_sealed, i.doubled, i.attempts, i.provider_at, i.received_at,
        NOT EXISTS (SELECT FROM inbound n WHERE n.conversation_id = i.conversation_id AND n.state = 'stored'
            AND n.seq > i.seq AND n.kind NOT IN ('signal', 'blocked', 'edit')
            AND n.provider_at > :in_time) AS is_newest
    FROM inbound i WHERE i.conversation_id = :conversation AND i.state = 'stored' ORDER BY i.seq LIMIT 1
    """
)


async def next_unhandled(c: AsyncConnection, conversation_id: UUID, in_time: datetime) -> Unhandled | None:
    """The oldest unhandled message, or None. What a provider dates before `in_time` is late and not answered."""
    values = {"conversation": conversation_id, "in_time": in_time}
    row = (await c.execute(_NEXT, values)).mappings().one_or_none()
    return None if row is None else Unhandled(**{**row, "kind": ArrivalKind(row["kind"])})


_HANDLED = text(
    """
    UPDATE inbound SET state = 'handled', handled_at = :now, late = :late, raw_sealed = :raw, body_sealed = :body
    WHERE id = :id AND state = 'stored'
    """
)


async def mark_handled(
    c: AsyncConnection, inbound_id: UUID, *, now: datetime, late: bool, raw_sealed: bytes, body_sealed: bytes
) -> bool:
    """Mark a message handled, with its bytes under the contact's key now. False if it was handled already."""
    values = {"id": inbound_id, "now": now, "late": late, "raw": raw_sealed, "body": body_sealed}
    return (await c.execute(_HANDLED, values)).rowcount == 1


_FAILED = text("UPDATE inbound SET attempts = attempts + 1, error = :error WHERE id = :id RETURNING attempts")
_SET_ASIDE = text(
    """
    UPDATE inbound SET state = 'set_aside', handled_at = :now, body_sealed = COALESCE(:body, body_sealed)
    WHERE id = :id AND state = 'stored'
    """
)


async def count_failure(c: AsyncConnection, inbound_id: UUID, error: str) -> int:
    """Count a failed attempt; `error` is a class name. Returns the attempts so far."""
    return int((await c.execute(_FAILED, {"id": inbound_id, "error": error})).scalar_one())


async def set_aside(c: AsyncConnection, inbound_id: UUID, now: datetime, body_sealed: bytes | None) -> None:
    """Stop trying: the message waits for a human, readable where it could be opened, and the next ones go on."""
    await c.execute(_SET_ASIDE, {"id": inbound_id, "now": now, "body": body_sealed})


_WORDS_BEFORE = text(
    """
    SELECT id, body_sealed FROM inbound
    WHERE conversation_id = :conversation AND seq < :seq AND kind = 'text' AND body_sealed IS NOT NULL
        AND received_at > :since
    ORDER BY seq DESC LIMIT 3
    """
)
_NEAR = 200  # characters of what was said before that can still belong to a sentence


async def words_before(
    c: AsyncConnection, row: Unhandled, conversation_id: UUID, sealer: Sealer, since: datetime
) -> str:
    """The end of what the person wrote in up to three messages before this one, none older than `since`."""
    values = {"conversation": conversation_id, "seq": row.seq, "since": since}
    rows = (await c.execute(_WORDS_BEFORE, values)).all()
    said = [str(open_inbound(r.body_sealed, r.id, sealer).get("text", "")) for r in reversed(rows)]
    return " ".join(said)[-_NEAR:]


_REFS = text(
    "SELECT id, body_sealed FROM inbound WHERE conversation_id = :conversation AND body_sealed IS NOT NULL"
    " AND provider_at > :since ORDER BY seq"
)


async def refs_since(c: AsyncConnection, conversation_id: UUID, sealer: Sealer, since: datetime) -> tuple[str, ...]:
    """The provider's ids of the person's own messages since a moment, for deleting them on the phone."""
    rows = (await c.execute(_REFS, {"conversation": conversation_id, "since": since})).all()
    opened = (open_inbound(row.body_sealed, row.id, sealer).get("ref") for row in rows)
    return tuple(dict.fromkeys(ref for ref in opened if ref))

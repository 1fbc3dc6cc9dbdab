"""The outbox: every word to a person is a row first, and moves only forward.

    queued → sending (committed before the call) → sent → delivered
                     ↘ retry(at) · in_doubt · dead       queued/retry → expired · superseded · cancelled
    draft: an operator's words that could not go out inside the live window

Queued → sending is guarded under the conversation's row lock by who may speak and by the live window, with the
time passed in (design §2.7, §2.8).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.crypto import Sealer
from bot.core.values import Button, MessageClass
from bot.store.jobs import JOB, URGENT


def body_place(outbound_id: UUID) -> str:
    """Where an outbound row's sealed body belongs."""
    return f"outbound/{outbound_id}/body"


def refs_place(outbound_id: UUID) -> str:
    """Where the provider's ids of a sent row belong."""
    return f"outbound/{outbound_id}/refs"


def open_body(sealed: bytes, outbound_id: UUID, sealer: Sealer) -> dict[str, Any]:
    """The opened body: `text`, `buttons` ([label, payload] pairs), or `refs` for a deletion."""
    opened: dict[str, Any] = json.loads(sealer.open(sealed, body_place(outbound_id)))
    return opened


_QUEUE = text(
    """
    INSERT INTO outbound (id, conversation_id, answers_id, kind, class, author, operator_id, client_id, keys,
        body_sealed, state, not_before, not_after, created_at)
    VALUES (:id, :conversation, :answers, :kind, :class, :author, :operator, :client, :keys, :body, :state,
        :not_before, :not_after, :now)
    ON CONFLICT (operator_id, client_id) DO NOTHING
    """
)
_QUEUE_AND_WAKE = text(
    "WITH queued AS ("
    + _QUEUE.text
    + " RETURNING conversation_id) SELECT "
    + JOB.format(task="'deliver'", priority=":priority", conversation="conversation_id::text")
    + " FROM queued"
)


async def queue(
    c: AsyncConnection,
    *,
    outbound_id: UUID,
    conversation_id: UUID,
    answers_id: UUID | None,
    message_class: MessageClass,
    author: str,
    keys: Sequence[str],
    text: str,
    sealer: Sealer,
    not_after: datetime,
    now: datetime,
    buttons: Sequence[Button] = (),
    operator_id: UUID | None = None,
    client_id: UUID | None = None,
    kind: str = "say",
    refs: Sequence[str] = (),
    state: str = "queued",
    not_before: datetime | None = None,
    wake: bool = False,
) -> bool:
    """Put one row into the outbox. False: the operator's screen sent the same words twice (`client_id`).

    With `wake`, its wake-up is put in by the same statement.
    """
    body = {"text": text, "buttons": [[b.label, b.payload] for b in buttons], "refs": list(refs)}
    sealed = sealer.seal(json.dumps(body, ensure_ascii=True).encode(), body_place(outbound_id))
    values = {
        "id": outbound_id,
        "conversation": conversation_id,
        "answers": answers_id,
        "kind": kind,
        "class": message_class.value,
        "author": author,
        "operator": operator_id,
        "client": client_id,
        "keys": list(keys),
        "body": sealed,
        "state": state,
        "not_before": not_before,
        "not_after": not_after,
        "now": now,
    }
    if wake:
        priority = URGENT if message_class is MessageClass.SAFETY else 0
        return (await c.execute(_QUEUE_AND_WAKE, {**values, "priority": priority})).rowcount == 1
    return (await c.execute(_QUEUE, values)).rowcount == 1


@dataclass(frozen=True, kw_only=True)
class Due:
    """A row of the outbox that may be due."""

    id: UUID
    seq: int
    kind: str
    message_class: MessageClass
    author: str
    operator_id: UUID | None
    body_sealed: bytes
    state: str
    attempts: int
    not_after: datetime


# Danger first; inside a class the order of writing. An answer to "help" passes a text that waits.
_DUE = text(
    """
    SELECT id, seq, kind, class AS message_class, author, operator_id, body_sealed, state, attempts, not_after
    FROM outbound
    WHERE conversation_id = :conversation AND (state = 'sending'
        OR (state = 'queued' AND (not_before IS NULL OR not_before <= :now))
        OR (state = 'retry' AND retry_at <= :now))
    ORDER BY (state = 'sending') DESC, (class = 'safety') DESC, seq LIMIT 1
    """
)


async def next_due(c: AsyncConnection, conversation_id: UUID, now: datetime) -> Due | None:
    """The next row to deal with: one left in `sending` by a sender that died comes first."""
    row = (await c.execute(_DUE, {"conversation": conversation_id, "now": now})).mappings().one_or_none()
    if row is None:
        return None
    return Due(**{**row, "message_class": MessageClass(row["message_class"])})


_MOVE = text(
    """
    UPDATE outbound SET state = :to, error = COALESCE(:error, error), retry_at = :retry_at,
        attempts = attempts + :attempt,
        maybe_twice = maybe_twice OR :maybe_twice,
        sending_at = CASE WHEN :to = 'sending' THEN :now ELSE sending_at END,
        sent_at = CASE WHEN :to = 'sent' THEN :now ELSE sent_at END,
        sent_no = CASE WHEN :to = 'sent' THEN nextval('outbound_sent_no') ELSE sent_no END,
        refs_sealed = COALESCE(:refs, refs_sealed)
    WHERE id = :id AND state = ANY(:from)
    """
)


async def move(
    c: AsyncConnection,
    outbound_id: UUID,
    *,
    to: str,
    of: Sequence[str],
    now: datetime,
    error: str | None = None,
    retry_at: datetime | None = None,
    refs_sealed: bytes | None = None,
    maybe_twice: bool = False,
) -> bool:
    """Move a row forward from one of the states `of`; False if it was elsewhere already."""
    values = {
        "id": outbound_id,
        "to": to,
        "from": list(of),
        "now": now,
        "error": error,
        "retry_at": retry_at,
        "refs": refs_sealed,
        "attempt": 1 if to == "sending" else 0,
        "maybe_twice": maybe_twice,
    }
    return (await c.execute(_MOVE, values)).rowcount == 1


_CANCEL_BOT = text(
    "UPDATE outbound SET state = :to WHERE conversation_id = :conversation AND author = 'bot' AND kind = 'say'"
    " AND state IN ('queued', 'retry')"
)
_CANCEL_ALL = text(
    "UPDATE outbound SET state = CASE WHEN author = 'operator' THEN 'draft' ELSE 'cancelled' END"
    " WHERE conversation_id = :conversation AND kind = 'say' AND state IN ('queued', 'retry')"
)
_NOT_AGAIN = text(
    "UPDATE outbound SET not_after = LEAST(not_after, :now)"
    " WHERE conversation_id = :conversation AND kind = 'say' AND state = 'sending'"
)
_ON_ITS_WAY = text("SELECT EXISTS (SELECT FROM outbound WHERE conversation_id = :conversation AND state = 'sending')")


async def cancel_bot(c: AsyncConnection, conversation_id: UUID, *, to: str = "cancelled") -> bool:
    """Take back what the bot has not begun to send. Returns whether one message was on its way already."""
    await c.execute(_CANCEL_BOT, {"conversation": conversation_id, "to": to})
    return bool((await c.execute(_ON_ITS_WAY, {"conversation": conversation_id})).scalar_one())


async def cancel_all(c: AsyncConnection, conversation_id: UUID, now: datetime) -> None:
    """Silence: take back everything queued (hide, stop, phone taken); an operator's words become a draft.

    What is on its way already cannot be held back; but if that fails, it is not tried again.
    """
    await c.execute(_CANCEL_ALL, {"conversation": conversation_id})
    await c.execute(_NOT_AGAIN, {"conversation": conversation_id, "now": now})


_SUPERSEDE = text(
    """
    UPDATE outbound SET state = CASE WHEN author = 'operator' THEN 'draft' ELSE 'superseded' END
    WHERE conversation_id = :conversation AND kind = 'say' AND state IN ('queued', 'retry') AND not_after <= :now
    """
)


async def supersede_past(c: AsyncConnection, conversation_id: UUID, now: datetime) -> None:
    """When the person writes again, what is past its time is not said late (design §3)."""
    await c.execute(_SUPERSEDE, {"conversation": conversation_id, "now": now})


_REFS = text(
    "SELECT id, refs_sealed FROM outbound WHERE conversation_id = :conversation AND refs_sealed IS NOT NULL"
    " AND sent_at > :since"
)


async def refs_since(c: AsyncConnection, conversation_id: UUID, sealer: Sealer, since: datetime) -> tuple[str, ...]:
    """The provider's ids of everything sent since a moment, for deleting on the phone."""
    rows = (await c.execute(_REFS, {"conversation": conversation_id, "since": since})).all()
    return tuple(ref for row in rows for ref in json.loads(sealer.open(row.refs_sealed, refs_place(row.id))))


_STATE = text("SELECT state FROM outbound WHERE id = :id")


async def state_of(c: AsyncConnection, outbound_id: UUID) -> str | None:
    """The state of one row."""
    return (await c.execute(_STATE, {"id": outbound_id})).scalar_one_or_none()

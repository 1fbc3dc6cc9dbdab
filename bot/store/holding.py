"""What holding a case changes on the conversation: who may speak is one column there (design §2.8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_HAND = text(
    "UPDATE conversation SET speaker = 'operator', holder_id = :operator, version = version + 1"
    " WHERE id = :conversation"
)
_GIVE_BACK = text(
    "UPDATE conversation SET speaker = 'bot', holder_id = NULL, version = version + 1"
    " WHERE id = :conversation AND holder_id = :operator"
)


async def hand_over(c: AsyncConnection, conversation_id: UUID, operator_id: UUID) -> None:
    """Only this operator speaks. The conversation is locked by the caller."""
    await c.execute(_HAND, {"conversation": conversation_id, "operator": operator_id})


async def give_back(c: AsyncConnection, conversation_id: UUID, operator_id: UUID) -> bool:
    """The bot speaks again, if this operator spoke. The conversation is locked by the caller."""
    values = {"conversation": conversation_id, "operator": operator_id}
    return bool((await c.execute(_GIVE_BACK, values)).rowcount)


_JOINED = text(
    """
    SELECT EXISTS (SELECT FROM outbound WHERE conversation_id = :conversation AND operator_id = :operator
        AND created_at >= :since AND 'op.joined' = ANY(keys)
        AND state IN ('queued', 'retry', 'sending', 'in_doubt', 'sent', 'delivered'))
    """
)
_DOUBLED = text("SELECT EXISTS (SELECT FROM outbound WHERE operator_id = :operator AND client_id = :client)")
_NEWEST = text(
    "SELECT id FROM inbound WHERE conversation_id = :conversation AND kind <> ALL(:signals) ORDER BY seq DESC LIMIT 1"
)


_DROP_DRAFT = text(
    "UPDATE outbound SET state = 'superseded' WHERE id = :id AND conversation_id = :conversation"
    " AND operator_id = :operator AND state = 'draft'"
)


async def drop_draft(c: AsyncConnection, conversation_id: UUID, operator_id: UUID, outbound_id: UUID) -> None:
    """A draft of this operator was written anew."""
    values = {"id": outbound_id, "conversation": conversation_id, "operator": operator_id}
    await c.execute(_DROP_DRAFT, values)


async def has_joined(c: AsyncConnection, conversation_id: UUID, operator_id: UUID, since: datetime) -> bool:
    """Whether the person was told since `since` that this operator writes to them."""
    values = {"conversation": conversation_id, "operator": operator_id, "since": since}
    return bool((await c.execute(_JOINED, values)).scalar_one())


async def is_doubled(c: AsyncConnection, operator_id: UUID, client_id: UUID) -> bool:
    """Whether this operator's screen sent these words already."""
    return bool((await c.execute(_DOUBLED, {"operator": operator_id, "client": client_id})).scalar_one())


async def newest_word(c: AsyncConnection, conversation_id: UUID, signals: Sequence[str]) -> UUID | None:
    """The person's newest message, leaving out the kinds in `signals`; what an operator's reply answers."""
    values = {"conversation": conversation_id, "signals": list(signals)}
    return (await c.execute(_NEWEST, values)).scalar_one_or_none()

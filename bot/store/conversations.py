"""Contacts and conversations: who can be reached where, and where their conversation stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.crypto import Keyring, Sealer
from bot.core.errors import SealBroken


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One endpoint of one channel, opened."""

    id: UUID
    channel: str
    account: str
    address: str
    sealer: Sealer
    blocked: bool

    def __repr__(self) -> str:
        return f"Contact({self.id})"  # never the address (design §2.10)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """Where a conversation stands. `state` is the small Rasa tracker (design §7)."""

    id: UUID
    version: int
    language: str | None
    view: str  # open | low_trace | hidden
    speaker: str  # bot | operator
    holder_id: UUID | None
    live_until: datetime | None
    window_until: datetime | None
    last_inbound_at: datetime | None
    state_sealed: bytes | None

    def state(self, sealer: Sealer) -> dict[str, Any]:
        """The opened tracker state; empty for a new conversation."""
        if self.state_sealed is None:
            return {}
        opened: dict[str, Any] = json.loads(sealer.open(self.state_sealed, state_place(self.id)))
        return opened


def address_place(contact_id: UUID) -> str:
    """Where a contact's sealed address belongs."""
    return f"contact/{contact_id}/address"


def state_place(conversation_id: UUID) -> str:
    """Where a conversation's sealed state belongs."""
    return f"conversation/{conversation_id}/state"


def _contact(row: Mapping[Any, Any], keyring: Keyring) -> Contact:
    if row["key_wrapped"] is None:
        raise SealBroken("This contact was erased.")
    sealer = keyring.contact_sealer(row["contact_id"], row["key_wrapped"])
    return Contact(
        id=row["contact_id"],
        channel=row["channel"],
        account=row["account"],
        address=sealer.open(row["address_sealed"], address_place(row["contact_id"])).decode("utf-8", "surrogatepass"),
        sealer=sealer,
        blocked=row["blocked_at"] is not None,
    )


_COLUMNS = """v.id, v.version, v.language, v.view, v.speaker, v.holder_id, v.live_until, v.window_until,
    v.last_inbound_at, v.state_sealed"""
_CONTACT_COLUMNS = "t.id AS contact_id, t.channel, t.account, t.address_sealed, t.key_wrapped, t.blocked_at"
_LOAD = text(
    f"SELECT {_COLUMNS}, {_CONTACT_COLUMNS} FROM conversation v JOIN contact t ON t.id = v.contact_id WHERE v.id = :id"
)
_LOCK = text(f"SELECT {_COLUMNS} FROM conversation v WHERE v.id = :id FOR NO KEY UPDATE")
_LOCK_SHARE = text(
    f"SELECT {_COLUMNS}, {_CONTACT_COLUMNS} FROM conversation v JOIN contact t ON t.id = v.contact_id"
    " WHERE v.id = :id FOR SHARE OF v"
)


def _conversation(row: Mapping[Any, Any]) -> Conversation:
    return Conversation(**{name: row[name] for name in Conversation.__dataclass_fields__})


async def load(c: AsyncConnection, keyring: Keyring, conversation_id: UUID) -> tuple[Conversation, Contact] | None:
    """A conversation with its contact, unlocked; None if there is no such conversation.

    Raises:
        SealBroken: the contact was erased, or our keys do not open it.
    """
    row = (await c.execute(_LOAD, {"id": conversation_id})).mappings().one_or_none()
    return None if row is None else (_conversation(row), _contact(row, keyring))


async def contact_of(c: AsyncConnection, keyring: Keyring, conversation_id: UUID) -> Contact:
    """The contact of a conversation.

    Raises:
        SealBroken: erased, or our keys do not open it.
    """
    row = (await c.execute(_LOAD, {"id": conversation_id})).mappings().one()
    return _contact(row, keyring)


async def lock(c: AsyncConnection, conversation_id: UUID) -> Conversation:
    """Lock the conversation's row until the transaction ends. Always the first lock taken (before case, outbound).

    NO KEY, so that intake, whose rows refer to this one, never waits for a turn.
    """
    return _conversation((await c.execute(_LOCK, {"id": conversation_id})).mappings().one())


async def lock_with_contact(
    c: AsyncConnection, keyring: Keyring, conversation_id: UUID
) -> tuple[Conversation, Contact]:
    """Lock the row against change only, for the outbox's check of who may speak, and open the contact.

    Raises:
        SealBroken: the contact was erased, or our keys do not open it.
    """
    row = (await c.execute(_LOCK_SHARE, {"id": conversation_id})).mappings().one()
    return _conversation(row), _contact(row, keyring)


_SAVE = text(
    """
    UPDATE conversation SET version = version + 1, state_sealed = :state, language = :language, view = :view,
        live_until = :live_until, window_until = :window_until, last_inbound_at = :last_inbound_at
    WHERE id = :id AND version = :version
    """
)


async def save(
    c: AsyncConnection,
    conversation: Conversation,
    *,
    state: Mapping[str, Any],
    sealer: Sealer,
    language: str | None,
    view: str,
    live_until: datetime | None,
    window_until: datetime | None,
    last_inbound_at: datetime | None,
) -> bool:
    """Write a turn's result, guarded by the version it was decided on. False: somebody else was faster."""
    sealed = sealer.seal(json.dumps(state, ensure_ascii=False).encode(), state_place(conversation.id))
    values = {
        "id": conversation.id,
        "version": conversation.version,
        "state": sealed,
        "language": language,
        "view": view,
        "live_until": live_until,
        "window_until": window_until,
        "last_inbound_at": last_inbound_at,
    }
    return (await c.execute(_SAVE, values)).rowcount == 1


_BLOCKED = text("UPDATE contact SET blocked_at = :now WHERE id = :id AND blocked_at IS NULL")


async def mark_blocked(c: AsyncConnection, contact_id: UUID, now: datetime) -> None:
    """The channel says that the person cannot be reached there any more."""
    await c.execute(_BLOCKED, {"id": contact_id, "now": now})


# -- one runner a conversation: an advisory lock that dies with its connection (design §3) ----------------

_TRY_LOCK = text("SELECT pg_try_advisory_lock(:space, hashtext(:id))")
_UNLOCK = text("SELECT pg_advisory_unlock(:space, hashtext(:id))")
TURN_SPACE = 1
DELIVER_SPACE = 2


async def try_run(c: AsyncConnection, space: int, conversation_id: UUID) -> bool:
    """Become the only runner of a conversation's turns or deliveries, on this connection."""
    return bool((await c.execute(_TRY_LOCK, {"space": space, "id": str(conversation_id)})).scalar_one())


async def end_run(c: AsyncConnection, space: int, conversation_id: UUID) -> None:
    """Let another runner have the conversation."""
    await c.execute(_UNLOCK, {"space": space, "id": str(conversation_id)})

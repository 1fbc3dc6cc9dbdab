"""One turn: a stored message becomes a new state, a reply in the outbox, a case and its pages, in one commit.

Conversations run one turn at a time, oldest message first, and never wait for each other. An advisory lock that dies
with its connection keeps two workers apart; the commit is guarded by the conversation's version under its row lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.errors import StaleConversation, StoreUnavailable, Unreadable
from bot.core.logs import get_logger
from bot.flow.committing import Committing, Item, sealed_body
from bot.flow.hearing import Ear, open_question
from bot.flow.intake import raw_place
from bot.flow.window import LIVE_WINDOW, is_late
from bot.store import cases, conversations, inbound, outbound
from bot.store.session import Store
from channels.base import Channel
from escalation import paging

log = get_logger(__name__)

TRIES = 3
"""A message that fails this often is set aside, raises H16, and the next ones go on (design §2.3)."""


TOGETHER = timedelta(minutes=3)
"""Messages of so short a time are read for danger as one text too: frightened people send a sentence in pieces."""


class Turn:
    """Handles a conversation's unhandled messages."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: Keyring,
        clock: Clock,
        channels: Mapping[str, Channel],
        ear: Ear,
        committing: Committing,
        live_window: timedelta = LIVE_WINDOW,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._channels = channels
        self._ear = ear
        self._committing = committing
        self._live_window = live_window

    async def run(self, conversation_id: UUID) -> int:
        """Handle whatever is unhandled, oldest first. Returns how many messages were handled.

        Returns at once if another worker is at it: that worker looks again after letting go, so that no message
        falls between the two.

        Raises:
            StoreUnavailable: the database went away; the sweep wakes the conversation again.
        """
        handled = 0
        async with self._store.reading() as c:
            row = await inbound.next_unhandled(c, conversation_id, self._in_time())
            while row is not None and await conversations.try_run(c, conversations.TURN_SPACE, conversation_id):
                try:
                    done = await self._next(c, conversation_id, row)
                finally:
                    await conversations.end_run(c, conversations.TURN_SPACE, conversation_id)
                if not done:
                    break
                handled += 1
                row = await inbound.next_unhandled(c, conversation_id, self._in_time())
        return handled

    def _in_time(self) -> datetime:
        return self._clock.now() - self._live_window

    async def _next(self, c: AsyncConnection, conversation_id: UUID, row: inbound.Unhandled) -> bool:
        """Handle one message; False = it failed and is tried again a moment later.

        The row was read before the lock was ours. If another worker handled it meanwhile, the conversation's version
        or the row's own state says so in the commit.
        """
        try:
            await self._handle(c, row, conversation_id)
        except StaleConversation:
            log.info("conversation changed under the turn, deciding again", conversation_id=str(conversation_id))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("turn failed", conversation_id=str(conversation_id), inbound_id=str(row.id), exc_info=error)
            return await self._failed(c, row, conversation_id, type(error).__name__)
        return True

    async def _handle(self, c: AsyncConnection, row: inbound.Unhandled, conversation_id: UUID) -> None:
        item = await self._open(c, row, conversation_id)
        asked = open_question(item.state)
        if asked is not None and await outbound.state_of(c, asked.outbound_id) not in {"sent", "delivered"}:
            asked = None  # a question is open only once its row is sent
        hearing = await self._ear.hear(
            item.arrival,
            conversation_id=conversation_id,
            asked=asked,
            language=item.conversation.language,
            channel=item.channel,
            evidence=item.state.get("languages"),
            before=await inbound.words_before(c, row, conversation_id, item.contact.sealer, row.received_at - TOGETHER),
        )
        async with self._store.transaction() as tx:
            await self._committing.commit(tx, item, hearing)

    async def _open(self, c: AsyncConnection, row: inbound.Unhandled, conversation_id: UUID) -> Item:
        loaded = await conversations.load(c, self._keyring, conversation_id)
        if loaded is None:
            raise Unreadable("No such conversation.")
        conversation, contact = loaded
        sealed = self._keyring.open_intake(row.raw_sealed, raw_place(row.id))
        part, raw = int.from_bytes(sealed[:2]), sealed[2:]
        channel = self._channels[contact.channel]
        now = self._clock.now()
        return Item(
            row=row,
            arrival=channel.parse(raw)[part],
            raw=raw,
            conversation=conversation,
            contact=contact,
            state=conversation.state(contact.sealer),
            channel=channel,
            now=now,
            late=is_late(row.provider_at, now, self._live_window),
        )

    async def _failed(self, c: AsyncConnection, row: inbound.Unhandled, conversation_id: UUID, error: str) -> bool:
        """Count it. Before the last try the sweep wakes the conversation again, a moment later; True = set aside."""
        if await inbound.count_failure(c, row.id, error) < TRIES:
            return False
        now, body = self._clock.now(), await self._readable(c, row, conversation_id)
        async with self._store.transaction() as tx:
            await conversations.lock(tx, conversation_id)
            await inbound.set_aside(tx, row.id, now, body)
            change = await cases.open_or_raise(
                tx, conversation_id=conversation_id, triggers={"H16"}, now=now, inbound_id=row.id
            )
            await cases.note(tx, kind="failed", now=now, case_id=change.case_id, inbound_id=row.id)
            if change.opened or change.raised:
                await paging.page(tx, change.case_id, now)
        return True

    async def _readable(self, c: AsyncConnection, row: inbound.Unhandled, conversation_id: UUID) -> bytes | None:
        """The message under the contact's key, so that a human can read what a machine could not handle."""
        try:
            return sealed_body(await self._open(c, row, conversation_id))
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("a message set aside cannot be read", inbound_id=str(row.id), exc_info=error)
            return None

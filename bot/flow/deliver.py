"""Delivering: the outbox's due rows, in order, one conversation at a time. The only place that words leave from.

Queued → sending is committed before the call, under the conversation's row lock, guarded by who may speak and by the
live window with the call's own time limit kept free. What a provider may have taken is `in_doubt` and is dealt with
by the message's class (security.md §4.0).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import uniform
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.errors import SealBroken
from bot.core.logs import get_logger
from bot.core.values import Button, MessageClass, Parcel, Sent
from bot.flow.window import may_leave
from bot.store import cases, conversations, outbound
from bot.store.conversations import Contact, Conversation
from bot.store.outbound import Due, open_body, refs_place
from bot.store.session import Store
from channels.base import Channel, MaybeSent, SendError

log = get_logger(__name__)

DELETABLE = timedelta(hours=48)
"""Telegram deletes messages younger than this, ours and the person's (security.md §3.1)."""

TRIES = 8
"""Attempts before a row is dead; with the backoff below the live window ends them first in most cases."""

_SENDABLE = ("queued", "retry")


class Delivery:
    """Sends what is due."""

    def __init__(self, *, store: Store, keyring: Keyring, clock: Clock, channels: Mapping[str, Channel]) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._channels = channels

    async def run(self, conversation_id: UUID) -> int:
        """Send everything that is due in a conversation, in order. Returns how many rows were dealt with.

        Returns at once if another worker is at it; the sweep comes back.

        Raises:
            StoreUnavailable: the database went away.
            SealBroken: the contact was erased.
        """
        done = 0
        async with self._store.reading() as c:
            row = await outbound.next_due(c, conversation_id, self._clock.now())
            while row is not None and await conversations.try_run(c, conversations.DELIVER_SPACE, conversation_id):
                try:
                    await self._deal_with(c, conversation_id, row)
                finally:
                    await conversations.end_run(c, conversations.DELIVER_SPACE, conversation_id)
                done += 1
                row = await outbound.next_due(c, conversation_id, self._clock.now())
        return done

    async def _deal_with(self, c: AsyncConnection, conversation_id: UUID, row: Due) -> None:
        """One row. It was read before the lock was ours; every move says from which state, so a stale one moves
        nothing."""
        now = self._clock.now()
        if row.state == "sending":  # we hold the lock, so whoever began this is dead
            await self._in_doubt(conversation_id, row, now)
            return
        try:
            begun = await self._begin(conversation_id, row, now)
        except (SealBroken, KeyError) as error:  # erased, or a channel that is no longer set up: nobody can send it
            log.error("a row cannot be sent any more", outbound_id=str(row.id), exc_info=error)
            await self._give_up(conversation_id, row, now)
            return
        if begun is not None:
            await self._hand_over(c, conversation_id, row, begun, self._channels[begun.channel])

    async def _begin(self, conversation_id: UUID, row: Due, now: datetime) -> Contact | None:
        """Queued → sending, or the reason why not. The contact to send to, or None.

        Raises:
            SealBroken, KeyError: the contact was erased, or its channel is not set up.
        """
        async with self._store.transaction() as tx:
            conversation, contact = await conversations.lock_with_contact(tx, self._keyring, conversation_id)
            limit = timedelta(seconds=self._channels[contact.channel].call_limit)
            verdict = _verdict(row, conversation, contact, now, limit)
            moved = await outbound.move(tx, row.id, to=verdict, of=_SENDABLE, now=now, error=_WHY.get(verdict))
            if moved and verdict in {"expired", "draft"}:
                await _undelivered(tx, "undelivered", conversation_id, row, now)
        return contact if moved and verdict == "sending" else None

    async def _hand_over(
        self, c: AsyncConnection, conversation_id: UUID, row: Due, contact: Contact, channel: Channel
    ) -> None:
        try:
            sent = await self._call(row, contact, channel)
        except SendError as error:
            await self._not_sent(conversation_id, row, contact, error)
            return
        except SealBroken:
            await self._give_up(conversation_id, row, self._clock.now())
            return
        except Exception as error:  # whatever happened after the hand-over, the provider may have it
            log.error("send failed in an unknown way", outbound_id=str(row.id), exc_info=error)
            await self._not_sent(conversation_id, row, contact, MaybeSent())
            return
        refs = json.dumps(list(sent.message_refs)).encode() if sent.message_refs else None
        sealed = contact.sealer.seal(refs, refs_place(row.id)) if refs else None
        await outbound.move(c, row.id, to="sent", of=("sending",), now=self._clock.now(), refs_sealed=sealed)

    async def _call(self, row: Due, contact: Contact, channel: Channel) -> Sent:
        body = open_body(row.body_sealed, row.id, contact.sealer)
        limit = channel.call_limit
        if row.kind == "delete":
            # Ours are looked up now, not when the row was made: one of them may have been on its way then.
            async with self._store.reading() as c:
                since = self._clock.now() - DELETABLE
                ours = await outbound.refs_since(c, contact.id, contact.sealer, since)
            refs = (*body["refs"], *ours)
            async with asyncio.timeout(limit * (1 + len(refs) // 100)):
                await channel.delete(contact.address, refs)
            return Sent(message_refs=())
        parcel = Parcel(
            outbound_id=row.id,
            address=contact.address,
            text=body["text"],
            buttons=tuple(Button(label=label, payload=payload) for label, payload in body["buttons"]),
            not_after=row.not_after,
        )
        try:
            async with asyncio.timeout(limit):
                return await channel.send(parcel)
        except TimeoutError:
            raise MaybeSent from None

    async def _not_sent(self, conversation_id: UUID, row: Due, contact: Contact, error: SendError) -> None:
        now, refs = self._clock.now(), _refs_of(error)
        sealed = contact.sealer.seal(refs, refs_place(row.id)) if refs else None
        if error.in_doubt:
            await self._in_doubt(conversation_id, replace(row, attempts=row.attempts + 1), now, sealed)
            return
        retry = error.retryable and row.attempts + 1 < TRIES
        wait = max(error.retry_after or 0.0, _backoff(row.attempts))
        async with self._store.transaction() as tx:
            await outbound.move(
                tx,
                row.id,
                to="retry" if retry else "dead",
                of=("sending",),
                now=now,
                error=error.for_operator,
                retry_at=now + timedelta(seconds=wait) if retry else None,
                refs_sealed=sealed,
            )
            if error.ends_contact:
                await conversations.mark_blocked(tx, contact.id, now)
            if not retry:
                await _undelivered(tx, "undelivered", conversation_id, row, now)

    async def _give_up(self, conversation_id: UUID, row: Due, now: datetime) -> None:
        async with self._store.transaction() as tx:
            await outbound.move(
                tx, row.id, to="dead", of=(*_SENDABLE, "sending"), now=now, error=SendError.for_operator
            )
            await _undelivered(tx, "undelivered", conversation_id, row, now)

    async def _in_doubt(self, conversation_id: UUID, row: Due, now: datetime, refs_sealed: bytes | None = None) -> None:
        """Safety texts go once more inside the live window; others wait for a human's look; deletions repeat.

        `row.attempts` counts the attempt that is in doubt.
        """
        deletion = row.kind == "delete" and row.attempts < TRIES
        again = deletion or (row.message_class is MessageClass.SAFETY and row.kind == "say" and row.attempts < 2)
        wait = timedelta(seconds=_backoff(row.attempts)) if deletion else timedelta()
        async with self._store.transaction() as tx:
            await outbound.move(
                tx,
                row.id,
                to="retry" if again else "in_doubt",
                of=("sending",),
                now=now,
                error=MaybeSent.for_operator,
                retry_at=now + wait if again else None,
                refs_sealed=refs_sealed,
                maybe_twice=again and row.kind == "say",
            )
            if not again:
                await _undelivered(tx, "in_doubt", conversation_id, row, now)


async def _undelivered(tx: AsyncConnection, kind: str, conversation_id: UUID, row: Due, now: datetime) -> None:
    detail = {"outbound_id": str(row.id)}
    await cases.note(tx, kind=kind, now=now, conversation_id=conversation_id, detail=detail)


def _refs_of(error: SendError) -> bytes | None:
    """The provider's ids of the parts it took before it failed, so that `hide` can delete them."""
    refs = getattr(error, "message_refs", ())
    return json.dumps(list(refs)).encode() if refs else None


_WHY = {"expired": "operator.expired", "draft": "operator.expired", "dead": "operator.blocked"}


def _verdict(row: Due, conversation: Conversation, contact: Contact, now: datetime, call_limit: timedelta) -> str:
    """The state a sendable row goes to: `sending` only for the one who may speak, inside the window."""
    if row.kind != "say":
        return "sending" if row.not_after > now else "expired"
    if contact.blocked:
        return "dead"
    if row.author == "bot" and conversation.speaker != "bot":
        return "cancelled"
    if row.author == "operator" and conversation.holder_id not in {None, row.operator_id}:
        return "draft"  # another human has the conversation now
    if not may_leave(row.not_after, now, call_limit):
        return "draft" if row.author == "operator" else "expired"
    return "sending"


def _backoff(attempts: int) -> float:
    """Seconds before the next try: 1, 2, 4 … 60, with jitter so that many do not come back at once."""
    return min(60.0, 2.0**attempts) * uniform(0.8, 1.2)  # noqa: S311  # jitter, no secret

"""The web chat's mailbox: what a page may read of its own session (channels/webchat/mailbox.py is the contract)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.values import Button
from bot.store.changes import Changes
from bot.store.conversations import contact_of
from bot.store.letters import Session, letters_after, session_of
from bot.store.outbound import open_body
from bot.store.session import Store
from channels.webchat.mailbox import Letter

IDLE = timedelta(minutes=15)
"""A session without a word for this long is dead (screening.md §8.4)."""


class StoreMailbox:
    """Letters out of the outbox, numbered in the order they were sent in."""

    def __init__(
        self, *, store: Store, keyring: Keyring, clock: Clock, changes: Changes, account: str = "page"
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._changes = changes
        self._account = account
        self._kind = f"address/webchat/{account}"

    async def letters(self, address: str, after: int) -> Sequence[Letter] | None:
        """Letters of a session after a number; None if the session is dead.

        Raises:
            StoreUnavailable: the database is away.
        """
        now = self._clock.now()
        async with self._store.reading() as c:
            session = await session_of(c, self._account, self._keyring.index(self._kind, address))
            if session is None:
                return ()
            if _is_dead(session, now):
                return None
            rows = await letters_after(c, session.conversation_id, after, now)
            if not rows:
                return ()
            sealer = (await contact_of(c, self._keyring, session.conversation_id)).sealer
        opened = ((row, open_body(row.body_sealed, row.id, sealer)) for row in rows)
        return tuple(
            Letter(
                number=row.number,
                text=body["text"],
                buttons=tuple(Button(label=label, payload=payload) for label, payload in body["buttons"]),
            )
            for row, body in opened
        )

    async def wait(self, address: str, after: int, seconds: float) -> None:
        """Return when the session has a letter after that number or is dead, or after `seconds`."""
        async with self._store.reading() as c:
            session = await session_of(c, self._account, self._keyring.index(self._kind, address))
        if session is None:  # it never wrote, so it has no conversation yet; its page asks again soon
            await asyncio.sleep(min(seconds, 2.0))
            return
        with self._changes.screen() as screen, suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while await self.letters(address, after) == ():  # looked at after listening: nothing falls between
                    await screen.wait_for(str(session.conversation_id), seconds)


def _is_dead(session: Session, now: datetime) -> bool:
    last = session.last_inbound_at or session.created_at
    return session.left or session.view == "hidden" or now - last > IDLE

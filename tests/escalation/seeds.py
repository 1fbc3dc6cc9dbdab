"""Persons, messages and operators put straight into the store, for tests of the human side."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy import insert, select, text

from bot.core.catalogue import Catalogue
from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.core.ids import new_id
from bot.core.values import MessageClass
from bot.store import cases, operators, outbound
from bot.store.conversations import address_place, contact_of, load, save
from bot.store.history import inbound_place
from bot.store.operators import Operator
from bot.store.schema import contact, conversation, inbound
from bot.store.session import Store
from escalation import paging
from escalation.passwords import Passwords

LIVE = timedelta(minutes=15)


def quick_passwords() -> Passwords:
    """Real argon2id with little work, so that tests are quick."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class Seeds:
    """What happened before the test begins."""

    def __init__(self, store: Store, keyring: Keyring, clock: FakeClock, catalogue: Catalogue) -> None:
        self.store = store
        self.keyring = keyring
        self.clock = clock
        self.catalogue = catalogue

    async def person(self, language: str | None = "id", view: str = "open", channel: str = "telegram") -> UUID:
        """A conversation of a new person."""
        now, new = self.clock.now(), new_id(self.clock.now())
        wrapped = self.keyring.new_contact_key(new)
        address = f"{new.int % 10**9}".encode()
        sealed = self.keyring.contact_sealer(new, wrapped).seal(address, address_place(new))
        row = {"id": new, "channel": channel, "account": "test", "created_at": now, "key_wrapped": wrapped}
        row |= {"address_hmac": self.keyring.index("address", address), "address_sealed": sealed}
        async with self.store.transaction() as c:
            await c.execute(insert(contact).values(**row))
            await c.execute(
                insert(conversation).values(id=new, contact_id=new, language=language, view=view, created_at=now)
            )
        return new

    async def knows(self, talk: UUID, **slots: Any) -> None:
        """What the conversation's state holds."""
        async with self.store.transaction() as c:
            loaded = await load(c, self.keyring, talk)
            assert loaded is not None
            conversation, person = loaded
            assert await save(
                c,
                conversation,
                state={"slots": slots},
                sealer=person.sealer,
                language=conversation.language,
                view=conversation.view,
                live_until=conversation.live_until,
                window_until=conversation.window_until,
                last_inbound_at=conversation.last_inbound_at,
            )

    async def says(
        self, talk: UUID, words: str, *, at: datetime | None = None, kind: str = "text", late: bool = False
    ) -> UUID:
        """A handled message of the person; it opens the live window from its own time."""
        now = self.clock.now()
        new, spoken = new_id(now), at or now
        async with self.store.transaction() as c:
            sealer = (await contact_of(c, self.keyring, talk)).sealer
            body = sealer.seal(json.dumps({"text": words}).encode(), inbound_place(new))
            row = {"id": new, "conversation_id": talk, "kind": kind, "body_sealed": body, "state": "handled"}
            row |= {"provider_at": spoken, "received_at": now, "handled_at": now, "late": late}
            await c.execute(insert(inbound).values(**row))
            await c.execute(
                text("UPDATE conversation SET live_until = :until, last_inbound_at = :at WHERE id = :id"),
                {"until": spoken + LIVE, "at": spoken, "id": talk},
            )
        return new

    async def bot_says(self, talk: UUID, words: str, *, state: str = "queued") -> UUID:
        """A row of the bot in the outbox."""
        now = self.clock.now()
        new = new_id(now)
        async with self.store.transaction() as c:
            sealer = (await contact_of(c, self.keyring, talk)).sealer
            await outbound.queue(
                c,
                outbound_id=new,
                conversation_id=talk,
                answers_id=None,
                message_class=MessageClass.SAFETY,
                author="bot",
                keys=("em.noted",),
                text=words,
                sealer=sealer,
                not_after=now + LIVE,
                now=now,
                state=state,
            )
        return new

    async def alarm(self, talk: UUID, *triggers: str, mode: str | None = None) -> UUID:
        """An open case with these triggers, and its pages."""
        async with self.store.transaction() as c:
            change = await cases.open_or_raise(
                c, conversation_id=talk, triggers=triggers, now=self.clock.now(), mode=mode
            )
            if change.opened or change.raised:
                await paging.page(c, change.case_id, self.clock.now())
        return change.case_id

    async def operator(
        self, name: str, role: str = "operator", languages: Collection[str] = ("en",), on_shift: bool = True
    ) -> Operator:
        """An operator, on shift with a live screen unless told otherwise; without a password."""
        now = self.clock.now()
        async with self.store.transaction() as c:
            await operators.add(
                c,
                operator_id=new_id(now),
                name=name,
                role=role,
                languages=list(languages),
                setup_hmac=name.encode(),
                setup_until=now,
                now=now,
            )
            found = await operators.by_name(c, name)
            assert found is not None
            if on_shift:
                await operators.set_shift(c, found.operator.id, on=True)
                await operators.saw(c, found.operator.id, now)
        return found.operator

    async def outbox(self, talk: UUID) -> list[Any]:
        """The outbox rows of a conversation, in order."""
        table = outbound_table()
        async with self.store.reading() as c:
            rows = await c.execute(select(table).where(table.c.conversation_id == talk).order_by(table.c.seq))
            return list(rows.all())

    async def one(self, statement: str, **values: Any) -> Any:
        """The single value of a statement."""
        async with self.store.reading() as c:
            return (await c.execute(text(statement), values)).scalar_one_or_none()


def outbound_table() -> Any:
    """The outbox table."""
    from bot.store.schema import outbound as table

    return table

"""A conversation as a test reads it: `await talk.says("…")`, `talk.hears("m.hello")`.

Everything is real but the provider: PostgreSQL, intake, turn, rules, rasa_sdk actions, outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text as sql

import actions
from bot.core.catalogue import Catalogue
from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.core.values import Understanding
from bot.flow.committing import Committing
from bot.flow.deliver import Delivery
from bot.flow.dialogue import Rules
from bot.flow.hearing import Ear
from bot.flow.intake import Accepted, Intake
from bot.flow.runner import Runner
from bot.flow.spool import Spool
from bot.flow.turn import Turn
from bot.store.conversations import contact_of, load
from bot.store.outbound import open_body
from bot.store.session import Store
from channels.fake import FakeChannel, fake_bytes
from nlu import danger
from nlu.language import detect

ROOT = Path(__file__).parents[2]
CATALOGUE = Catalogue.load(ROOT / "bot" / "locales")


@dataclass
class Understood:
    """An understander without a model: language and danger are real, the intent is what the test says."""

    intent: str | None = None
    language: str | None = None
    confidence: float = 0.9
    also: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    async def understand(
        self,
        text: str,
        language_hint: str | None = None,
        language_evidence: Mapping[str, float] | None = None,
        before: str = "",
    ) -> Understanding:
        """As the real one, with the scripted intent."""
        self.asked.append(text)
        guess = detect(text, language_hint, evidence=language_evidence)
        language = self.language or guess.language
        return Understanding(
            language=language,
            language_confidence=max(guess.confidence, 0.9 if self.language else 0.0),
            script=guess.script,
            intent=self.intent,
            confidence=self.confidence if self.intent else 0.0,
            also=self.also,
            ranking=((self.intent, self.confidence),) if self.intent else (),
            findings=(*danger.find(text, language), *danger.across(before, text, language)),
            language_evidence=guess.evidence,
        )


class Talk:
    """One person's conversation on the fake channel."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        clock: FakeClock,
        spool: Path,
        *,
        address: str = "anna",
        channel: FakeChannel | None = None,
        demo: bool = False,
    ) -> None:
        self.store, self.keyring, self.clock, self.address = store, keyring, clock, address
        self.channel = channel or FakeChannel()
        self.nlu = Understood()
        rules = Rules(ROOT / "bot" / "rules.yml").by_intent
        channels: dict[str, Any] = {"fake": self.channel}
        self.intake = Intake(
            store=store,
            keyring=keyring,
            clock=clock,
            spool=Spool(spool, keyring),
            channels=channels,
            urgency=danger.urgency,
        )
        self.turn = Turn(
            store=store,
            keyring=keyring,
            clock=clock,
            channels=channels,
            ear=Ear(understander=self.nlu, catalogue=CATALOGUE, keyring=keyring),
            committing=Committing(
                keyring=keyring,
                catalogue=CATALOGUE,
                runner=Runner(actions.EVERY, CATALOGUE, rules),
                rules=rules,
                demo=demo,
            ),
        )
        self.delivery = Delivery(store=store, keyring=keyring, clock=clock, channels=channels)
        self._number = 0

    async def writes(self, text: str = "", *, at: datetime | None = None, **fields: Any) -> Accepted:
        """The message reaches intake, and nothing else happens yet."""
        self._number += 1
        given = {"id": f"{self.address}-{self._number}", "kind": "text", "text": text, **fields}
        raw = fake_bytes(str(given.pop("kind")), self.address, str(given.pop("id")), at or self.clock.now(), **given)
        return await self.intake(channel="fake", account=self.channel.account, raw=raw)

    async def says(self, text: str = "", *, intent: str | None = None, **fields: Any) -> list[str]:
        """The message goes all the way; returns the catalogue keys of what was sent for it."""
        self.nlu.intent = intent
        self.clock.advance(seconds=5)
        before = len(self.channel.journal.delivered)
        await self.writes(text, **fields)
        await self.run()
        sent = self.channel.journal.delivered[before:]
        return [key for delivered in sent for key in await self.keys_of(delivered.parcel.outbound_id)]

    async def run(self) -> None:
        """Turn and delivery, as the worker would."""
        conversation = await self.conversation_id()
        await self.turn.run(conversation)
        await self.delivery.run(conversation)

    async def conversation_id(self) -> UUID:
        """The id of this person's conversation."""
        mark = self.keyring.index(f"address/fake/{self.channel.account}", self.address)
        return UUID(str(await self.value("SELECT id FROM contact WHERE address_hmac = :mark", mark=mark)))

    @property
    def last(self) -> str:
        """The words of the last message that reached the person."""
        return self.channel.journal.delivered[-1].parcel.text

    async def presses(self, number: int) -> list[str]:
        """Press a button of the last message, counted from 1."""
        payload = self.channel.journal.delivered[-1].parcel.buttons[number - 1].payload
        return await self.says(kind="press", press=payload, press_ref=f"press-{self._number}")

    async def keys_of(self, outbound_id: UUID) -> list[str]:
        """The catalogue keys of a row."""
        return list(await self.value("SELECT keys FROM outbound WHERE id = :id", id=outbound_id))

    async def case(self) -> dict[str, Any] | None:
        """The open case, as stored."""
        rows = await self.rows(
            "SELECT * FROM case_file WHERE conversation_id = :id AND state <> 'closed'",
            id=await self.conversation_id(),
        )
        return rows[0] if rows else None

    async def slots(self) -> dict[str, Any]:
        """The conversation's slots, opened."""
        async with self.store.reading() as c:
            loaded = await load(c, self.keyring, await self.conversation_id())
        assert loaded is not None
        conversation, contact = loaded
        return dict(conversation.state(contact.sealer).get("slots") or {})

    async def view(self) -> str:
        """What may be shown now."""
        return str(await self.value("SELECT view FROM conversation WHERE id = :id", id=await self.conversation_id()))

    async def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """Rows of a statement."""
        async with self.store.reading() as c:
            return [dict(row) for row in (await c.execute(sql(statement), values)).mappings()]

    async def value(self, statement: str, **values: Any) -> Any:
        """The first value of a statement."""
        async with self.store.reading() as c:
            return (await c.execute(sql(statement), values)).scalar_one()

    async def change(self, statement: str, **values: Any) -> None:
        """Change something behind the hotline's back."""
        async with self.store.transaction() as tx:
            await tx.execute(sql(statement), values)

    async def texts(self) -> list[str]:
        """The words of every outbox row, opened, whatever its state."""
        conversation = await self.conversation_id()
        async with self.store.reading() as c:
            sealer = (await contact_of(c, self.keyring, conversation)).sealer
        rows = await self.rows(
            "SELECT id, body_sealed FROM outbound WHERE conversation_id = :id ORDER BY seq", id=conversation
        )
        return [open_body(row["body_sealed"], row["id"], sealer)["text"] for row in rows]

    def passes(self, minutes: float) -> None:
        """Time goes by."""
        self.clock.advance(seconds=timedelta(minutes=minutes).total_seconds())

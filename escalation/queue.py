"""Taking a case over, writing to the person, giving it back. One transaction each (design §2.8, §9).

Lock order everywhere: conversation, case, outbound; the audit's chain last.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.catalogue import Catalogue
from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.errors import AlreadyHeld, NotAllowed
from bot.store import audit, cases, conversations, history, holding, outbound, pages, queue_rows
from bot.store.conversations import Contact, Conversation
from bot.store.history import Line
from bot.store.operators import Operator
from bot.store.queue_rows import Event, QueueRow
from bot.store.session import Store
from escalation import paging
from escalation.pen import Pen
from escalation.refusals import HiddenView, NoSuchCase, NotHeld

HOLDER_SILENT_AFTER = timedelta(minutes=3)
"""After so long a holder is not coming back in time: the case returns to the queue."""

ReplyOutcome = Literal["queued", "draft", "doubled"]


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A case was taken."""

    case_id: UUID
    one_on_its_way: bool  # the bot was already sending one message, which counts as before the claim


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """One case as a screen shows it. `lines` is None where this operator may not read it."""

    row: QueueRow
    lines: tuple[Line, ...] | None
    events: tuple[Event, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)  # what the conversation knows; empty where `lines` is None

    def __repr__(self) -> str:
        return f"CaseView({self.row.id})"  # never what a person said


class Queue:
    """What operators do with cases."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._pen = Pen(keyring, clock, catalogue)

    async def open_cases(self) -> list[QueueRow]:
        """Every open case, the most urgent first; no text."""
        async with self._store.reading() as c:
            return await queue_rows.waiting_and_held(c, self._clock.now())

    async def view(self, case_id: UUID, operator: Operator, *, log: bool = True) -> CaseView:
        """A case with its conversation, written down in the audit (`log=False`: a refresh, written
        down only if this operator never opened it).

        An operator reads waiting cases and their own; a supervisor all; an admin none (C21, C22).

        Raises:
            NoSuchCase
        """
        async with self._store.transaction() as c:
            row = await queue_rows.one(c, case_id)
            if row is None:
                raise NoSuchCase
            if not _may_read(row, operator):
                return CaseView(row=row, lines=None)
            conversation, contact = await self._opened(c, row.conversation_id)
            slots = conversation.state(contact.sealer).get("slots") or {}
            lines = await history.lines(c, contact, row.conversation_id)
            events = tuple(await queue_rows.events(c, case_id))
            if log or not await audit.has(c, operator.id, "case.viewed", str(case_id)):
                await self._record(c, operator, "case.viewed", case_id)
        return CaseView(row=row, lines=lines, events=events, slots=slots)

    async def _opened(self, c: AsyncConnection, conversation_id: UUID) -> tuple[Conversation, Contact]:
        loaded = await conversations.load(c, self._keyring, conversation_id)
        if loaded is None:
            raise NoSuchCase
        return loaded

    async def claim(self, case_id: UUID, operator: Operator) -> Claimed:
        """Take a waiting case: from here on this operator speaks and the bot is silent.

        Raises:
            NoSuchCase, NotAllowed
            AlreadyHeld: somebody was first; the message is their alias.
        """
        if operator.role == "admin":
            raise NotAllowed
        now = self._clock.now()
        async with self._locked(case_id) as (c, conversation):
            if not await cases.claim(c, case_id, operator.id, now):
                row = await queue_rows.one(c, case_id)
                raise AlreadyHeld(row.holder if row and row.holder else "nobody")
            await holding.hand_over(c, conversation.id, operator.id)
            on_its_way = await outbound.cancel_bot(c, conversation.id)
            await pages.acknowledge(c, case_id, operator.id, now)
            await self._note(c, operator, "claimed", case_id, now)
        return Claimed(case_id=case_id, one_on_its_way=on_its_way)

    async def reply(
        self,
        case_id: UUID,
        operator: Operator,
        client_id: UUID,
        *,
        text: str = "",
        phrase: str | None = None,
        into_hidden: bool = False,
        instead_of: UUID | None = None,
    ) -> ReplyOutcome:
        """Write to the person, in own words or by a `pb.` key. Outside both windows it is kept, unsent.

        `client_id` is made by the screen: the same one twice is one message. `instead_of` is a draft that
        this replaces. `into_hidden` is the explicit word that a hidden view needs.

        Raises:
            NotHeld, HiddenView, NothingToSay, NoSuchCase
            NotApproved: no such phrase.
        """
        now = self._clock.now()
        async with self._locked(case_id) as (c, conversation):
            found = await cases.get(c, case_id)
            if found is None or found.holder_id != operator.id or found.state != "held":
                raise NotHeld
            if conversation.view == "hidden" and not into_hidden:
                raise HiddenView
            words = self._pen.words(conversation, text, phrase)
            if await holding.is_doubled(c, operator.id, client_id):
                return "doubled"
            await self._pen.say_joined(c, conversation, operator.id, found.claimed_at or now)
            keys = (phrase,) if phrase else ()
            await self._pen.say(c, conversation, words, keys=keys, operator_id=operator.id, client_id=client_id)
            if instead_of is not None:
                await holding.drop_draft(c, conversation.id, operator.id, instead_of)
            await self._record(c, operator, "case.replied", case_id)
        return "queued" if self._pen.until(conversation) else "draft"

    async def release(self, case_id: UUID, operator: Operator) -> None:
        """Put a held case back into the queue; the bot speaks again, and everybody on shift is paged.

        Raises:
            NotHeld, NoSuchCase
        """
        now = self._clock.now()
        async with self._locked(case_id) as (c, conversation):
            claimed_at = await self._claimed_at(c, case_id, operator)
            await cases.release(c, case_id, operator.id, now)
            await self._give_back(c, conversation, operator.id, claimed_at)
            await paging.page(c, case_id, now)
            await self._note(c, operator, "released", case_id, now)

    async def close(self, case_id: UUID, operator: Operator, outcome: str) -> None:
        """End a held case with one of `cases.OUTCOMES`; the bot speaks again.

        Raises:
            NotHeld, NoSuchCase
            ValueError: another outcome.
        """
        now = self._clock.now()
        async with self._locked(case_id) as (c, conversation):
            claimed_at = await self._claimed_at(c, case_id, operator)
            await cases.close(c, case_id, operator.id, outcome, now)
            await self._give_back(c, conversation, operator.id, claimed_at)
            await self._note(c, operator, "closed", case_id, now, outcome=outcome)

    async def return_silent(self) -> int:
        """Return cases whose holder's screen went silent to the queue (design §9). Returns how many."""
        now = self._clock.now()
        async with self._store.reading() as c:
            silent = await queue_rows.held_by_silent(c, now - HOLDER_SILENT_AFTER)
        returned = 0
        for hold in silent:
            async with self._locked(hold.case_id) as (c, conversation):
                if await cases.release(c, hold.case_id, hold.holder_id, now):
                    await holding.give_back(c, conversation.id, hold.holder_id)
                    await cases.note(c, case_id=hold.case_id, kind="returned", now=now, operator_id=hold.holder_id)
                    await paging.page(c, hold.case_id, now)
                    returned += 1
        return returned

    # -- parts -------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _locked(self, case_id: UUID) -> AsyncIterator[tuple[AsyncConnection, Conversation]]:
        """A transaction with the case's conversation locked first."""
        async with self._store.transaction() as c:
            found = await cases.get(c, case_id)
            if found is None:
                raise NoSuchCase
            yield c, await conversations.lock(c, found.conversation_id)

    async def _claimed_at(self, c: AsyncConnection, case_id: UUID, operator: Operator) -> datetime:
        found = await cases.get(c, case_id)
        if found is None or found.state != "held" or found.holder_id != operator.id:
            raise NotHeld
        return found.claimed_at or found.opened_at

    async def _give_back(
        self, c: AsyncConnection, conversation: Conversation, operator_id: UUID, since: datetime
    ) -> None:
        await holding.give_back(c, conversation.id, operator_id)
        await self._pen.say_left(c, conversation, operator_id, since)

    async def _note(
        self, c: AsyncConnection, operator: Operator, kind: str, case_id: UUID, now: datetime, **detail: str
    ) -> None:
        await cases.note(c, case_id=case_id, kind=kind, now=now, operator_id=operator.id, detail=detail)
        await self._record(c, operator, f"case.{kind}", case_id)

    async def _record(self, c: AsyncConnection, operator: Operator, action: str, case_id: UUID) -> None:
        await audit.record(c, operator_id=operator.id, action=action, subject=str(case_id), now=self._clock.now())


def _may_read(row: QueueRow, operator: Operator) -> bool:
    if operator.role == "admin":
        return False
    return operator.role == "supervisor" or row.state == "waiting" or row.holder_id == operator.id

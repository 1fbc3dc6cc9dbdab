"""What one message changes, all of it in the caller's transaction: alarm, view, outbox, state (design §3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.catalogue import MASTER, Catalogue
from bot.core.crypto import Keyring
from bot.core.errors import StaleConversation
from bot.core.ids import new_id
from bot.core.values import Arrival, ArrivalKind, MessageClass
from bot.flow.deciding import Situation, decide, language_of
from bot.flow.effects import Outcome
from bot.flow.hearing import Hearing, saved_question
from bot.flow.intake import raw_place
from bot.flow.runner import Runner
from bot.flow.view import Rendered, render
from bot.flow.window import LIVE_WINDOW, SAFE_HOUR, not_after
from bot.store import cases, conversations, inbound, outbound
from bot.store.attachments import keep_attachments
from bot.store.conversations import Contact, Conversation
from bot.store.history import inbound_place
from bot.store.jobs import wake_delivery
from channels.base import Channel
from escalation import paging, roster
from escalation.lines import truth
from escalation.triage import level_of_findings

BACK_WITHIN = timedelta(hours=72)
"""A message this soon after a close goes to the queue (screening.md §3.15)."""

DELETABLE = timedelta(hours=48)
"""Telegram deletes messages younger than this, ours and the person's (security.md §3.1)."""

_MODES = {
    "trapped": "held",
    "job_offer": "job",
    "out": "out",
    "detained": "detained",
    "family": "family",
    "facts": "facts",
}
"""The slot `mode` → what the queue calls it."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """The message at hand, opened, with where its conversation stands."""

    row: inbound.Unhandled
    arrival: Arrival
    raw: bytes
    conversation: Conversation
    contact: Contact
    state: Mapping[str, Any]
    channel: Channel
    now: datetime
    late: bool


class Committing:
    """Carries a heard message into the database."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        catalogue: Catalogue,
        runner: Runner,
        rules: Mapping[str, str],
        demo: bool,
        live_window: timedelta = LIVE_WINDOW,
    ) -> None:
        self._keyring = keyring
        self._catalogue = catalogue
        self._runner = runner
        self._rules = rules
        self._demo = demo
        self._live_window = live_window

    async def commit(self, tx: AsyncConnection, item: Item, hearing: Hearing) -> None:
        """Everything that this message changes, or nothing.

        Raises:
            StaleConversation: somebody else changed the conversation since the message was heard: hear it again.
            ActionRefused, NotApproved: an action went wrong.
        """
        locked = await conversations.lock(tx, item.conversation.id)
        if locked.version != item.conversation.version:
            raise StaleConversation
        item = replace(item, conversation=locked)
        situation = await self._situation(tx, item, hearing)
        outcome = await decide(item.arrival, hearing, situation, runner=self._runner, rules=self._rules)
        await self._store_message(tx, item)
        await self._raise(tx, item, situation.triggers, outcome)
        if outcome.silence:
            await self._fall_silent(tx, item, outcome)
        rendered = self._render(item, situation, outcome)
        if rendered is not None:
            await self._say(tx, item, rendered)
        if not await self._save(tx, item, situation, outcome, rendered):
            raise StaleConversation

    async def _situation(self, tx: AsyncConnection, item: Item, hearing: Hearing) -> Situation:
        conversation, slots = item.conversation, dict(item.state.get("slots") or {})
        language = language_of(hearing, item.arrival, conversation.language, self._catalogue)
        free = {"out", "family", "job_offer", "facts"}
        triggers = level_of_findings(
            hearing.findings,
            understanding=hearing.understanding,
            held_or_unknown=slots.get("mode") not in free,
        )
        lately = conversation.speaker == "bot" and await cases.closed_since(tx, conversation.id, item.now - BACK_WITHIN)
        if lately and await cases.open_case_of(tx, conversation.id) is not None:
            lately = False
        return Situation(
            conversation_id=conversation.id,
            slots=slots,
            language=language,
            view=conversation.view,
            held=conversation.speaker == "operator",
            newest=item.row.is_newest,
            late=item.late,
            demo=self._demo,
            closed_lately=lately,
            truth=truth(await roster.cover(tx, item.now), language),
            triggers=triggers,
            now=item.now,
        )

    async def _store_message(self, tx: AsyncConnection, item: Item) -> None:
        """Under the contact's key from now on, so that erasing the contact erases the words."""
        sealer, row = item.contact.sealer, item.row
        body = json.dumps(
            {
                "text": item.arrival.text,
                "ref": item.arrival.message_ref,
                "press": item.arrival.press is not None,
                "coordinates": item.arrival.coordinates,
                "doubled": row.doubled,
            }
        )
        await inbound.mark_handled(
            tx,
            row.id,
            now=item.now,
            late=item.late,
            raw_sealed=sealer.seal(item.raw, raw_place(row.id)),
            body_sealed=sealer.seal(body.encode(), inbound_place(row.id)),
        )
        await keep_attachments(tx, row.id, item.arrival.attachments, sealer, item.now)
        if item.arrival.kind is ArrivalKind.BLOCKED:
            await cases.note(tx, kind="blocked", now=item.now, conversation_id=item.conversation.id)

    async def _raise(self, tx: AsyncConnection, item: Item, alarm: frozenset[str], outcome: Outcome) -> None:
        """The alarm: always raised, whatever the view shows (design §2.13)."""
        triggers = alarm | outcome.triggers
        if item.late and item.arrival.kind.is_a_word_of_the_person:
            triggers = triggers or frozenset({"H16"})  # it is not answered, so a human has to see it
        if triggers:
            change = await cases.open_or_raise(
                tx,
                conversation_id=item.conversation.id,
                triggers=triggers,
                now=item.now,
                inbound_id=item.row.id,
                mode=_MODES.get(str(outcome.slots.get("mode"))),
            )
            if change.opened or change.raised:
                await paging.page(tx, change.case_id, item.now)
        notes = (*outcome.notes, *(["late"] if item.late else []))
        for kind in notes:
            await cases.note(tx, kind=kind, now=item.now, conversation_id=item.conversation.id, inbound_id=item.row.id)

    def _render(self, item: Item, situation: Situation, outcome: Outcome) -> Rendered | None:
        return render(
            outcome.says,
            outbound_id=new_id(item.now),
            conversation_id=item.conversation.id,
            language=outcome.language or situation.language or MASTER,
            view=outcome.view or situation.view,
            with_buttons=item.channel.features.buttons,
            catalogue=self._catalogue,
            keyring=self._keyring,
        )

    async def _say(self, tx: AsyncConnection, item: Item, rendered: Rendered) -> None:
        await outbound.supersede_past(tx, item.conversation.id, item.now)
        await outbound.queue(
            tx,
            outbound_id=rendered.outbound_id,
            conversation_id=item.conversation.id,
            answers_id=item.row.id,
            message_class=rendered.message_class,
            author="bot",
            keys=rendered.keys,
            text=rendered.text,
            buttons=rendered.buttons,
            sealer=item.contact.sealer,
            not_after=not_after(item.row.provider_at, self._live_window),
            now=item.now,
        )
        urgent = rendered.message_class is MessageClass.SAFETY
        await wake_delivery(tx, item.conversation.id, urgent=urgent)

    async def _fall_silent(self, tx: AsyncConnection, item: Item, outcome: Outcome) -> None:
        """Take back what is queued; for `hide`, have the chat cleared on the phone where the channel can."""
        await outbound.cancel_all(tx, item.conversation.id)
        if not (outcome.delete and item.channel.features.deletes):
            return
        since = item.now - DELETABLE
        theirs = await inbound.refs_since(tx, item.conversation.id, item.contact.sealer, since)
        ours = await outbound.refs_since(tx, item.conversation.id, item.contact.sealer, since)
        await outbound.queue(
            tx,
            outbound_id=new_id(item.now),
            conversation_id=item.conversation.id,
            answers_id=item.row.id,
            message_class=MessageClass.SAFETY,
            author="bot",
            keys=(),
            text="",
            refs=(*theirs, *ours),
            sealer=item.contact.sealer,
            not_after=item.now + DELETABLE,
            now=item.now,
            kind="delete",
        )
        await wake_delivery(tx, item.conversation.id, urgent=True)

    async def _save(
        self,
        tx: AsyncConnection,
        item: Item,
        situation: Situation,
        outcome: Outcome,
        rendered: Rendered | None,
    ) -> bool:
        state = dict(item.state)
        state["slots"] = {**situation.slots, **outcome.slots}
        if rendered is not None or outcome.silence:
            state["question"] = saved_question(rendered.asked) if rendered else None
        state["events"] = [*(item.state.get("events") or []), *outcome.actions][-20:]
        conversation, word = item.conversation, item.arrival.kind.is_a_word_of_the_person
        live_until = conversation.live_until
        if word and not item.late:
            live_until = not_after(item.row.provider_at, self._live_window)
        return await conversations.save(
            tx,
            conversation,
            state=state,
            sealer=item.contact.sealer,
            language=outcome.language or situation.language,
            view=outcome.view or conversation.view,
            live_until=item.now if outcome.silence else live_until,
            window_until=None
            if outcome.silence
            else (item.now + SAFE_HOUR if outcome.window else conversation.window_until),
            last_inbound_at=item.row.provider_at,
        )

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
from bot.flow.deliver import DELETABLE
from bot.flow.effects import Outcome
from bot.flow.hearing import Hearing, saved_question
from bot.flow.intake import raw_place
from bot.flow.runner import Runner
from bot.flow.view import Rendered, render
from bot.flow.window import LIVE_WINDOW, SAFE_HOUR, not_after
from bot.store import cases, conversations, inbound, outbound, situation
from bot.store.attachments import keep_attachments
from bot.store.conversations import Contact, Conversation
from bot.store.history import inbound_place
from channels.base import Channel
from escalation import paging, risk, roster
from escalation.lines import Cover, truth
from escalation.triage import level_of_findings

BACK_WITHIN = timedelta(hours=72)
"""A message this soon after a close goes to the queue (screening.md §3.15)."""

HIDDEN_FOR = timedelta(hours=72)
"""After so long a hidden view falls back to low-trace (screening.md §8.4.6)."""


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
        stands = await self._situation(tx, item, hearing)
        outcome = await decide(item.arrival, hearing, stands, runner=self._runner, rules=self._rules)
        if not await self._store_message(tx, item):
            raise StaleConversation
        # What a question's answer says is a sign too.
        stands = replace(stands, risk=risk.remember(stands.risk, outcome.triggers, item.now))
        await self._raise(tx, item, stands, outcome)
        if outcome.silence or _hides(item, outcome):
            await outbound.cancel_all(tx, item.conversation.id, item.now)
        if outcome.delete and item.channel.features.deletes:
            await self._clear_phone(tx, item)
        rendered = self._render(item, stands, outcome)
        if rendered is not None:
            await self._say(tx, item, rendered)
        if not await self._save(tx, item, stands, outcome, rendered):
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
        signs = {f.sign for f in hearing.findings if f.sign and f.polarity != "denied"}
        table = risk.remember(risk.read(item.state.get("risk")), triggers | signs, item.now)
        known = await situation.read(
            tx,
            conversation.id,
            since=item.now - BACK_WITHIN,
            seen_since=item.now - roster.SCREEN_SILENT_AFTER,
        )
        return Situation(
            conversation_id=conversation.id,
            slots=slots,
            language=language,
            view=_view_now(conversation.view, slots, item.now),
            held=conversation.speaker == "operator",
            newest=item.row.is_newest,
            late=item.late,
            demo=self._demo,
            case_open=known.case_open,
            closed_lately=known.closed_since and not known.case_open,
            truth=truth(Cover(on_shift=known.languages), language),
            kit_only=language in self._catalogue.kits,
            triggers=triggers | risk.grown(table, item.now),
            risk=table,
            languages=hearing.understanding.language_evidence or item.state.get("languages") or {},
            now=item.now,
        )

    async def _store_message(self, tx: AsyncConnection, item: Item) -> bool:
        """Under the contact's key from now on, so that erasing the contact erases the words. False: it had its turn."""
        row = item.row
        first = await inbound.mark_handled(
            tx,
            row.id,
            now=item.now,
            late=item.late,
            raw_sealed=item.contact.sealer.seal(item.raw, raw_place(row.id)),
            body_sealed=sealed_body(item),
        )
        await keep_attachments(tx, row.id, item.arrival.attachments, item.contact.sealer, item.now)
        if item.arrival.kind is ArrivalKind.BLOCKED:
            await cases.note(tx, kind="blocked", now=item.now, conversation_id=item.conversation.id)
        return first

    async def _raise(self, tx: AsyncConnection, item: Item, stands: Situation, outcome: Outcome) -> None:
        """The alarm: always raised, whatever the view shows (design §2.13)."""
        case_open = stands.case_open
        triggers = stands.triggers | outcome.triggers | risk.grown(stands.risk, item.now)
        if item.late and item.arrival.kind.is_a_word_of_the_person:
            triggers = triggers or frozenset({"H16"})  # it is not answered, so a human has to see it
        if triggers:
            change = await cases.open_or_raise(
                tx,
                conversation_id=item.conversation.id,
                triggers=triggers,
                now=item.now,
                inbound_id=item.row.id,
                mode=outcome.slots.get("mode"),
                surely_new=not case_open,
            )
            if change.raised:
                await paging.page(tx, change.case_id, item.now)
        if triggers or case_open:
            # Whoever came on shift since has not been paged for it yet, and this turn may say that they are.
            await paging.page_whoever_was_not(tx, item.conversation.id, item.now)
        notes = (*outcome.notes, *(["late"] if item.late else []))
        for kind in notes:
            await cases.note(tx, kind=kind, now=item.now, conversation_id=item.conversation.id, inbound_id=item.row.id)

    def _render(self, item: Item, stands: Situation, outcome: Outcome) -> Rendered | None:
        return render(
            outcome.says,
            outbound_id=new_id(item.now),
            conversation_id=item.conversation.id,
            language=outcome.language or stands.language or MASTER,
            view=outcome.view or stands.view,
            with_buttons=item.channel.features.buttons,
            catalogue=self._catalogue,
            keyring=self._keyring,
        )

    async def _say(self, tx: AsyncConnection, item: Item, rendered: Rendered) -> None:
        if item.conversation.live_until is not None:  # there was something said before that may be past its time
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
            wake=True,
        )

    async def _clear_phone(self, tx: AsyncConnection, item: Item) -> None:
        """Have the chat cleared on the phone. Our own messages are looked up when this row leaves (deliver)."""
        since = item.now - DELETABLE
        theirs = await inbound.refs_since(tx, item.conversation.id, item.contact.sealer, since)
        await outbound.queue(
            tx,
            outbound_id=new_id(item.now),
            conversation_id=item.conversation.id,
            answers_id=item.row.id,
            message_class=MessageClass.SAFETY,
            author="bot",
            keys=(),
            text="",
            refs=theirs,
            sealer=item.contact.sealer,
            not_after=item.now + DELETABLE,
            now=item.now,
            kind="delete",
            wake=True,
        )

    async def _save(
        self,
        tx: AsyncConnection,
        item: Item,
        stands: Situation,
        outcome: Outcome,
        rendered: Rendered | None,
    ) -> bool:
        state = dict(item.state)
        state["risk"] = risk.written(stands.risk)
        state["languages"] = {} if outcome.language else dict(stands.languages)  # what a person chose is not outvoted
        state["slots"] = {**stands.slots, **outcome.slots, **_since_when_hidden(item, outcome)}
        if rendered is not None or outcome.silence or outcome.actions:
            state["question"] = saved_question(rendered.asked) if rendered else None
        state["events"] = [*(item.state.get("events") or []), *outcome.actions][-20:]
        conversation, word = item.conversation, item.arrival.kind.is_a_word_of_the_person
        live_until, last = conversation.live_until, conversation.last_inbound_at
        if word and not item.late:
            live_until = _later(live_until, not_after(item.row.provider_at, self._live_window))
        window_until = item.now + SAFE_HOUR if outcome.window else conversation.window_until
        shut = outcome.silence or _hides(item, outcome)
        return await conversations.save(
            tx,
            conversation,
            state=state,
            sealer=item.contact.sealer,
            language=outcome.language or stands.language,
            view=outcome.view or stands.view,
            live_until=item.now if outcome.silence else live_until,
            window_until=None if shut else window_until,
            last_inbound_at=_later(last, item.row.provider_at) if word else last,
        )


_SHOWN = {"open": 0, "low_trace": 1, "hidden": 2}


def _hides(item: Item, outcome: Outcome) -> bool:
    """Whether the person chose a more hidden view just now: what was written for the other view is taken back."""
    return outcome.view is not None and _SHOWN[outcome.view] > _SHOWN[item.conversation.view]


def _view_now(view: str, slots: Mapping[str, Any], now: datetime) -> str:
    """After 72 hours a hidden view falls back to low-trace (screening.md §8.4.6)."""
    since = slots.get("hidden_since")
    if view == "hidden" and since and now - datetime.fromisoformat(since) >= HIDDEN_FOR:
        return "low_trace"
    return view


def _since_when_hidden(item: Item, outcome: Outcome) -> dict[str, str]:
    return {"hidden_since": item.now.isoformat()} if outcome.view == "hidden" else {}


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def sealed_body(item: Item) -> bytes:
    """What operators read of a message, under the contact's key."""
    arrival = item.arrival
    body = {
        "text": arrival.text,
        "ref": arrival.message_ref,
        "press": arrival.press is not None,
        "coordinates": arrival.coordinates,
        "doubled": item.row.doubled,
    }
    return item.contact.sealer.seal(json.dumps(body).encode(), inbound_place(item.row.id))

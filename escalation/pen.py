"""What an operator's act puts into the outbox, in the caller's transaction with the conversation locked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.catalogue import MASTER, Catalogue
from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.ids import new_id
from bot.core.values import ArrivalKind, MessageClass
from bot.store import conversations, holding, jobs, outbound
from bot.store.conversations import Conversation
from escalation.refusals import NothingToSay

LONGEST_REPLY = 4000  # characters; Telegram takes 4,096 in one message

_SIGNALS = tuple(kind.value for kind in ArrivalKind if not kind.is_a_word_of_the_person)


class Pen:
    """Writes rows of the outbox for humans, never outside the windows (design §2.7)."""

    def __init__(self, keyring: Keyring, clock: Clock, catalogue: Catalogue) -> None:
        self._keyring = keyring
        self._clock = clock
        self._catalogue = catalogue

    def until(self, conversation: Conversation) -> datetime | None:
        """Until when a human may write: the later of the live and the safe window; None = neither is open."""
        now, ends = self._clock.now(), (conversation.live_until, conversation.window_until)
        return max((end for end in ends if end is not None and end > now), default=None)

    def words(self, conversation: Conversation, text: str, phrase: str | None) -> str:
        """What is to be said: the phrase in the person's language, or the operator's own words.

        Raises:
            NothingToSay: empty, too long, or a key that is no phrase of the phrasebook.
            NotApproved: no such key.
        """
        if phrase is not None:
            if not phrase.startswith("pb."):
                raise NothingToSay
            return self._approved(phrase, conversation)
        words = text.replace("\r\n", "\n").replace("\0", "").strip()
        if not words or len(words) > LONGEST_REPLY:
            raise NothingToSay
        return words

    async def say(
        self,
        c: AsyncConnection,
        conversation: Conversation,
        text: str,
        *,
        keys: tuple[str, ...] = (),
        operator_id: UUID | None = None,
        client_id: UUID | None = None,
    ) -> None:
        """Queue one message and wake its delivery; outside both windows it is kept as a draft.

        Without `operator_id` it is the bot's.
        """
        now, until = self._clock.now(), self.until(conversation)
        contact = await conversations.contact_of(c, self._keyring, conversation.id)
        await outbound.queue(
            c,
            outbound_id=new_id(now),
            conversation_id=conversation.id,
            answers_id=await holding.newest_word(c, conversation.id, _SIGNALS),
            message_class=MessageClass.OPERATOR if operator_id else MessageClass.DISCREET,
            author="operator" if operator_id else "bot",
            operator_id=operator_id,
            client_id=client_id,
            keys=keys,
            text=text,
            sealer=contact.sealer,
            not_after=until or now,
            now=now,
            state="queued" if until else "draft",
        )
        if until:
            await jobs.wake_delivery(c, conversation.id, urgent=True)

    async def say_joined(
        self, c: AsyncConnection, conversation: Conversation, operator_id: UUID, since: datetime
    ) -> None:
        """Once for each holder, before their first words: a person writes now (screening.md §3.15).

        Not into a hidden view, where any such line would tell of earlier messages.
        """
        if self.until(conversation) is None or conversation.view == "hidden":
            return
        if not await holding.has_joined(c, conversation.id, operator_id, since):
            text = self._approved("op.joined", conversation)
            await self.say(c, conversation, text, keys=("op.joined",), operator_id=operator_id)

    async def say_left(
        self, c: AsyncConnection, conversation: Conversation, operator_id: UUID, since: datetime
    ) -> None:
        """The machine is back, says the machine, if the person knew of the operator and may be written to."""
        if self.until(conversation) is None or conversation.view == "hidden":
            return
        if await holding.has_joined(c, conversation.id, operator_id, since):
            await self.say(c, conversation, self._approved("op.left", conversation), keys=("op.left",))

    def _approved(self, key: str, conversation: Conversation) -> str:
        spoken = conversation.language or MASTER
        language = spoken if self._catalogue.speaks(spoken) else MASTER
        return self._catalogue.text(key, language, quiet=conversation.view != "open")

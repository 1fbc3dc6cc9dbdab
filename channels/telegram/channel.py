"""Telegram through python-telegram-bot: its `Bot` sends; receiving is ours, since its loops acknowledge from
memory.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Iterable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from bot.core.clock import Clock
from bot.core.errors import SettingsError
from bot.core.values import Arrival, Button, Parcel, Sent
from channels.base import Blocked, Features, MaybeSent, Refused, SendError
from channels.telegram.reading import read_update
from channels.telegram.request import Carried, QuietRequest, fate_of_answer, fate_of_break, hush
from channels.text import split, without_lone_surrogates

LONGEST_PART = 4096  # UTF-16 units (Bot API, sendMessage)
LARGEST_BATCH = 100  # messages in one deleteMessages
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")

Answer = TypeVar("Answer")


class PartlySent(MaybeSent):
    """Only the first parts of a long message were surely taken."""

    def __init__(self, message_refs: tuple[str, ...]) -> None:
        super().__init__()
        self.message_refs = message_refs  # what was taken, so that it can be deleted


class TelegramChannel:
    """One bot. Its token stays in here: in no log, no error, no printed form.

    Raises:
        SettingsError: the token has not the form of a bot token.
    """

    name = "telegram"
    features = Features(buttons=True, deletes=True, silent=True)

    def __init__(
        self,
        token: str,
        account: str,
        api_base: str | None = None,
        clock: Clock | None = None,
        *,
        call_limit: float = 10.0,
    ) -> None:
        """`api_base` is the address of a Bot API server without path; `clock` is compared with Telegram's."""
        if not _TOKEN.fullmatch(token):
            raise SettingsError("HOTLINE_TELEGRAM_TOKEN has not the form of a bot token.")
        hush()
        self.account = account
        self.provider_offset: timedelta | None = None  # Telegram's clock minus ours, to the second, at the last answer
        self._clock = clock
        self._limit = call_limit
        base = (api_base or "https://api.telegram.org").rstrip("/") + "/bot"
        self._address = f"{base}{token}"
        hooks = {"event_hooks": {"response": [self._note_date]}}
        self._request = QuietRequest(
            connection_pool_size=32,
            connect_timeout=call_limit / 2,
            pool_timeout=call_limit / 2,
            write_timeout=call_limit,
            read_timeout=call_limit,
            httpx_kwargs=hooks,
        )
        # Never used by the library, since the poller reads raw bytes; it would build a second pool of its
        # own.
        self.bot = Bot(token, base_url=base, request=self._request, get_updates_request=self._request)
        self._polls = httpx.AsyncClient(event_hooks={"response": [self._note_date]})

    @property
    def call_limit(self) -> float:
        """Seconds after which one call gives up, all parts of a long message together."""
        return self._limit

    def parse(self, raw: bytes) -> tuple[Arrival, ...]:
        """Read one update; see `channels.telegram.reading`."""
        return read_update(raw)

    async def send(self, parcel: Parcel) -> Sent:
        """Send a parcel, in parts where it is long, the buttons under the last; nothing can be forwarded or
        saved.

        Raises:
            PartlySent: a first part was taken and a later one failed in a way that would repeat the first.
            SendError: with its fate.
        """
        chat = _number(parcel.address)
        whole = without_lone_surrogates(parcel.text)
        parts = [part for part in split(whole, LONGEST_PART) if part.strip()]
        if chat is None or not parts:
            raise Refused
        keyboard = _keyboard(parcel.buttons)
        refs: list[str] = []
        try:
            async with asyncio.timeout(self._limit):
                for number, part in enumerate(parts, start=1):
                    under = keyboard if number == len(parts) else None
                    refs.append(await self._send_part(chat, part, under, parcel.silent))
            return Sent(message_refs=tuple(refs))
        except TimeoutError:
            fate: SendError = MaybeSent()
        except SendError as error:
            fate = error
        raise PartlySent(tuple(refs)) if refs and not isinstance(fate, Blocked | Refused) else fate

    async def _send_part(self, chat: int, text: str, keyboard: InlineKeyboardMarkup | None, silent: bool) -> str:
        message = await self.call(
            self.bot.send_message(
                chat,
                text,
                disable_notification=silent,
                protect_content=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_markup=keyboard,
            )
        )
        return str(message.message_id)

    async def delete(self, address: str, message_refs: tuple[str, ...]) -> None:
        """Delete messages of both sides, 100 a call. Deleting again does no harm, so any failure may be
        retried.

        Raises:
            Refused: Telegram would not delete some of them (older than 48 hours); all the others are gone.
            SendError: with its fate.
        """
        chat = _number(address)
        numbers = [number for ref in message_refs if (number := _number(ref)) is not None]
        if chat is None:
            raise Refused
        refused = False
        for start in range(0, len(numbers), LARGEST_BATCH):
            refused |= not await self._delete_batch(chat, numbers[start : start + LARGEST_BATCH])
        if refused:
            raise Refused

    async def _delete_batch(self, chat: int, numbers: list[int]) -> bool:
        """True if all were taken. A refused batch is halved, lest one old message keep the rest there."""
        try:
            await self.call(self.bot.delete_messages(chat, numbers))
        except Refused:
            if len(numbers) == 1:
                return False
            half = len(numbers) // 2
            first = await self._delete_batch(chat, numbers[:half])
            return await self._delete_batch(chat, numbers[half:]) and first
        return True

    async def acknowledge(self, press_ref: str) -> bool:
        """Answer a press without showing anything; False for every failure, since the press then does not
        count.
        """
        try:
            return await self.call(self.bot.answer_callback_query(press_ref))
        except SendError:
            return False

    async def call(self, request: Awaitable[Answer]) -> Answer:
        """Await one call of the library within the time limit.

        Raises:
            SendError: with its fate; no error of the library leaves this channel.
        """
        try:
            async with asyncio.timeout(self._limit):
                return await request
        except Carried as carried:
            fate = carried.fate
        except Exception:  # a time-out, or a 200 that the library could not read: Telegram may have done it
            fate = MaybeSent()
        raise fate

    async def poll(self, offset: int | None, seconds: int, kinds: Iterable[str]) -> bytes:
        """One getUpdates call: the answer's bytes. Confirms every update before `offset`.

        Raises:
            SendError: `PollingConflict` if somebody else reads, else with its fate.
        """
        form: dict[str, object] = {"timeout": seconds, "allowed_updates": list(kinds)}
        if offset is not None:
            form["offset"] = offset
        try:
            answer = await self._polls.post(
                f"{self._address}/getUpdates",
                json=form,
                timeout=httpx.Timeout(self._limit, read=seconds + self._limit),
            )
        except httpx.HTTPError as error:
            fate: SendError | None = fate_of_break(error)
        else:
            fate = fate_of_answer(answer.status_code, answer.content)
        if fate is not None:
            raise fate
        return answer.content

    async def close(self) -> None:
        """Let go of connections."""
        await self._request.shutdown()
        await self._polls.aclose()

    async def _note_date(self, response: httpx.Response) -> None:
        if self._clock is None or "date" not in response.headers:
            return
        try:
            self.provider_offset = parsedate_to_datetime(response.headers["date"]) - self._clock.now()
        except (ValueError, TypeError):
            self.provider_offset = None


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,19}", text) else None


def _keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """One button a row: labels in six languages have six widths."""
    rows = [[InlineKeyboardButton(without_lone_surrogates(b.label), callback_data=b.payload)] for b in buttons]
    return InlineKeyboardMarkup(rows) if rows else None

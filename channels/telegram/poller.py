"""Long polling for development: each update is committed before Telegram is told that we have it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from telegram import Update

from channels.base import ProviderFault, SendError
from channels.telegram.channel import TelegramChannel
from channels.telegram.request import PollingConflict
from channels.webhooks import Accept

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0  # seconds between tries while Telegram or our store is away
KINDS = tuple(str(kind) for kind in Update.ALL_TYPES)  # reactions come only to those who name them


class TelegramPoller:
    """Reads a bot's updates and hands each, as the bytes Telegram sent, to `accept`."""

    def __init__(
        self,
        channel: TelegramChannel,
        accept: Accept,
        *,
        seconds: int = 25,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`seconds` is how long Telegram may hold a call open; `pause` waits between failures."""
        self._channel = channel
        self._accept = accept
        self._seconds = seconds
        self._pause = pause
        self._offset: int | None = None

    async def run(self) -> None:
        """Read for ever. Cancelled, it may have accepted updates that it will be offered again: receipts
        judge.

        Raises:
            PollingConflict: another process reads this bot, or a webhook is set; `delete_webhook` is a
                human's act.
        """
        wait = 1.0
        while True:
            try:
                await self.once()
                wait = 1.0
            except PollingConflict:
                raise
            except Exception as error:
                log.warning("Polling failed and is tried again (%s).", type(error).__name__)
                asked = error.retry_after if isinstance(error, SendError) else None
                await self._pause(asked or wait)
                wait = min(wait * 2, LONGEST_PAUSE)

    async def once(self) -> int:
        """One call; how many updates it brought. An update is confirmed by the next call, after its commit.

        Raises:
            SendError: Telegram failed; with its fate.
            Exception: whatever `accept` raised; this update and those after it are offered again.
        """
        answer = await self._channel.poll(self._offset, self._seconds, KINDS)
        updates = updates_in(answer)
        if not updates:
            # All is confirmed now. Numbers restart at random after a quiet week: an old offset would hide new
            # ones.
            self._offset = None
        for number, raw in updates:
            await self._accept(channel=self._channel.name, account=self._channel.account, raw=raw)
            if number is not None:
                self._offset = number + 1
        if updates and all(number is None for number, _ in updates):
            raise ProviderFault  # nothing to confirm them by: the same would come again at once
        return len(updates)


def updates_in(answer: bytes) -> tuple[tuple[int | None, bytes], ...]:
    """The updates of a getUpdates answer: number, and the very bytes that Telegram sent for each.

    Raises:
        ProviderFault: the answer is not a list of updates.
    """
    text = answer.decode("utf-8", "surrogatepass")
    start = text.find("[")
    whole = json.loads(text)  # has been read once already, so it is JSON with a result
    if not isinstance(whole["result"], list) or not text[:start].replace(" ", "").endswith('"result":'):
        raise ProviderFault
    decoder = json.JSONDecoder()
    found: list[tuple[int | None, bytes]] = []
    position = start + 1
    for _ in whole["result"]:
        while text[position] in " \t\r\n,":
            position += 1
        update, end = decoder.raw_decode(text, position)
        number = update.get("update_id") if isinstance(update, dict) else None
        found.append((number if isinstance(number, int) else None, text[position:end].encode("utf-8", "surrogatepass")))
        position = end
    return tuple(found)

"""Polling: committed first, confirmed after."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.core.errors import SpoolUnavailable
from channels.base import ProviderFault
from channels.telegram import PollingConflict, TelegramChannel, TelegramPoller, register_webhook
from channels.telegram.poller import updates_in
from tests.doubles.bot_api import BotApi
from tests.doubles.bot_api_faults import FaultKind


class Store:
    """An `accept` that keeps what it is given, and fails when told."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.away = 0  # calls to refuse
        self.refuse_once: set[int] = set()  # numbers of updates to refuse the first time

    async def __call__(self, *, channel: str, account: str, raw: bytes) -> object:
        assert (channel, account) == ("telegram", "main")
        number = json.loads(raw)["update_id"]
        if self.away or number in self.refuse_once:
            self.away = max(0, self.away - 1)
            self.refuse_once.discard(number)
            raise SpoolUnavailable
        self.kept.append(raw)
        return "stored"

    @property
    def numbers(self) -> list[int]:
        """The numbers of the updates kept, in order."""
        return [json.loads(raw)["update_id"] for raw in self.kept]


def update(number: int) -> dict[str, Any]:
    """An update with words that JSON may write in several ways."""
    return {"update_id": number, "message": {"text": 'ប "\ud83d" \x00', "date": 1.50}}


async def offered(api: BotApi, *numbers: int) -> None:
    """Let Telegram have these updates."""
    for number in numbers:
        await api.offer(update(number))


async def test_every_update_is_kept_before_it_is_confirmed(api: BotApi, telegram: TelegramChannel) -> None:
    store = Store()
    poller = TelegramPoller(telegram, store, seconds=0)
    await offered(api, 1, 2)

    assert await poller.once() == 2
    assert [u["update_id"] for u in api.updates] == [1, 2]
    assert await poller.once() == 0

    assert store.numbers == [1, 2]
    assert api.updates == []


async def test_an_update_that_could_not_be_kept_comes_again_and_those_before_it_do_not(
    api: BotApi, telegram: TelegramChannel
) -> None:
    store = Store()
    store.refuse_once = {2}
    poller = TelegramPoller(telegram, store, seconds=0)
    await offered(api, 1, 2, 3)

    with pytest.raises(SpoolUnavailable):
        await poller.once()
    await poller.once()

    assert store.numbers == [1, 2, 3]


async def test_numbers_that_restart_lower_after_a_quiet_week_are_not_passed_over(
    api: BotApi, telegram: TelegramChannel
) -> None:
    store = Store()
    poller = TelegramPoller(telegram, store, seconds=0)
    await offered(api, 900_000)
    await poller.once()
    await poller.once()

    await offered(api, 17)
    await poller.once()

    assert store.numbers == [900_000, 17]


async def test_each_update_is_kept_as_the_bytes_that_telegram_sent() -> None:
    one, two = b'{"update_id":1, "x":"\\ud83d \\u0000", "n":1.50}', b'{"update_id":2,"y":"\xe1\x9e\x94"}'
    answer = b'{"ok":true,"result":[ ' + one + b" ,\n" + two + b"]}"

    assert updates_in(answer) == ((1, one), (2, two))


@pytest.mark.parametrize("answer", [b'{"ok":true,"result":true}', b'{"ok":true,"result":{"a":[1]}}'])
def test_an_answer_that_is_no_list_is_the_provider_s_fault(answer: bytes) -> None:
    with pytest.raises(ProviderFault):
        updates_in(answer)


async def test_with_a_webhook_set_polling_says_why_it_cannot(api: BotApi, telegram: TelegramChannel) -> None:
    await register_webhook(telegram, "https://h.example/webhooks/telegram", "s" * 32)

    with pytest.raises(PollingConflict, match="webhook"):
        await TelegramPoller(telegram, Store(), seconds=0).run()

    assert api.webhook


async def test_a_second_reader_ends_the_first_with_a_clear_error(api: BotApi, telegram: TelegramChannel) -> None:
    other = TelegramChannel(api.token, "main", api.address)
    first = asyncio.create_task(TelegramPoller(telegram, Store(), seconds=20).run())
    while not api.polls:
        await asyncio.sleep(0)

    await TelegramPoller(other, Store(), seconds=0).once()

    with pytest.raises(PollingConflict, match="Another process"):
        await first
    await other.close()


async def test_run_waits_as_long_as_telegram_asks_and_goes_on_after_every_failure(
    api: BotApi, telegram: TelegramChannel
) -> None:
    store, waits = Store(), []
    done = asyncio.Event()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 5:
            done.set()
        await asyncio.sleep(0)

    await offered(api, 1)
    api.fail(FaultKind.THROTTLE, method="getUpdates", retry_after=9)
    api.fail(FaultKind.SERVER, method="getUpdates")
    api.fail(FaultKind.HTML, method="getUpdates")
    store.away = 2
    running = asyncio.create_task(TelegramPoller(telegram, store, seconds=1, pause=pause).run())
    await done.wait()
    while not store.kept:
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert waits == [9.0, 2.0, 4.0, 8.0, 16.0]
    assert store.numbers == [1]

"""One table for every channel that calls a provider: what goes wrong must be told with its true fate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.core.values import Button, Parcel
from channels.base import (
    Blocked,
    Channel,
    MaybeSent,
    NotReached,
    ProviderFault,
    Refused,
    SendError,
    Throttled,
)
from channels.fake import FakeChannel
from channels.telegram import TelegramChannel
from channels.webchat import WebChatChannel
from tests.doubles.bot_api import BotApi
from tests.doubles.bot_api_faults import FaultKind

ADDRESS = "4815162342"


def parcel(text: str = "Anda tidak sendiri.", *, address: str = ADDRESS, buttons: int = 0) -> Parcel:
    """Something to send."""
    return Parcel(
        outbound_id=UUID(int=7),
        address=address,
        text=text,
        buttons=tuple(Button(label=f"Choice {n}", payload=f"signed-{n}") for n in range(buttons)),
        not_after=datetime(2026, 11, 24, tzinfo=UTC),
    )


@dataclass(frozen=True)
class Line:
    """A channel with a way to make it fail, and to count what its provider took."""

    channel: Channel
    fail: Callable[[FaultKind], None]
    taken: Callable[[], int]


FATES: dict[FaultKind, type[SendError]] = {
    FaultKind.THROTTLE: Throttled,
    FaultKind.SERVER: ProviderFault,
    FaultKind.GATEWAY: ProviderFault,
    FaultKind.BLOCKED: Blocked,
    FaultKind.BAD_REQUEST: Refused,
    FaultKind.HANG: MaybeSent,
    FaultKind.RESET: MaybeSent,
    FaultKind.HTML: MaybeSent,
    FaultKind.GATEWAY_TIMEOUT: MaybeSent,
}


def fake_line() -> Line:
    """The fake."""
    channel = FakeChannel()

    def fail(kind: FaultKind) -> None:
        error = FATES[kind]
        channel.fail(error(retry_after=7.0) if error is Throttled else error(), taken=kind.after_taking)

    return Line(channel=channel, fail=fail, taken=lambda: len(channel.journal.delivered))


@pytest.fixture(params=["telegram", "fake"])
def line(request: pytest.FixtureRequest, api: BotApi, telegram: TelegramChannel) -> Line:
    """Each channel that calls somebody."""
    if request.param == "fake":
        return fake_line()
    return Line(
        channel=telegram,
        fail=lambda kind: api.fail(kind, retry_after=7),
        taken=lambda: len(api.taken("sendMessage")),
    )


async def test_a_parcel_is_taken_once_and_its_id_comes_back(line: Line) -> None:
    first, second = await line.channel.send(parcel()), await line.channel.send(parcel())

    assert (first.message_refs, second.message_refs) == (("1",), ("2",))
    assert line.taken() == 2


@pytest.mark.parametrize("kind", FATES)
async def test_each_failure_states_its_fate_and_whether_the_provider_has_it(line: Line, kind: FaultKind) -> None:
    line.fail(kind)

    with pytest.raises(FATES[kind]) as raised:
        await line.channel.send(parcel("SENT-secret"))

    assert line.taken() == kind.after_taking
    assert raised.value.in_doubt == kind.after_taking
    assert raised.value.retry_after == (7.0 if kind is FaultKind.THROTTLE else None)


@pytest.mark.parametrize("kind", FATES)
async def test_a_failure_carries_neither_words_nor_address_nor_the_library_s_error(line: Line, kind: FaultKind) -> None:
    line.fail(kind)

    with pytest.raises(SendError) as raised:
        await line.channel.send(parcel("SENT-secret"))

    assert str(raised.value) == (type(raised.value).__doc__ or "").strip()
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


async def test_the_next_parcel_goes_after_any_failure(line: Line) -> None:
    for kind in FATES:
        line.fail(kind)
        with pytest.raises(SendError):
            await line.channel.send(parcel())

    assert (await line.channel.send(parcel())).message_refs


async def test_a_provider_that_refuses_connections_surely_has_nothing(api: BotApi, telegram: TelegramChannel) -> None:
    await api.server.refuse()

    with pytest.raises(NotReached) as raised:
        await telegram.send(parcel())

    assert raised.value.retryable
    assert raised.value.__context__ is None


async def test_after_a_refusal_is_over_the_same_channel_sends_again(api: BotApi, telegram: TelegramChannel) -> None:
    await telegram.send(parcel())
    await api.server.refuse()
    with pytest.raises(NotReached):
        await telegram.send(parcel())
    await api.server.listen()

    assert (await telegram.send(parcel())).message_refs == ("2",)


async def test_the_web_chat_has_sent_as_soon_as_it_is_stored() -> None:
    sent = await WebChatChannel().send(parcel())

    assert sent.message_refs == (str(UUID(int=7)),)
    assert await WebChatChannel().acknowledge("anything")

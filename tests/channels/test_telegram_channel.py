"""What Telegram is asked for, over the real library and a strict server."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.clock import FakeClock
from bot.core.errors import SettingsError
from channels.base import MaybeSent, NotReached, Refused, SendError
from channels.telegram import (
    PartlySent,
    TelegramChannel,
    TokenRefused,
    delete_webhook,
    register_webhook,
    webhook_state,
)
from channels.text import units
from tests.channels.test_outbound_table import ADDRESS, parcel
from tests.doubles.bot_api import TOKEN, BotApi
from tests.doubles.bot_api_faults import FaultKind

LONG = "Tolong jangan takut. " * 500  # three parts
SECRET = "s" * 43


def texts(api: BotApi) -> list[str]:
    """What was said, in order."""
    return [str(line["parameters"]["text"]) for line in api.taken("sendMessage")]  # type: ignore[index]


async def test_a_message_is_silent_and_cannot_be_forwarded_and_shows_no_preview(
    api: BotApi, telegram: TelegramChannel
) -> None:
    await telegram.send(parcel("see https://example.org"))

    assert api.taken("sendMessage")[0]["parameters"] == {
        "chat_id": int(ADDRESS),
        "text": "see https://example.org",
        "disable_notification": True,
        "protect_content": True,
        "link_preview_options": {"is_disabled": True},
    }


async def test_nothing_but_the_message_is_ever_asked_for_so_nobody_sees_typing(
    api: BotApi, telegram: TelegramChannel
) -> None:
    await telegram.send(parcel())

    assert [line["method"] for line in api.journal.lines] == ["sendMessage"]


async def test_a_long_message_keeps_order_and_has_its_buttons_under_the_last_part(
    api: BotApi, telegram: TelegramChannel
) -> None:
    sent = await telegram.send(parcel(LONG, buttons=2))

    keyboards = ["reply_markup" in line["parameters"] for line in api.taken("sendMessage")]  # type: ignore[operator]
    assert sent.message_refs == ("1", "2", "3")
    assert "".join(texts(api)) == LONG
    assert keyboards == [False, False, True]


async def test_three_thousand_emoji_are_cut_to_what_telegram_takes(api: BotApi, telegram: TelegramChannel) -> None:
    await telegram.send(parcel("👨‍👩‍👧" * 3000))

    assert all(units(part) <= 4096 and part.startswith("👨") and part.endswith("👧") for part in texts(api))


async def test_a_lone_surrogate_in_what_we_send_becomes_the_replacement_mark(
    api: BotApi, telegram: TelegramChannel
) -> None:
    await telegram.send(parcel("a\ud83db"))

    assert texts(api) == ["a\ufffdb"]


@pytest.mark.parametrize(("text", "address"), [("", ADDRESS), (" \n ", ADDRESS), ("x", "not-a-chat"), ("x", "")])
async def test_what_cannot_be_sent_is_refused_without_asking(
    api: BotApi, telegram: TelegramChannel, text: str, address: str
) -> None:
    with pytest.raises(Refused):
        await telegram.send(parcel(text, address=address))

    assert api.journal.lines == []


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.SERVER, FaultKind.HANG])
async def test_when_a_later_part_fails_the_message_is_in_doubt_and_the_parts_sent_are_known(
    api: BotApi, telegram: TelegramChannel, kind: FaultKind
) -> None:
    """Given a first part taken, when the second fails, then a blind retry would say the first again."""
    api.fail(kind, after=1)

    with pytest.raises(PartlySent) as raised:
        await telegram.send(parcel(LONG))

    assert raised.value.in_doubt
    assert raised.value.message_refs == ("1",)


async def test_a_wrong_token_is_told_apart_and_may_be_retried(api: BotApi) -> None:
    channel = TelegramChannel("1:wrong", "main", api.address)
    with pytest.raises(TokenRefused) as raised:
        await channel.send(parcel())
    await channel.close()

    assert raised.value.retryable


@pytest.mark.parametrize("token", ["", "gibberish", "12:", "12:a b", "12:a/../b", "x:abc"])
def test_a_token_of_another_form_is_refused_at_once_and_not_repeated(token: str) -> None:
    with pytest.raises(SettingsError) as raised:
        TelegramChannel(token, "main")

    assert not token or token not in str(raised.value)


async def test_deleting_asks_for_at_most_a_hundred_at_a_time(api: BotApi, telegram: TelegramChannel) -> None:
    await telegram.delete(ADDRESS, tuple(str(number) for number in range(1, 251)))

    batches = [line["parameters"]["message_ids"] for line in api.taken("deleteMessages")]  # type: ignore[index]
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert [number for batch in batches for number in batch] == list(range(1, 251))


async def test_one_message_too_old_to_delete_does_not_keep_the_others_on_the_phone(
    api: BotApi, telegram: TelegramChannel
) -> None:
    api.undeletable = {17, 90}

    with pytest.raises(Refused):
        await telegram.delete(ADDRESS, tuple(str(number) for number in range(1, 101)))

    gone = {n for line in api.taken("deleteMessages") for n in line["parameters"]["message_ids"]}  # type: ignore[index]
    assert gone == set(range(1, 101)) - {17, 90}


async def test_deleting_nothing_asks_nothing(api: BotApi, telegram: TelegramChannel) -> None:
    await telegram.delete(ADDRESS, ())

    assert api.journal.lines == []


async def test_a_deletion_that_did_not_go_through_says_so(api: BotApi, telegram: TelegramChannel) -> None:
    api.fail(FaultKind.SERVER)

    with pytest.raises(SendError) as raised:
        await telegram.delete(ADDRESS, ("1",))

    assert raised.value.retryable


async def test_a_press_counts_only_if_telegram_took_the_answer(api: BotApi, telegram: TelegramChannel) -> None:
    api.stale_presses = {"old"}

    assert await telegram.acknowledge("fresh")
    assert not await telegram.acknowledge("old")
    for kind in FaultKind:
        api.fail(kind)
        assert not await telegram.acknowledge("fresh")


async def test_registering_names_every_kind_and_drops_nothing_that_waits(
    api: BotApi, telegram: TelegramChannel
) -> None:
    await register_webhook(telegram, "https://hotline.example/webhooks/telegram", SECRET)

    assert {"message_reaction", "my_chat_member", "edited_message"} <= set(api.webhook["allowed_updates"])  # type: ignore[call-overload]
    assert api.webhook["secret_token"] == SECRET
    assert not api.webhook.get("drop_pending_updates")
    assert (await webhook_state(telegram)).url == "https://hotline.example/webhooks/telegram"

    await delete_webhook(telegram)

    assert (await webhook_state(telegram)).url == ""


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://hotline.example/x", SECRET), ("https://h.example/x", ""), ("https://h.example/x", "a b" * 20)],
)
async def test_an_unsafe_registration_is_refused(telegram: TelegramChannel, url: str, secret: str) -> None:
    with pytest.raises(SettingsError) as raised:
        await register_webhook(telegram, url, secret)

    assert not secret or secret not in str(raised.value)


async def test_telegram_s_clock_is_compared_with_ours(api: BotApi) -> None:
    clock = FakeClock(datetime.now(UTC) - timedelta(hours=2))
    channel = TelegramChannel(api.token, "main", api.address, clock)

    await channel.send(parcel())
    await channel.close()

    assert channel.provider_offset is not None
    assert timedelta(hours=1, minutes=59) < channel.provider_offset < timedelta(hours=2, minutes=1)


async def test_no_log_line_at_any_level_holds_the_token_or_words(
    api: BotApi, telegram: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    names = [name for name in logging.root.manager.loggerDict if name.startswith(("httpx", "httpcore", "telegram"))]
    for name in ("", *names):
        caplog.set_level(logging.DEBUG, logger=name)

    await telegram.send(parcel("SENT-secret", buttons=1))
    for kind in FaultKind:
        api.fail(kind)
        with pytest.raises(SendError):
            await telegram.send(parcel("SENT-secret"))
    await telegram.acknowledge("press-secret")
    await api.server.refuse()
    with pytest.raises(NotReached):
        await telegram.poll(None, 0, ())
    with pytest.raises((NotReached, MaybeSent)):
        await telegram.send(parcel("SENT-secret"))

    logged = "\n".join(f"{record.getMessage()} {record.exc_text} {record.__dict__}" for record in caplog.records)
    assert logged
    for secret in (TOKEN, TOKEN.split(":")[1], "SENT-secret", "press-secret", ADDRESS):
        assert secret not in logged


def test_a_channel_s_printed_form_has_no_token() -> None:
    assert "hidden" not in repr(TelegramChannel("1:hidden", "main"))

"""Who may speak for Telegram: nobody without the secret, and nothing is read or kept before it is checked."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message, Scope

from bot.core.errors import SettingsError, SpoolUnavailable
from channels.webhooks import SECRET_HEADER, telegram_webhook
from tests.channels.payloads import BROKEN, message

SECRET = "Abc-def_0123456789" * 3
PATH = "/webhooks/telegram"
BODY = message(text="SENT-secret")
JSON = (b"content-type", b"application/json")
RIGHT = (SECRET_HEADER.encode(), SECRET.encode())


class Store:
    """An `accept` that keeps bytes, or raises what it is told to."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.error: Exception | None = None

    async def __call__(self, *, channel: str, account: str, raw: bytes) -> object:
        if self.error is not None:
            raise self.error
        assert (channel, account) == ("telegram", "main")
        self.kept.append(raw)
        return "stored"


def app(store: Store, **limits: float) -> FastAPI:
    """An app with nothing but the webhook."""
    made = FastAPI()
    made.include_router(telegram_webhook(secret=SECRET, account="main", accept=store, **limits))  # type: ignore[arg-type]
    return made


async def post(
    store: Store,
    headers: list[tuple[bytes, bytes]],
    *,
    path: str = PATH,
    method: str = "POST",
    body: bytes | AsyncIterator[bytes] = BODY,
) -> httpx.Response:
    """One request, its header bytes untouched."""
    transport = httpx.ASGITransport(app(store))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.send(httpx.Request(method, f"http://test{path}", headers=headers, content=body))


# The cases of security.md C27. A server strips blanks around a header's value before we see it; this space
# is one that reached us all the same.
CASES: dict[str, tuple[list[tuple[bytes, bytes]], str, str, int]] = {
    "none": ([JSON], "POST", PATH, 401),
    "empty": ([JSON, (RIGHT[0], b"")], "POST", PATH, 403),
    "wrong": ([JSON, (RIGHT[0], b"x" * len(SECRET))], "POST", PATH, 403),
    "right and a space": ([JSON, (RIGHT[0], RIGHT[1] + b" ")], "POST", PATH, 403),
    "two headers": ([JSON, RIGHT, RIGHT], "POST", PATH, 403),
    "lower case": ([JSON, (RIGHT[0], RIGHT[1].lower())], "POST", PATH, 403),
    "300 long": ([JSON, (RIGHT[0], (RIGHT[1] * 9)[:300])], "POST", PATH, 403),
    "NUL": ([JSON, (RIGHT[0], RIGHT[1] + b"\x00")], "POST", PATH, 403),
    "not ASCII": ([JSON, (RIGHT[0], "ប".encode())], "POST", PATH, 403),
    "wrong path": ([JSON, RIGHT], "POST", PATH + "/x", 404),
    "GET": ([RIGHT], "GET", PATH, 405),
    "wrong type": ([(b"content-type", b"text/plain"), RIGHT], "POST", PATH, 415),
    "no type": ([RIGHT], "POST", PATH, 415),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_forged_webhook_is_refused_and_leaves_no_row_and_no_line(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers, method, path, status = CASES[case]
    store = Store()

    response = await post(store, headers, method=method, path=path)

    assert response.status_code == status
    assert store.kept == []
    assert "SENT-secret" not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
async def test_the_right_secret_stores_the_very_bytes_and_is_answered_with_nothing(kind: str) -> None:
    store = Store()

    response = await post(store, [(b"content-type", kind.encode()), RIGHT])

    assert (response.status_code, response.content) == (200, b"")
    assert store.kept == [BODY]


async def test_one_megabyte_is_taken_and_one_byte_more_is_not() -> None:
    store = Store()
    fits, over = b" " * 1024 * 1024, b" " * (1024 * 1024 + 1)

    assert (await post(store, [JSON, RIGHT], body=fits)).status_code == 200
    refused = await post(store, [JSON, RIGHT, (b"content-length", str(len(over)).encode())], body=over)

    assert refused.status_code == 413
    assert store.kept == [fits]


async def test_a_body_without_a_length_is_not_read_past_the_limit() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * 100_000

    store = Store()
    assert (await post(store, [JSON, RIGHT], body=endless())).status_code == 413
    assert store.kept == []


async def raw_call(store: Store, receive: list[Message | None], **limits: float) -> int:
    """The status of a call whose body arrives as told; None never arrives."""
    status = 0

    async def give() -> Message:
        message = receive.pop(0)
        if message is None:
            await asyncio.Event().wait()
        assert message is not None
        return message

    async def take(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "headers": [JSON, RIGHT],
    }
    await app(store, **limits)(scope, give, take)
    return status


async def test_a_body_that_never_ends_is_given_up() -> None:
    store = Store()
    trickle: list[Message | None] = [{"type": "http.request", "body": b"{", "more_body": True}, None]

    assert await raw_call(store, trickle, body_seconds=0.05) == 408
    assert store.kept == []


async def test_a_sender_that_hangs_up_halfway_leaves_nothing() -> None:
    store = Store()
    cut: list[Message | None] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    assert await raw_call(store, cut) == 400
    assert store.kept == []


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_cannot_be_read_is_stored_and_answered_200_lest_it_blocks_the_chat(broken: str) -> None:
    store = Store()

    response = await post(store, [JSON, RIGHT], body=BROKEN[broken])

    assert (response.status_code, store.kept) == (200, [BROKEN[broken]])


@pytest.mark.parametrize("error", [SpoolUnavailable(), RuntimeError("SENT-secret in an exception")])
async def test_what_could_not_be_kept_is_asked_for_again_and_the_log_names_the_class_only(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = Store()
    store.error = error

    response = await post(store, [JSON, RIGHT])

    assert (response.status_code, response.content) == (503, b"")
    assert type(error).__name__ in caplog.text
    assert "SENT-secret" not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


@given(st.binary(max_size=300) | st.builds(lambda x: json.dumps(x).encode(), st.dictionaries(st.text(), st.text())))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
def test_no_body_makes_us_answer_anything_that_telegram_could_carry_out(body: bytes) -> None:
    """Telegram executes a JSON body with a `method` (security.md C30)."""
    response = asyncio.run(post(Store(), [JSON, RIGHT], body=body))

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("secret", ["", " ", "\n"])
def test_without_a_secret_there_is_no_webhook(secret: str) -> None:
    with pytest.raises(SettingsError, match="HOTLINE_TELEGRAM_WEBHOOK_SECRET"):
        telegram_webhook(secret=secret, account="main", accept=Store())

"""The client against a real server on the loopback that answers, hangs, fails and talks nonsense."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from nlu.rasa_client import NOTHING, Mention, Parse, RasaClient
from tests.doubles.http_server import Answer, Asked, Hang, HttpServer, Reset, as_json

SECRET = "a secret of thirty-two characters"
TEXT = "mereka akan membunuh saya"
GOOD: dict[str, Any] = {
    "text": TEXT,
    "intent": {"name": "help_danger_now", "confidence": 0.8},
    "intent_ranking": [
        {"name": "help_danger_now", "confidence": 0.8},
        {"name": "greet", "confidence": 0.2},
    ],
    "entities": [{"entity": "place", "value": "Bavet", "start": 0, "end": 5, "extractor": "x"}],
}


@dataclass
class Rasa:
    """What the server does next, and what it was asked."""

    answer: object = field(default_factory=lambda: as_json(200, GOOD))
    asked: list[Asked] = field(default_factory=list)

    async def handle(self, asked: Asked) -> Answer:
        """Answer, or raise, as told."""
        self.asked.append(asked)
        if isinstance(self.answer, Answer):
            return self.answer
        raise self.answer  # type: ignore[misc]


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
async def rasa() -> AsyncIterator[tuple[Rasa, HttpServer]]:
    """A server that answers well until told otherwise."""
    told = Rasa()
    server = HttpServer(handle=told.handle)
    await server.listen()
    yield told, server
    await server.refuse()


@pytest.fixture
async def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
async def client(rasa: tuple[Rasa, HttpServer], clock: Clock) -> AsyncIterator[RasaClient]:
    """A client that gives up quickly."""
    opened = RasaClient(rasa[1].address, SECRET, limit=0.2, failures=3, rest=5.0, now=clock)
    yield opened
    await opened.aclose()


async def test_an_answer_is_read(client: RasaClient) -> None:
    """Every intent with its probability, and the entities."""
    assert await client.parse(TEXT) == Parse(
        ranking=(("help_danger_now", 0.8), ("greet", 0.2)),
        mentions=(Mention(kind="place", value="Bavet", start=0, end=5),),
    )


async def test_the_secret_travels_in_a_signed_header_and_never_in_the_address(
    rasa: tuple[Rasa, HttpServer], client: RasaClient
) -> None:
    """An address gets into logs."""
    await client.parse(TEXT)
    [asked] = rasa[0].asked
    head, body, signature = asked.headers["authorization"].removeprefix("Bearer ").split(".")
    expected = hmac.digest(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256)

    assert asked.path == "/model/parse"
    assert base64.urlsafe_b64decode(signature + "==") == expected
    assert SECRET not in str(asked.headers)


def test_no_secret_no_client() -> None:
    """An empty one would mean a server that answers anybody."""
    with pytest.raises(ValueError, match="secret"):
        RasaClient("http://127.0.0.1:1", "")


NONSENSE = [
    b"",
    b"<html>",
    b"null",
    b"[]",
    b"{}",
    json.dumps({**GOOD, "intent_ranking": [{"name": 5, "confidence": 0.5}]}).encode(),
    json.dumps({**GOOD, "intent_ranking": [{"name": "greet", "confidence": "much"}]}).encode(),
    json.dumps({**GOOD, "intent_ranking": [{"name": "greet", "confidence": 7}]}).encode(),
    json.dumps({**GOOD, "intent": {"name": "greet", "confidence": 0.5}}).encode(),
    json.dumps({**GOOD, "entities": [{"entity": "place"}]}).encode(),
    json.dumps({**GOOD, "entities": None}).encode(),
    b'{"intent_ranking": [{"name": "a", "confidence": NaN}]}',
    b"\xff\xfe",
]


@pytest.mark.parametrize(
    "answer",
    [
        as_json(500, {}),
        as_json(401, {}),
        as_json(302, {}),
        Hang(),
        Reset(),
        *(Answer(status=200, body=b) for b in NONSENSE),
    ],
)
async def test_whatever_goes_wrong_there_is_no_answer_and_no_error(
    rasa: tuple[Rasa, HttpServer], client: RasaClient, answer: object, caplog: pytest.LogCaptureFixture
) -> None:
    """A hang ends at the limit; and the text is in no log line, whoever writes it."""
    caplog.set_level(logging.DEBUG)
    rasa[0].answer = answer

    assert await client.parse(TEXT) is None
    assert TEXT not in caplog.text
    assert SECRET not in caplog.text


async def test_a_server_that_is_not_there_is_no_error(rasa: tuple[Rasa, HttpServer], client: RasaClient) -> None:
    """It is starting, or was killed."""
    await rasa[1].refuse()

    assert await client.parse(TEXT) is None
    assert not await client.warm_up()


async def test_what_does_not_answer_is_left_alone_for_a_while(
    rasa: tuple[Rasa, HttpServer], client: RasaClient, clock: Clock
) -> None:
    """Three failures open the breaker; after the rest one probe goes through, and a good one closes it."""
    told, _ = rasa
    told.answer = as_json(500, {})
    for _ in range(5):
        assert await client.parse(TEXT) is None
    assert len(told.asked) == 3

    clock.now = 5.0
    assert await client.parse(TEXT) is None
    assert await client.parse(TEXT) is None
    assert len(told.asked) == 4

    clock.now = 10.0
    told.answer = as_json(200, GOOD)
    assert await client.parse(TEXT) is not None
    assert await client.parse(TEXT) is not None
    assert len(told.asked) == 6


async def test_a_warm_up_that_is_answered_closes_the_breaker(rasa: tuple[Rasa, HttpServer], client: RasaClient) -> None:
    """The supervisor warms a restarted server up; messages need not wait for the rest."""
    rasa[0].answer = as_json(500, {})
    for _ in range(3):
        await client.parse(TEXT)
    rasa[0].answer = as_json(200, GOOD)

    assert await client.warm_up()
    assert await client.parse(TEXT) is not None


@pytest.mark.parametrize("text", ["", "  ", "😀😀", "!!!", "\u200b"])
async def test_a_text_without_words_is_not_sent(rasa: tuple[Rasa, HttpServer], client: RasaClient, text: str) -> None:
    """Rasa finds an intent at 0.5 in an emoji."""
    assert await client.parse(text) == NOTHING
    assert rasa[0].asked == []

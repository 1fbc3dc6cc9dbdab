"""Asking Rasa what a message means: one HTTP call on the loopback, with a limit, that never raises.

The secret travels as a signed header (Rasa's token would stand in the address). Text never reaches a log or
an error.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from nlu.text.tokens import words

log = logging.getLogger(__name__)

LONGEST = 2000
"""Characters handed to Rasa; 100 kB would take it 0.6 s (measured)."""
LIMIT = 1.0
"""Seconds until the worker answers by itself (design §3)."""
_WARM_UP_LIMIT = 30.0


@dataclass(frozen=True, kw_only=True)
class Mention:
    """An entity as Rasa gives it; the span is in the text that was sent."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Parse:
    """Rasa's answer: every intent with its probability, best first, and the entities."""

    ranking: tuple[tuple[str, float], ...]
    mentions: tuple[Mention, ...]


NOTHING = Parse(ranking=(), mentions=())


class Breaker:
    """Stops asking what does not answer: open after `failures` in a row, then one probe each `rest`
    seconds."""

    def __init__(self, *, failures: int, rest: float, now: Callable[[], float]) -> None:
        """`now` counts seconds, steadily."""
        self._limit, self._rest, self._now = failures, rest, now
        self._failed = 0
        self._retry_at = -math.inf

    def allows(self) -> bool:
        """Whether to ask now. While open, one caller a rest is let through to probe."""
        if self._failed < self._limit:
            return True
        if self._now() < self._retry_at:
            return False
        self._retry_at = self._now() + self._rest
        return True

    def record(self, answered: bool) -> None:
        """Tell how it went."""
        self._failed = 0 if answered else self._failed + 1
        if self._failed == self._limit:
            self._retry_at = self._now() + self._rest


class RasaClient:
    """One Rasa server. Close it with `aclose`."""

    def __init__(
        self,
        base_url: str,
        secret: str,
        *,
        limit: float = LIMIT,
        failures: int = 3,
        rest: float = 2.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`secret` is what the server was started with (`nlu.train.serve_command`).

        Raises:
            ValueError: the secret is empty: the server would answer anybody.
        """
        if not secret:
            raise ValueError("Rasa needs a secret")
        self._limit = limit
        self._breaker = Breaker(failures=failures, rest=rest, now=now)
        self._http = httpx.AsyncClient(
            base_url=base_url, headers={"Authorization": f"Bearer {_signed(secret)}"}, trust_env=False
        )

    async def parse(self, text: str) -> Parse | None:
        """What Rasa makes of a text that `sendable` prepared; None when it does not answer in time, or not
        sensibly.

        A text without a word is not sent: Rasa would find an intent in it. Cancelling cancels the call.
        """
        if not words(text):
            return NOTHING
        if not self._breaker.allows():
            return None
        parse = await self._ask(text, self._limit)
        self._breaker.record(parse is not None)
        return parse

    async def warm_up(self) -> bool:
        """Parse once, patiently: the first parse takes over a second. True when the server answers."""
        answered = await self._ask("hello", _WARM_UP_LIMIT) is not None
        if answered:
            self._breaker.record(True)
        return answered

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, text: str, limit: float) -> Parse | None:
        try:
            async with asyncio.timeout(limit):
                answer = await self._http.post("/model/parse", json={"text": text}, timeout=limit)
            if answer.status_code == httpx.codes.OK:
                return _read(answer.json())
            log.warning("Rasa refused to parse (status %d)", answer.status_code)
        except Exception as error:  # a parse that fails is a parse the worker does itself
            log.warning("Rasa did not answer (%s)", type(error).__name__)
        return None


def _read(answer: Any) -> Parse:
    """Check every value: a wrong type raises, and so counts as no answer."""
    ranking = tuple((_text(entry["name"]), _chance(entry["confidence"])) for entry in answer["intent_ranking"])
    if ranking and answer["intent"]["name"] != ranking[0][0]:
        raise ValueError("intent and ranking differ")
    mentions = tuple(
        Mention(
            kind=_text(entry["entity"]),
            value=_text(entry["value"]),
            start=int(entry["start"]),
            end=int(entry["end"]),
        )
        for entry in answer["entities"]
    )
    return Parse(ranking=ranking, mentions=mentions)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a name")
    return value


def _chance(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1.000001:
        raise ValueError("not a probability")
    return float(value)


def _signed(secret: str) -> str:
    """The JSON web token (HS256) that Rasa's API takes as an administrator's."""
    head = _packed({"alg": "HS256", "typ": "JWT"})
    body = _packed({"user": {"username": "hotline", "role": "admin"}})
    signature = hmac.digest(secret.encode(), f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _packed(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

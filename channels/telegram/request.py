"""The library's HTTP request, made quiet and precise: every failure becomes a send error that states its
fate.

The library logs parameters (people's words) and undecodable answers, and its HTTP client logs each address,
which holds the bot token (pitfalls.md). Both are silenced here as well as by the hotline's logging.
"""

from __future__ import annotations

import json
import logging

import httpx
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from channels.base import Blocked, MaybeSent, NotReached, ProviderFault, Refused, SendError, Throttled

_LOUD = ("httpx", "telegram", "telegram.Bot", "telegram.BaseRequest", "telegram.HTTPXRequest")
_GATEWAY_TIMEOUT = 504


class TokenRefused(ProviderFault):
    """Telegram does not accept our bot token: it was revoked or mistyped."""


class PollingConflict(Refused):
    """Another process reads this bot's messages, or a webhook is set: one reader at a time."""


class Carried(TelegramError):
    """A fate on its way through the library, which lets errors of its own kind pass unchanged."""

    def __init__(self, fate: SendError) -> None:
        super().__init__("The call failed.")
        self.fate = fate


class QuietRequest(HTTPXRequest):
    """Raises `Carried` for everything but an answer that has a result; no error keeps the address or the
    answer.
    """

    async def do_request(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
        """Make one call. Cancelling it closes its connection."""
        try:
            code, payload = await super().do_request(*args, **kwargs)  # type: ignore[arg-type]
        except Exception as error:
            fate: SendError | None = fate_of_break(error.__cause__ or error)
        else:
            fate = fate_of_answer(code, payload)
        if fate is not None:  # outside the handler, so that it carries no context with the address in it
            raise Carried(fate)
        return code, payload


def fate_of_break(error: BaseException) -> SendError:
    """What became of a call whose connection failed: surely not sent before the connection stood, else in
    doubt.
    """
    never_left = (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
        httpx.UnsupportedProtocol,
        httpx.LocalProtocolError,
    )
    return NotReached() if isinstance(error, never_left) else MaybeSent()


def fate_of_answer(code: int, payload: bytes) -> SendError | None:
    """What became of a call by its answer; None where the answer has a result.

    A 504 comes from a gateway that gave up waiting for a server which may have gone on: in doubt, unlike
    other 5xx.
    """
    if 200 <= code < 300:
        return None if "result" in _object(payload) else MaybeSent()
    if code == 429:
        return Throttled(retry_after=_retry_after(payload))
    if code == _GATEWAY_TIMEOUT:
        return MaybeSent()
    if code in {401, 404}:
        return TokenRefused()
    if 400 <= code < 500:
        return {403: Blocked, 409: PollingConflict}.get(code, Refused)()
    return ProviderFault()


def _object(payload: bytes) -> dict[str, object]:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _retry_after(payload: bytes) -> float | None:
    parameters = _object(payload).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else None


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False


_NOTHING = _Nothing()


def hush() -> None:
    """Keep the library and its HTTP client from logging words, addresses and the token, at any level."""
    for name in _LOUD:
        logging.getLogger(name).addFilter(_NOTHING)  # adding it again changes nothing

"""Where providers bring messages: check, read, store, answer; nothing is read or kept before the check.

The answer's body is always empty, since Telegram carries out a JSON body it gets with a 200 (security.md
C30).
"""

from __future__ import annotations

import hmac
import logging
from typing import Protocol

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.core.errors import SettingsError
from channels.body import BodyRefused, is_json, read_body

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name, not its value
BODY_LIMIT = 1024 * 1024  # bytes; Telegram's largest update is some tens of kB
BODY_SECONDS = 10.0


class Accept(Protocol):
    """Stores a provider's bytes; when it returns they are committed, in the database or the spool."""

    async def __call__(self, *, channel: str, account: str, raw: bytes) -> object:
        """What became of them: stored, duplicate, quarantined, …; all are 200 to a provider.

        Raises:
            SpoolUnavailable: they could not be kept anywhere; the provider must bring them again.
        """


def telegram_webhook(
    *,
    secret: str,
    account: str,
    accept: Accept,
    body_limit: int = BODY_LIMIT,
    body_seconds: float = BODY_SECONDS,
) -> APIRouter:
    """`POST /webhooks/telegram`: 200 stored · 401 no secret · 403 wrong or two · 415 · 413 · 408 · 503 bring
    it again.

    Raises:
        SettingsError: no secret, so that anybody could speak for Telegram.
    """
    expected = secret.encode("utf-8")
    if not secret.strip():
        raise SettingsError("HOTLINE_TELEGRAM_WEBHOOK_SECRET is empty: anybody could speak for Telegram.")
    router = APIRouter()

    async def receive(request: Request) -> Response:
        if refusal := _refusal(request, expected):
            return Response(status_code=refusal)
        try:
            raw = await read_body(request, limit=body_limit, seconds=body_seconds)
        except BodyRefused as refused:
            return Response(status_code=refused.status)
        return Response(status_code=await _store(accept, account, raw))

    router.add_api_route("/webhooks/telegram", receive, methods=["POST"], response_class=Response)
    return router


def _refusal(request: Request, expected: bytes) -> int | None:
    """The status that turns a request away before its body is read, or None."""
    given = [value for name, value in request.headers.raw if name.lower() == SECRET_HEADER.lower().encode("ascii")]
    if not given:
        return 401
    if len(given) != 1 or not hmac.compare_digest(given[0], expected):
        return 403
    return None if is_json(request) else 415


async def _store(accept: Accept, account: str, raw: bytes) -> int:
    try:
        await accept(channel="telegram", account=account, raw=raw)
    except Exception as error:
        # The class only: an exception's text or frames could hold what a person wrote.
        log.error(
            "A message could not be stored; the provider is asked to bring it again (%s).",
            type(error).__name__,
        )
        return 503
    return 200

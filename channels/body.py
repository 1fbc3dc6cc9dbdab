"""Reading a request's body within bounds: no Python server does it for us (security.md §4.1, test 24)."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from bot.core.errors import HotlineError


class BodyRefused(HotlineError):
    """A request's body was too long, too slow, or broke off."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status  # the HTTP status that says so


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The whole body, at most `limit` bytes, within `seconds`.

    Raises:
        BodyRefused: with 413 (declared or streamed length), 408 (time), or 400 (the sender hung up).
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 12 or int(declared) > limit):
        raise BodyRefused(413)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise BodyRefused(413)
    except TimeoutError:
        status = 408
    except ClientDisconnect:
        status = 400
    else:
        return bytes(body)
    raise BodyRefused(status)


def is_json(request: Request) -> bool:
    """Whether the request says, once, that its body is JSON."""
    declared = request.headers.getlist("content-type")
    return len(declared) == 1 and declared[0].partition(";")[0].strip().lower() == "application/json"

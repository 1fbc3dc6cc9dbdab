"""The live stream of a screen, and the screen's own sign of life.

The server's beat alone proves nothing: a sleeping laptop's connection takes bytes for minutes. Only the
screen's answer to a beat (`POST /api/here`) counts it as live and what was put on it as shown (design §2.9).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response, StreamingResponse

from bot.core.clock import Clock
from bot.core.errors import StoreUnavailable
from bot.store.changes import Changes
from escalation.console.guard import Visitor, visitor_of
from escalation.login import IDLE, Login

BEAT = 10.0
"""Seconds between two beats: four may be lost before a screen counts as gone (`escalation/roster.py`)."""


class StreamRoutes:
    """The two routes of a live screen."""

    def __init__(self, login: Login, clock: Clock, changes: Changes, *, beat: float = BEAT) -> None:
        self._login = login
        self._clock = clock
        self._changes = changes
        self._beat = beat

    def router(self) -> APIRouter:
        """Both of them."""
        router = APIRouter()
        router.get("/api/stream", response_class=StreamingResponse)(self.stream)
        router.post("/api/here", status_code=204)(self.here)
        return router

    async def stream(self, request: Request) -> StreamingResponse:
        """Events: `change` with the conversations that changed, `beat` each 10 s, `ended` at sign-out."""
        events = self._events(visitor_of(request))
        return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    async def here(self, request: Request, active: Annotated[str, Form()] = "") -> Response:
        """The screen shows what it was told. `active=yes`: a human touched it; the session lives on."""
        visitor = visitor_of(request)
        await self._login.screen_answered(visitor.operator)
        if active == "yes":
            await self._login.touch(visitor.token, visitor.session)
        return Response(status_code=204)

    async def _events(self, visitor: Visitor) -> AsyncIterator[str]:
        with self._changes.screen() as screen:
            yield _event("beat", {"left": self._left(visitor.session.used_at)})
            while True:
                changed = await screen.wait(self._beat)
                try:
                    session = await self._login.session(visitor.token)
                except StoreUnavailable:
                    return  # the browser comes back by itself
                if session is None:
                    yield _event("ended", {})
                    return
                if changed:
                    yield _event("change", {"conversations": sorted(changed)})
                else:
                    yield _event("beat", {"left": self._left(session.used_at)})

    def _left(self, used_at: datetime) -> int:
        """Seconds until the session ends for want of a human."""
        return int((used_at + IDLE - self._clock.now()).total_seconds())


def _event(name: str, values: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(values)}\n\n"

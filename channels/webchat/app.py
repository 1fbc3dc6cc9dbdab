"""The web chat's public side: one page, and four calls that only that page makes.

Nothing about a session stands in an address: the session travels in a header, and a page loaded anew starts
empty.
"""

from __future__ import annotations

import json
import logging
import math
import re
import secrets
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from bot.core.clock import Clock
from channels.body import BodyRefused, is_json, read_body
from channels.webchat.allowance import Allowance
from channels.webchat.mailbox import Letter, Mailbox
from channels.webchat.page import Page, answer
from channels.webhooks import Accept

log = logging.getLogger(__name__)

SESSION_HEADER = "X-Chat-Session"
TEXT_LIMIT = 4000  # characters
WAIT_SECONDS = 20.0  # the longest a poll is held open
BODY_SECONDS = 10.0
_BODY_LIMIT = 12 * TEXT_LIMIT + 1000  # a character is at most twelve bytes of JSON ("\ud83d\ude00")
_ID_LIMIT = 64
_PRESS_LIMIT = 64  # bytes, as on every channel
_SESSION_BYTES = 32


def router(
    accept: Accept,
    mailbox: Mailbox,
    clock: Clock,
    quick_exit_url: str,
    *,
    account: str = "page",
    wait_seconds: float = WAIT_SECONDS,
    body_seconds: float = BODY_SECONDS,
) -> APIRouter:
    """`GET /chat`, its style and script, and its calls.

    Raises:
        SettingsError: `quick_exit_url` is not a web address.
    """
    page = Page(quick_exit_url)
    chat = _Chat(accept, mailbox, Allowance(clock), account, min(wait_seconds, WAIT_SECONDS), body_seconds)
    made = APIRouter()
    for path, method, call in (
        ("/chat", "GET", page.document),
        ("/chat/page.css", "GET", page.style),
        ("/chat/page.js", "GET", page.script),
        ("/chat/session", "POST", chat.begin),
        ("/chat/messages", "POST", chat.receive),
        ("/chat/messages", "GET", chat.letters),
        ("/chat/leave", "POST", chat.leave),
    ):
        made.add_api_route(path, call, methods=[method], response_class=Response)
    return made


@dataclass(frozen=True)
class _Chat:
    accept: Accept
    mailbox: Mailbox
    allowance: Allowance
    account: str
    wait_seconds: float
    body_seconds: float

    async def begin(self, request: Request) -> Response:
        """A new session: 256 random bits that only the page's tab knows. Nothing is stored yet."""
        return answer(200, {"session": secrets.token_urlsafe(_SESSION_BYTES)})

    async def receive(self, request: Request) -> Response:
        """Store one message or press; the page's own id makes one message of a message that was sent again.

        200 stored · 400 not ours · 401 no session · 410 session dead · 413 too long · 415 · 429 wait · 503
        send again.
        """
        session = _session(request)
        if session is None or not is_json(request):
            return answer(401 if session is None else 415)
        try:
            posted = _posted(await read_body(request, limit=_BODY_LIMIT, seconds=self.body_seconds), session)
        except BodyRefused as refused:
            return _refusal(refused.status)
        seconds = self.allowance.take(session)
        if seconds:
            return answer(429, {"error": "wait"}, {"Retry-After": str(math.ceil(seconds))})
        try:
            if await self.mailbox.letters(session, _NEWEST) is None:
                return answer(410, {"error": "closed"})
        except Exception as error:  # the mailbox is away, but the spool may not be: the message goes on
            log.warning("A chat's mailbox did not answer (%s).", type(error).__name__)
        return await self._store(posted)

    async def letters(self, request: Request) -> Response:
        """Letters after `after`, held open until there is one; 410 tells the page to clear itself."""
        session, after = _session(request), request.query_params.get("after", "0")
        if session is None:
            return answer(401)
        if not (after.isascii() and after.isdigit() and len(after) <= 15):
            return answer(400)
        try:
            found = await self.mailbox.letters(session, int(after))
            if found is not None and not found:
                await self.mailbox.wait(session, int(after), self.wait_seconds)
                found = await self.mailbox.letters(session, int(after))
        except Exception as error:
            log.warning("A chat's letters could not be read (%s).", type(error).__name__)
            return answer(503)
        if found is None:
            return answer(410, {"error": "closed"})
        return answer(200, {"letters": [_drawn(letter) for letter in found]})

    async def leave(self, request: Request) -> Response:
        """The page was left for good. The body is the session, since a beacon carries no header."""
        try:
            body = await read_body(request, limit=100, seconds=self.body_seconds)
        except BodyRefused as refused:
            return _refusal(refused.status)
        session = _well_formed(body.decode("ascii", "replace"))
        if session is None:
            return answer(401)
        return await self._store({"session": session, "id": "left", "left": True})

    async def _store(self, posted: dict[str, object]) -> Response:
        raw = json.dumps(posted, separators=(",", ":")).encode("ascii")
        try:
            await self.accept(channel="webchat", account=self.account, raw=raw)
        except Exception as error:
            log.error("A chat message could not be stored; the page will send it again (%s).", type(error).__name__)
            return answer(503)
        return answer(200, {"stored": True})


_NEWEST = 2**31 - 1
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def _session(request: Request) -> str | None:
    given = request.headers.getlist(SESSION_HEADER)
    return _well_formed(given[0]) if len(given) == 1 else None


def _well_formed(session: str) -> str | None:
    """The form of `token_urlsafe(32)`: anything else is nobody's session."""
    plain = session.replace("-", "").replace("_", "")
    return session if len(session) == 43 and plain.isascii() and plain.isalnum() else None


def _posted(body: bytes, session: str) -> dict[str, object]:
    """What goes to intake, from what the page posted: known fields only, in one order.

    Raises:
        BodyRefused: 413 for text over the limit, 400 for anything our page does not send.
    """
    try:
        given = json.loads(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise BodyRefused(400)
    number, text, press = given.get("id"), given.get("text"), given.get("press")
    spoken = given.get("language")  # what the person's browser says; a guess for the first word only
    hint = {"language": spoken} if isinstance(spoken, str) and _LANGUAGE.fullmatch(spoken) else {}
    if not isinstance(number, str) or not 0 < len(number) <= _ID_LIMIT:
        raise BodyRefused(400)
    if isinstance(press, str) and text is None and 0 < len(press) <= _PRESS_LIMIT:
        return {"session": session, "id": number, "press": press, **hint}
    if not isinstance(text, str) or press is not None or not text.strip():
        raise BodyRefused(400)
    if len(text) > TEXT_LIMIT:
        raise BodyRefused(413)
    return {"session": session, "id": number, "text": text, **hint}


def _refusal(status: int) -> Response:
    if status == 413:
        return answer(413, {"error": "too_long", "limit": TEXT_LIMIT})
    return answer(status)


def _drawn(letter: Letter) -> dict[str, object]:
    return {
        "number": letter.number,
        "text": letter.text,
        "from_person": letter.from_person,
        "buttons": [{"label": button.label, "payload": button.payload} for button in letter.buttons],
    }

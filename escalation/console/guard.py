"""Who may do what: one dependency that every route passes, and headers on every answer (C18, C20).

Default deny: a route that is not in `RULES` answers 404, whatever it does.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.store.operators import Operator, Session
from escalation.login import Login

ANYBODY = frozenset({"anonymous", "operator", "supervisor", "admin"})
STAFF = frozenset({"operator", "supervisor", "admin"})
HELPERS = frozenset({"operator", "supervisor"})
ADMINS = frozenset({"admin"})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who may use a route, and whether using it shows that a human is there."""

    roles: frozenset[str]
    by_hand: bool = True  # False: a script calls it by itself, so it does not keep a session alive


RULES: Mapping[tuple[str, str], Rule] = {
    ("GET", "/login"): Rule(roles=ANYBODY),
    ("POST", "/login"): Rule(roles=ANYBODY),
    ("GET", "/setup"): Rule(roles=ANYBODY),
    ("POST", "/setup/begin"): Rule(roles=ANYBODY),
    ("POST", "/setup/finish"): Rule(roles=ANYBODY),
    ("GET", "/static/{name}"): Rule(roles=ANYBODY, by_hand=False),
    ("GET", "/"): Rule(roles=STAFF),
    ("GET", "/queue"): Rule(roles=STAFF, by_hand=False),
    ("POST", "/logout"): Rule(roles=STAFF),
    ("POST", "/shift"): Rule(roles=HELPERS),
    ("GET", "/cases/{case_id}"): Rule(roles=HELPERS),
    ("GET", "/cases/{case_id}/lines"): Rule(roles=HELPERS, by_hand=False),
    ("POST", "/cases/{case_id}/claim"): Rule(roles=HELPERS),
    ("POST", "/cases/{case_id}/reply"): Rule(roles=HELPERS),
    ("POST", "/cases/{case_id}/release"): Rule(roles=HELPERS),
    ("POST", "/cases/{case_id}/close"): Rule(roles=HELPERS),
    ("GET", "/operators"): Rule(roles=ADMINS),
    ("POST", "/operators/{operator_id}/disable"): Rule(roles=ADMINS),
    ("GET", "/api/cases"): Rule(roles=STAFF, by_hand=False),
    ("GET", "/api/stream"): Rule(roles=STAFF, by_hand=False),
    ("POST", "/api/here"): Rule(roles=STAFF, by_hand=False),
    ("GET", "/api/openapi.json"): Rule(roles=STAFF),
}
"""Route × role. A new route without a line here is shut, and a test says so."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who is at the screen in this request."""

    token: str
    session: Session
    mark: str  # CSRF token of the session

    @property
    def operator(self) -> Operator:
        """The signed-in operator."""
        return self.session.operator

    def __repr__(self) -> str:
        return f"Visitor({self.operator.id})"


class Guard:
    """The dependency. `address` is where operators reach the console, without a slash at the end."""

    def __init__(self, login: Login, address: str) -> None:
        self._login = login
        self.secure = address.startswith("https://")
        self.cookie = "__Host-session" if self.secure else "console_session"
        self._origins = _origins(address)
        self._hosts = frozenset(urlsplit(origin).netloc for origin in self._origins)

    async def __call__(self, request: Request) -> None:
        """Let the request through, or raise the answer that it gets."""
        rule = RULES.get((request.method, request.scope["route"].path))
        if rule is None:
            raise HTTPException(404)
        if request.headers.get("host", "") not in self._hosts:
            raise HTTPException(421)
        if request.method == "POST":
            self._check_origin(request.headers)
        visitor = await self._visitor(request)
        request.state.visitor = visitor
        if visitor is None:
            if "anonymous" not in rule.roles:
                raise HTTPException(401)
            return
        if visitor.operator.role not in rule.roles:
            raise HTTPException(403)
        if request.method == "POST" and "anonymous" not in rule.roles:
            await self._check_mark(request, visitor)
        if rule.by_hand:
            await self._login.touch(visitor.token, visitor.session)

    async def _visitor(self, request: Request) -> Visitor | None:
        token = request.cookies.get(self.cookie)
        session = await self._login.session(token) if token else None
        if token is None or session is None:
            return None
        return Visitor(token=token, session=session, mark=self._login.form_mark(token))

    def _check_origin(self, headers: Mapping[str, str]) -> None:
        """Under no-referrer our forms say `Origin: null`; then the browser's word on the site counts."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        named = origin not in {None, "null"}
        if (named and origin not in self._origins) or (site is not None and site != "same-origin"):
            raise HTTPException(403)
        if not named and site is None:
            raise HTTPException(403)

    async def _check_mark(self, request: Request, visitor: Visitor) -> None:
        given = request.headers.get("x-form-mark")
        if given is None:
            given = str((await request.form()).get("mark", ""))
        if not hmac.compare_digest(given.encode("utf-8", "replace"), visitor.mark.encode()):
            raise HTTPException(403)


def visitor_of(request: Request) -> Visitor:
    """The signed-in visitor; only behind a rule without "anonymous"."""
    found = request.state.visitor
    if not isinstance(found, Visitor):
        raise HTTPException(401)
    return found


def _origins(address: str) -> frozenset[str]:
    """The address itself; on this machine under both of its names."""
    parts = urlsplit(address)
    names = {parts.netloc}
    if parts.hostname in {"localhost", "127.0.0.1"}:
        port = f":{parts.port}" if parts.port else ""
        names = {f"localhost{port}", f"127.0.0.1{port}"}
    return frozenset(f"{parts.scheme}://{name}" for name in names)


HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

LARGEST_BODY = 64 * 1024  # bytes; 4,000 characters in a form are at most 48,000


class Headers:
    """Puts the headers on every answer, errors too, and refuses bodies without a length or over the limit."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if secure:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers["server"] = "console"
            await send(message)

        if scope["method"] not in {"GET", "HEAD"} and not _fits(scope):
            await send_with_headers({"type": "http.response.start", "status": 413, "headers": []})
            await send_with_headers({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send_with_headers)


def _fits(scope: Mapping[str, Any]) -> bool:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return bool(length.isdigit() and int(length) <= LARGEST_BODY)

"""Signing in and out, the set-up link, the shift, and the admin's list of operators."""

from __future__ import annotations

import io
from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from markupsafe import Markup

from bot.core.errors import HotlineError
from escalation.console.guard import Guard, visitor_of
from escalation.console.pages import Pages, to
from escalation.login import Login, SetupForm
from escalation.passwords import LONGEST, SHORTEST
from escalation.refusals import CodeWrong, PasswordUnfit, SetupRefused, SignInRefused, TooManyAttempts

_FormText = Annotated[str, Form()]


class StaffRoutes:
    """The routes around a person's own account."""

    def __init__(self, login: Login, pages: Pages, guard: Guard) -> None:
        self._login = login
        self._pages = pages
        self._guard = guard

    def router(self) -> APIRouter:
        """All of them."""
        router = APIRouter()
        hidden: dict[str, Any] = {"include_in_schema": False}
        router.get("/login", **hidden)(self.login_page)
        router.post("/login", **hidden)(self.sign_in)
        router.post("/logout", **hidden)(self.sign_out)
        router.get("/setup", **hidden)(self.setup_page)
        router.post("/setup/begin", **hidden)(self.setup_begin)
        router.post("/setup/finish", **hidden)(self.setup_finish)
        router.post("/shift", **hidden)(self.shift)
        router.get("/operators", **hidden)(self.operators)
        router.post("/operators/{operator_id}/disable", **hidden)(self.disable)
        router.get("/static/{name}", **hidden)(self.file)
        return router

    async def file(self, name: str) -> Response:
        """A style sheet, a script or the sound."""
        return self._pages.file(name)

    async def login_page(self, request: Request) -> Response:
        """The form, for those who are not signed in."""
        if request.state.visitor is not None:
            return to("/")
        return self._pages.show(request, "login.html", problem="", alias="")

    async def sign_in(
        self, request: Request, name: _FormText = "", password: _FormText = "", code: _FormText = ""
    ) -> Response:
        """A new session under a new token, or one sentence that does not say what was wrong."""
        address = request.client.host if request.client else "unknown"
        try:
            token = await self._login.sign_in(name, password, code, address)
        except (SignInRefused, TooManyAttempts) as refused:
            status = 429 if isinstance(refused, TooManyAttempts) else 403
            return self._pages.show(request, "login.html", status, problem=str(refused), alias=name)
        answer = to("/")
        answer.set_cookie(
            self._guard.cookie, token, path="/", secure=self._guard.secure, httponly=True, samesite="strict"
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session and have the browser forget."""
        visitor = visitor_of(request)
        await self._login.sign_out(visitor.token, visitor.operator)
        answer = to("/login?done=signed_out")
        answer.delete_cookie(self._guard.cookie, path="/", secure=self._guard.secure, httponly=True, samesite="strict")
        answer.headers["clear-site-data"] = '"cache", "cookies", "storage"'
        return answer

    async def setup_page(self, request: Request) -> Response:
        """Where a set-up link leads. Its token stands behind `#`, so that no server or proxy logs it."""
        return self._pages.show(request, "setup_link.html", problem="")

    async def setup_begin(self, request: Request, token: _FormText = "") -> Response:
        """The form with the QR code, if the link is good."""
        try:
            form = await self._login.begin_setup(token.strip())
        except SetupRefused as refused:
            return self._pages.show(request, "setup_link.html", 403, problem=str(refused))
        return self._setup_form(request, form, token)

    async def setup_finish(
        self,
        request: Request,
        token: _FormText = "",
        password: _FormText = "",
        again: _FormText = "",
        code: _FormText = "",
    ) -> Response:
        """Password and first code."""
        try:
            if password != again:
                form = await self._login.begin_setup(token)
                return self._setup_form(request, form, token, "The two passwords are not the same.")
            await self._login.finish_setup(token, password, code)
        except (PasswordUnfit, CodeWrong, TooManyAttempts) as refused:
            return await self._setup_again(request, token, refused)
        except SetupRefused as refused:
            return self._pages.show(request, "setup_link.html", 403, problem=str(refused))
        return to("/login?done=set_up")

    async def _setup_again(self, request: Request, token: str, refused: HotlineError) -> Response:
        try:
            form = await self._login.begin_setup(token)
        except SetupRefused as gone:
            return self._pages.show(request, "setup_link.html", 403, problem=str(gone))
        return self._setup_form(request, form, token, str(refused))

    def _setup_form(self, request: Request, form: SetupForm, token: str, problem: str = "") -> Response:
        return self._pages.show(
            request,
            "setup.html",
            400 if problem else 200,
            form=form,
            token=token,
            problem=problem,
            qr=_qr(form.address),
            shortest=SHORTEST,
            longest=LONGEST,
        )

    async def shift(self, request: Request, on: _FormText = "") -> Response:
        """Go on or off shift."""
        await self._login.set_shift(visitor_of(request).operator, on=on == "yes")
        return to("/")

    async def operators(self, request: Request) -> Response:
        """Who has an account."""
        return self._pages.show(request, "operators.html", people=await self._login.everyone())

    async def disable(self, request: Request, operator_id: UUID) -> Response:
        """Shut somebody out at once."""
        await self._login.disable(operator_id, visitor_of(request).operator)
        return to("/operators")


def _qr(address: str) -> Markup:
    """The QR code as inline SVG: markup that segno made from an address that we made."""
    file = io.BytesIO()
    segno.make(address, error="m").save(
        file, kind="svg", scale=5, border=4, xmldecl=False, svgns=False, omitsize=False, title="QR code"
    )
    return Markup(file.getvalue().decode())  # noqa: S704  # see above

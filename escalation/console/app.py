"""The operators' console: an app of its own, on a port of its own (style rule 15)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from bot.core.catalogue import Catalogue
from bot.core.clock import Clock
from bot.core.errors import NotAllowed, SealBroken, StoreUnavailable
from bot.core.logs import get_logger
from bot.store.changes import Changes
from escalation.console.case_routes import CaseRoutes
from escalation.console.guard import Guard, Headers
from escalation.console.pages import Pages, to
from escalation.console.staff_routes import StaffRoutes
from escalation.console.stream import BEAT, StreamRoutes
from escalation.login import Login
from escalation.queue import Queue
from escalation.refusals import NoSuchCase

log = get_logger(__name__)

_SILENT_EVERY = 10.0  # seconds; a held case returns after three minutes of silence, so this is exact enough

_SENTENCES = {
    400: "That could not be read. Go back and try again.",
    403: "That is not allowed. If you just signed in or out elsewhere, load the page again.",
    404: "There is nothing here.",
    410: "What this person wrote was erased, or our keys do not open it.",
    421: "The console is not reached under this address.",
    503: "The database does not answer. Nothing was changed. Try again in a moment.",
}


def create_app(
    *,
    queue: Queue,
    login: Login,
    changes: Changes,
    clock: Clock,
    catalogue: Catalogue,
    address: str,
    demo: bool,
    beat: float = BEAT,
) -> FastAPI:
    """The console. `address` is where operators reach it; cookies follow its scheme."""
    guard, pages = Guard(login, address), Pages(demo=demo)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with changes.running():
            returning = asyncio.create_task(_return_silent(queue))
            yield
            returning.cancel()
            with suppress(asyncio.CancelledError):
                await returning

    app = FastAPI(
        title="Console",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # FastAPI's own route would pass no dependency
        lifespan=lifespan,
        dependencies=[Depends(guard)],
    )
    app.include_router(StaffRoutes(login, pages, guard).router())
    app.include_router(CaseRoutes(queue, pages, clock, catalogue).router())
    app.include_router(StreamRoutes(login, clock, changes, beat=beat).router())
    app.add_api_route("/api/openapi.json", lambda: app.openapi(), methods=["GET"], include_in_schema=False)
    app.add_middleware(Headers, secure=guard.secure)
    _answer_errors(app, pages)
    return app


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    def answer(request: Request, status: int) -> Response:
        if status == 401 and not _is_script(request):
            return to("/login")
        sentence = _SENTENCES.get(status, "That did not work.")
        if _is_script(request):
            return JSONResponse({"error": sentence}, status)
        return pages.message(request, status, sentence)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return answer(request, error.status_code)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, _error: RequestValidationError) -> Response:
        return answer(request, 404 if request.method == "GET" else 400)  # never FastAPI's echo of the input

    @app.exception_handler(NoSuchCase)
    async def no_such_case(request: Request, _error: NoSuchCase) -> Response:
        return answer(request, 404)

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, _error: NotAllowed) -> Response:
        return answer(request, 403)

    @app.exception_handler(SealBroken)
    async def erased(request: Request, _error: SealBroken) -> Response:
        return answer(request, 410)

    @app.exception_handler(StoreUnavailable)
    async def database_away(request: Request, _error: StoreUnavailable) -> Response:
        return answer(request, 503)


def _is_script(request: Request) -> bool:
    """Fetched by our script, or by somebody's program, not shown as a page."""
    path = request.url.path
    return path.startswith("/api/") or path == "/queue" or path.endswith("/lines")


async def _return_silent(queue: Queue) -> None:
    while True:
        try:
            await queue.return_silent()
        except StoreUnavailable:
            log.warning("console: database away")
        except Exception as error:  # one odd case must not keep the others from returning
            log.error("console: returning cases failed", exc_info=error)
        await asyncio.sleep(_SILENT_EVERY)

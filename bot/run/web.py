"""The public app: providers' webhooks, the web chat, and whether we are well."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.core.errors import HotlineError
from bot.core.logs import get_logger
from bot.flow.intake import Intake
from bot.flow.mailbox import StoreMailbox
from bot.run.health import Health
from bot.run.parts import Parts
from bot.run.timekeeping import follow
from bot.store.changes import Changes
from bot.store.session import libpq_dsn
from channels.webchat.app import router as webchat
from channels.webhooks import telegram_webhook

log = get_logger(__name__)

DRAIN_EVERY = 0.5
"""Seconds between two looks into the spool."""


def create_app(parts: Parts) -> FastAPI:
    """The public app. Built with a spool that can be written, or not at all.

    Raises:
        SpoolUnavailable: no writable spool, no start.
    """
    settings = parts.settings
    intake = parts.intake()
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    changes = Changes(libpq_dsn(url))
    mailbox = StoreMailbox(store=parts.store, keyring=parts.keyring, clock=parts.clock, changes=changes)
    health = Health(parts, intake)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        beside = [asyncio.create_task(drain(intake)), asyncio.create_task(follow(parts))]
        async with changes.running():
            yield
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await parts.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(webchat(intake, mailbox, parts.clock, settings.exit_url))
    if parts.telegram is not None and settings.telegram_webhook_secret is not None:
        secret = settings.telegram_webhook_secret.get_secret_value()
        app.include_router(telegram_webhook(secret=secret, account=parts.telegram.account, accept=intake))
    _add_health(app, health)
    return app


def _add_health(app: FastAPI, health: Health) -> None:
    @app.get("/healthz")
    async def healthz() -> Response:
        return Response("ok", media_type="text/plain")

    @app.get("/readyz")
    async def readyz() -> Response:
        state: dict[str, Any] = await health.state()
        return JSONResponse(state, status_code=200 if state["ready"] else 503)

    @app.get("/")
    async def root() -> Response:
        return RedirectResponse("/chat", status_code=307)


async def drain(intake: Intake) -> None:
    """Store what waits in the spool, for as long as the process lives."""
    while True:
        try:
            if stored := await intake.drain():
                log.info("messages from the spool are stored", count=stored)
        except (HotlineError, OSError) as error:
            log.error("the spool could not be emptied", exc_info=error)
        await asyncio.sleep(DRAIN_EVERY)

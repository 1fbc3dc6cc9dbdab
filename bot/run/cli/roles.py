"""`hotline run`, and each role alone for several machines that share a database.

A role imports what it needs when it starts and nothing else: a killed worker has to be back in a moment.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.core import logs
from bot.core import settings as core_settings
from bot.core.errors import SettingsError
from bot.core.settings import Settings
from bot.run.cli.common import with_database

if TYPE_CHECKING:
    from fastapi import FastAPI

database = typer.Typer(no_args_is_help=True, help="The database's schema.")

DataDir = Annotated[Path | None, typer.Option(help="Folder for database, keys, spool, logs (HOTLINE_DATA_DIR).")]

_CLOSE = 2
"""Seconds that open requests (long polls, live screens) get when a web role stops."""


def register(app: typer.Typer) -> None:
    """Add the roles to the command."""
    for role in (run, web, console, worker, poll):
        app.command()(role)


def run(
    data_dir: DataDir = None,
    public_port: Annotated[int | None, typer.Option(help="Port of the public app.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes.")] = None,
) -> None:
    """Everything in one: database, model, web, console, workers; Ctrl-C stops it cleanly."""
    from bot.run import everything

    given = {
        "data_dir": data_dir,
        "public_port": public_port,
        "console_port": console_port,
        "workers": workers,
    }
    asyncio.run(everything.run(core_settings.load(**given)))


def web() -> None:
    """The public app: webhooks and web chat."""
    from bot.run.parts import build
    from bot.run.web import create_app

    settings = _role()
    app = create_app(build(settings, pool=8))
    _serve(app, settings.public_host, settings.public_port)


def console() -> None:
    """The operators' console."""
    from bot.run.console import create_console
    from bot.run.parts import build

    settings = _role()
    _serve(create_console(build(settings, pool=8)), settings.console_host, settings.console_port)


def worker() -> None:
    """One worker: turns, deliveries, the sweep."""
    import uvloop

    from bot.run.parts import build
    from bot.run.worker import Worker

    settings = _role()
    assert settings.database_url is not None  # noqa: S101  # `_role` filled it in
    parts = build(settings, pool=settings.concurrency * 2 + 2)
    url = settings.database_url.get_secret_value()
    uvloop.run(Worker(parts, concurrency=settings.concurrency, url=url).run())


def poll() -> None:
    """Read Telegram by polling, for development; a webhook is for production."""
    from bot.run.parts import build
    from channels.telegram.poller import TelegramPoller

    settings = _role()
    if settings.telegram_webhook_secret is not None:
        raise SettingsError("HOTLINE_TELEGRAM_WEBHOOK_SECRET is set: the webhook brings Telegram's messages.")
    parts = build(settings, pool=2)
    if parts.telegram is None:
        raise SettingsError("HOTLINE_TELEGRAM_TOKEN is not set.")
    asyncio.run(TelegramPoller(parts.telegram, parts.intake()).run())


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the schema to the newest revision; `hotline run` does it by itself."""
    from bot.store.migrate import upgrade

    settings = _role()
    assert settings.database_url is not None  # noqa: S101  # `_role` filled it in
    asyncio.run(upgrade(settings.database_url.get_secret_value()))


def _role() -> Settings:
    settings = core_settings.load()
    logs.configure(level=logging.DEBUG if settings.log_level == "debug" else logging.INFO)
    return with_database(settings)


def _serve(app: FastAPI, host: str, port: int) -> None:
    """uvicorn without access log: an address or a session must not reach a log."""
    import uvicorn

    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_CLOSE,
        timeout_keep_alive=30,
    )

"""The console as a role: its parts put together."""

from __future__ import annotations

from fastapi import FastAPI

from bot.run.parts import Parts
from bot.store.changes import Changes
from bot.store.session import libpq_dsn
from escalation.console.app import create_app
from escalation.login import Login


def login_of(parts: Parts) -> Login:
    """Signing in and out."""
    return Login(parts.store, parts.keyring, parts.clock)


def create_console(parts: Parts) -> FastAPI:
    """The operators' app."""
    url = parts.settings.database_url.get_secret_value() if parts.settings.database_url else ""
    return create_app(
        queue=parts.queue(),
        login=login_of(parts),
        changes=Changes(libpq_dsn(url)),
        clock=parts.clock,
        catalogue=parts.catalogue,
        address=parts.settings.console_address,
        demo=parts.settings.mode == "demo",
    )

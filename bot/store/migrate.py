"""Bringing a database to the newest schema. Run by `hotline db upgrade` and by the supervisor before anything else."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.store.session import owner_engine_for

_LOCK = 0x686F746C696E65  # "hotline": two processes never migrate at once


async def upgrade(url: str) -> None:
    """Migrate the database at `url` to the newest revision. Safe to run twice and by two processes at once."""
    engine = owner_engine_for(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def config(connection: Connection) -> Config:
    """Alembic's configuration on an open connection; there is no alembic.ini."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")


if __name__ == "__main__":
    import sys

    asyncio.run(upgrade(sys.argv[1]))

"""What several commands need: settings with a database that is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.core import settings as core_settings
from bot.core.errors import StoreUnavailable
from bot.core.settings import Settings
from bot.run.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from bot.run.parts import Parts


def with_database(settings: Settings) -> Settings:
    """The settings with the embedded server's address where no other is set."""
    if settings.database_url is not None:
        return settings
    url = EmbeddedPostgres(settings.data_dir).url
    return settings.model_copy(update={"database_url": SecretStr(url)})


@asynccontextmanager
async def parts_of(data_dir: Path | None = None) -> AsyncIterator[Parts]:
    """The parts of a command that looks at a running hotline.

    Raises:
        StoreUnavailable: it is not running (with the embedded database), or its database is away.
    """
    from bot.run.parts import build  # only where a command needs them: they take a second

    parts = build(with_database(core_settings.load(data_dir=data_dir)), pool=2)
    try:
        yield parts
    except StoreUnavailable:
        raise StoreUnavailable("The database does not answer. Is `hotline run` running?") from None
    finally:
        await parts.close()

"""Connections and transactions. Nobody else commits: the owners of `Store.transaction()` are listed in a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.core.errors import StoreUnavailable

APP_ROLE = "hotline_app"
"""The role the hotline works under: it may insert into `audit` and never change or delete there."""

_OPTIONS = f"-c role={APP_ROLE} -c lock_timeout=5s -c idle_in_transaction_session_timeout=20s"
"""A stopped process must not hold a row for ever; whoever waits longer is told that the store is unavailable."""

CHANGES = "hotline_changes"
"""NOTIFY channel; the payload is the id of a conversation in which something changed."""


def engine_for(url: str, *, size: int = 8) -> AsyncEngine:
    """An engine whose connections work under `APP_ROLE`. `size` connections are kept, as many again on demand."""
    return create_async_engine(
        _with_driver(url),
        pool_size=size,
        max_overflow=size,
        pool_timeout=5,
        pool_pre_ping=False,  # a lost connection is met by the retry of the wake-up, not by one more round trip
        hide_parameters=True,  # what people wrote must not stand in an exception
        connect_args={"options": _OPTIONS, "connect_timeout": 5},
    )


def owner_engine_for(url: str) -> AsyncEngine:
    """An engine for migrations, under the role of the URL itself."""
    return create_async_engine(_with_driver(url), hide_parameters=True, connect_args={"connect_timeout": 5})


def libpq_dsn(url: str) -> str:
    """The same database as a libpq address, for procrastinate and LISTEN."""
    return _with_driver(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _with_driver(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg")


def _is_away(error: DBAPIError) -> bool:
    """A lost connection, a read-only stand-in after a failover, a server going down: it may be back in a moment."""
    return error.connection_invalidated or isinstance(error.orig, ReadOnlySqlTransaction)


class Store:
    """The database, as the rest of the hotline sees it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: all of it, or nothing.

        Raises:
            StoreUnavailable: the database does not answer; nothing was committed that we know of.
        """
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout):
            raise StoreUnavailable from None
        except DBAPIError as error:
            if _is_away(error):
                raise StoreUnavailable from None
            raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection in autocommit, for reads and for single statements that are their own transaction.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        try:
            async with self.engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")
        except (OperationalError, InterfaceError, PoolTimeout):
            raise StoreUnavailable from None
        except DBAPIError as error:
            if _is_away(error):
                raise StoreUnavailable from None
            raise

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()

"""Fixtures of all tests: one real PostgreSQL a run, one fresh database a test."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.run.postgres import EmbeddedPostgres
from bot.store.migrate import upgrade
from bot.store.session import Store, engine_for, libpq_dsn

TEMPLATE = "hotline_template"


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The URL of a real PostgreSQL with a migrated template database in it."""
    given = os.environ.get("HOTLINE_TEST_DATABASE_URL")
    if given:
        _make_template(given)
        yield given
        return
    # Not pytest's own folder: PostgreSQL's account must be able to pass through, also when root runs the tests.
    with tempfile.TemporaryDirectory(prefix="hotline-tests-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder)).running() as server:
            _make_template(server.url)
            yield server.url


def _make_template(url: str) -> None:
    with psycopg.connect(libpq_dsn(url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(upgrade(on_database(url, TEMPLATE)))


def on_database(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database_url(database_server: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = f"hotline_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(libpq_dsn(database_server), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
        yield on_database(database_server, name)
        _drop(connection, name)


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    for _ in range(50):
        try:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:  # the server's own vacuum is in it for a moment
            time.sleep(0.1)
        else:
            return


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """The store on a fresh database."""
    made = Store(engine_for(database_url, size=5))
    yield made
    await made.close()


@pytest.fixture
def keyring() -> Keyring:
    """Keys of a test."""
    return Keyring([bytes(range(32))], bytes(range(32, 64)))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves only when told; noon of a day."""
    return FakeClock(datetime(2026, 11, 24, 12, 0, tzinfo=UTC))


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parents[1]

"""The embedded PostgreSQL keeps what was committed, and says nothing of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from typing import LiteralString

import psycopg
import pytest
import sqlalchemy

from bot.run.postgres import EmbeddedPostgres, PostgresFailed
from bot.run.supervisor import Event
from tests.run.conftest import Supervise, ask

WORDS = "they beat us at the blue gate"
FAILING: tuple[LiteralString, ...] = (
    "insert into one values ('they beat us at the blue gate')",  # a detail quotes the key
    "select 'they beat us at the blue gate'::int",  # the error's own sentence quotes the value
    "selec 'they beat us at the blue gate'",
    "do $$ begin raise warning 'the blue gate'; raise exception 'the blue gate'; end $$",
)
# Hours of computing without a wait.
COMPUTE: LiteralString = """
do $$ begin
    raise warning 'begun';
    perform count(*) from generate_series(1, 100000000000) x where x % 2 = 5;
end $$"""


def test_a_first_start_makes_a_safe_database_and_a_role_with_few_powers(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        wanted = {
            "data_checksums": "on",
            "fsync": "on",
            "synchronous_commit": "on",
            "server_encoding": "UTF8",
            "is_superuser": "off",
            "listen_addresses": "",
        }
        assert {name: ask(postgres, "select current_setting(%s)", name)[0][0] for name in wanted} == wanted
        assert ask(postgres, "select current_user, current_database()") == [("hotline", "hotline")]


def test_the_address_works_for_sqlalchemy(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        engine = sqlalchemy.create_engine(postgres.url)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("select current_user")) == "hotline"
        engine.dispose()


def test_a_second_start_keeps_the_rows(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        ask(postgres, "create table kept (word text)")
        ask(postgres, "insert into kept values ('ជួយ')")
    again = EmbeddedPostgres(postgres.data_dir)
    with again.running():
        assert ask(again, "select word from kept") == [("ជួយ",)]


def test_a_database_can_be_asked_for_again_and_again(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        for _ in range(2):
            postgres.create_database("other")
            postgres.create_database()
        with pytest.raises(PostgresFailed):
            postgres.create_database("x'; drop database hotline; --")


async def test_a_committed_row_survives_kill_9_of_the_server(postgres: EmbeddedPostgres, supervise: Supervise) -> None:
    postgres.prepare()
    async with supervise(postgres.role()) as watch:
        await watch.until("postgres", Event.READY)
        ask(postgres, "create table kept (number int)")
        for number in range(3):
            ask(postgres, "insert into kept values (%s)", number)
            os.kill(int(watch.told("postgres", Event.STARTED)[-1]), signal.SIGKILL)
            await watch.until("postgres", Event.READY, number + 2)
            assert ask(postgres, "select max(number) from kept") == [(number,)]


async def test_an_orphan_that_computes_does_not_keep_the_line_closed(
    postgres: EmbeddedPostgres, supervise: Supervise
) -> None:
    postgres.prepare()
    async with supervise(postgres.role()) as watch:
        await watch.until("postgres", Event.READY)
        pid = int(watch.told("postgres", Event.STARTED)[-1])
        connection = psycopg.connect(f"host={postgres.sockets} user=hotline dbname=hotline", autocommit=True)
        begun = threading.Event()
        connection.add_notice_handler(lambda _: begun.set())

        def compute() -> None:
            with contextlib.suppress(psycopg.OperationalError):
                connection.execute(COMPUTE)

        thread = threading.Thread(target=compute)
        thread.start()
        assert begun.wait(60)
        os.kill(pid, signal.SIGKILL)
        await watch.until("postgres", Event.READY, 2)
        thread.join()
        connection.close()


def test_a_stale_process_number_neither_harms_a_stranger_nor_stops_us(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        pass
    # Of the server's own account: only that one would PostgreSQL itself take for a living server.
    account = postgres.account.uid if postgres.account.change else None
    stranger = subprocess.Popen(["/bin/sleep", "1000"], user=account)
    try:
        stale = postgres.cluster / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{postgres.cluster}\n1\n5432\n{postgres.sockets}\n\n  1 1\nready\n")
        os.chown(stale, postgres.account.uid, postgres.account.gid)
        with postgres.running():
            assert postgres.is_ready()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_half_made_cluster_is_made_again(postgres: EmbeddedPostgres) -> None:
    half = postgres.base / "cluster.building"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with postgres.running():
        assert not half.exists()


def test_the_log_never_carries_what_a_statement_carried(postgres: EmbeddedPostgres) -> None:
    with postgres.running():
        ask(postgres, "create table one (word text primary key)")
        ask(postgres, "insert into one values (%s)", WORDS)
        for statement in FAILING:
            with pytest.raises(psycopg.Error):
                ask(postgres, statement)
        with pytest.raises(psycopg.Error):
            ask(postgres, "insert into one values (%s)", WORDS)
        with pytest.raises(psycopg.Error):
            ask(postgres, "select %s::text::int", WORDS)
    log = (postgres.data_dir / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "blue gate" not in log


def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    shutil.rmtree(postgres.base)
    with pytest.raises(PostgresFailed, match="is gone"):
        EmbeddedPostgres(postgres.data_dir).prepare()


def test_a_database_of_another_version_is_refused(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    (postgres.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresFailed, match="PostgreSQL 17"):
        postgres.prepare()

"""The embedded PostgreSQL: a real server, on a socket that only we can enter, as the supervisor's child.

`prepare()` makes the cluster once; the supervisor runs `command()` and asks `is_ready()`; everybody else
takes `url`. Peer authentication: the operating-system account that runs the hotline is the role `hotline`,
and nobody else is anybody. `hotline` is no superuser; it may make databases and roles (tests, and the audit's
insert-only role).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from bot.run import children
from bot.run import postgres_files as files
from bot.run.postgres_files import Account, PostgresFailed
from bot.run.role import Role

__all__ = ["EmbeddedPostgres", "PostgresFailed"]

NAME = "hotline"  # of the role, of its database and of the map that leads to it
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
MAKE_ROLE = f"CREATE ROLE {NAME} LOGIN CREATEDB CREATEROLE;\nCREATE DATABASE {NAME} OWNER {NAME};\n"
INITDB_SECONDS = 120  # 2 s measured; a slow card writes 40 MB at 1 MB/s: 40 s, three times that
QUERY_SECONDS = 5  # a psql that answers takes 0.02 s
STOP_SECONDS = 20  # the last checkpoint writes at most 256 MB of buffers: 13 s at 20 MB/s, and some


class EmbeddedPostgres:
    """One PostgreSQL cluster that belongs to one data folder. Making the object touches nothing."""

    #: What asks the server to end: "fast" shutdown, which ends sessions and writes a checkpoint.
    stop_signal = signal.SIGINT
    #: How long that may take before it is killed (which loses nothing committed, only time).
    grace_seconds = STOP_SECONDS

    def __init__(self, data_dir: Path, *, system_folder: Path = files.SYSTEM_FOLDER) -> None:
        """`system_folder` is used as root only, for what PostgreSQL's account cannot reach in `data_dir`."""
        self.data_dir = data_dir.resolve()
        self._system_folder = system_folder

    @cached_property
    def base(self) -> Path:
        """The folder with cluster, socket, settings and lock; made and remembered on first use."""
        return files.choose_base(self.data_dir, self._system_folder)

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder."""
        return self.base / "cluster"

    @cached_property
    def account(self) -> Account:
        """The account PostgreSQL runs under."""
        return files.account_for(self.cluster)

    @cached_property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs (`pg_dump` for backups is there too)."""
        return files.find_programs(self.account, self._system_folder)

    @property
    def sockets(self) -> Path:
        """The folder of the socket, private to the server's account (root passes)."""
        return files.socket_folder(self.base, self.account)

    @property
    def url(self) -> str:
        """The address for SQLAlchemy with psycopg 3; it carries no secret."""
        return f"postgresql+psycopg://{NAME}@/{NAME}?host={quote(str(self.sockets), safe='/')}"

    @property
    def notice(self) -> str | None:
        """A sentence for the console when the data lie outside the data folder, else None."""
        if self.base.is_relative_to(self.data_dir):
            return None
        owner = pwd.getpwuid(self.account.uid).pw_name
        return f"PostgreSQL runs as {owner}, not as root; the database is in {self.base}."

    def prepare(self) -> None:
        """Make whatever is missing: cluster, role, database, settings, socket folder. Blocks 0.01 to 3 s.

        May be repeated, also after a crash half-way; refuses (`PostgresFailed`) what it cannot run.
        """
        files.make_private(self.sockets, self.account)
        self._write_settings()
        if not self.cluster.exists():
            self._build()
        version = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != files.MAJOR:
            raise PostgresFailed(f"The database in {self.cluster} is of PostgreSQL {version}, not {files.MAJOR}.")
        owner = self.cluster.stat().st_uid
        if owner != self.account.uid:
            raise PostgresFailed(f"The database in {self.cluster} belongs to account {owner}; run as that or as root.")

    def command(self) -> list[str]:
        """What the supervisor runs: claims the cluster, drops root, becomes the server."""
        server = [str(self.programs / "postgres"), *self._server_options(self.cluster)]
        lock = self.base / "cluster.lock"
        return children.wrapped(server, account=self.account.pair, lock=lock, cluster=self.cluster)

    def environment(self) -> dict[str, str]:
        """The server's whole environment."""
        return {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}

    def role(self) -> Role:
        """The server as the supervisor's role `postgres`; `prepare` comes first."""
        return Role(
            name="postgres",
            command=tuple(self.command()),
            environment=self.environment(),
            ready=lambda: asyncio.to_thread(self.is_ready),
            stop_signal=self.stop_signal,
            grace_seconds=self.grace_seconds,
            death_signal=self.stop_signal,
        )

    def is_ready(self) -> bool:
        """Whether our role gets an answer from the database; at most 5 s."""
        return self._query(NAME, "select 1") == "1"

    def wait_ready(self, timeout: float) -> None:
        """Block until `is_ready`; raises `PostgresFailed` after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not answer within {timeout} s.")
            time.sleep(0.05)

    def create_database(self, name: str = NAME) -> None:
        """Make the database `name` (letters, digits, underscore) on the running server unless it is there."""
        if not name.isidentifier() or not name.isascii():
            raise PostgresFailed("A database is named with letters, digits and underscores.")
        there = f"select 1 from pg_database where datname = '{name}'"  # noqa: S608 - an identifier, see above
        if self._query("postgres", there) == "1":
            return
        self._query("postgres", f'CREATE DATABASE "{name}"')
        if self._query("postgres", there) != "1":  # asked again: another process may have been quicker
            raise PostgresFailed(f"The database {name} could not be made.")

    @contextmanager
    def running(self, timeout: float = 60) -> Iterator[EmbeddedPostgres]:
        """Prepare, start, wait, and stop at the end: for tools and tests, without a supervisor."""
        self.prepare()
        command = children.wrapped(self.command(), death_signal=self.stop_signal, parent=os.getpid())
        with os.fdopen(files.open_private(self.data_dir / "postgres.log", os.O_APPEND), "ab") as log:
            server = subprocess.Popen(  # noqa: S603 - our own command
                command,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self.wait_ready(timeout)
            self.create_database()
            yield self
        finally:
            server.send_signal(self.stop_signal)
            try:
                server.wait(self.grace_seconds)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _server_options(self, cluster: Path) -> list[str]:
        return ["-D", str(cluster), f"--config-file={self.base / 'postgresql.conf'}"]

    def _write_settings(self) -> None:
        """Our own files, outside the cluster: root never writes where another account can plant a link."""
        named = files.settings(self.base, self.sockets)
        quoted = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in named.items())
        texts = {
            "postgresql.conf": "\n".join(quoted),
            "pg_hba.conf": f"local all {NAME} peer map={NAME}",
            "pg_ident.conf": f'{NAME} "{files.own_name()}" {NAME}',
        }
        for name, text in texts.items():
            path = self.base / name
            if not path.exists() or path.read_text(encoding="utf-8") != f"{text}\n":
                files.replace_text(path, f"{text}\n", mode=0o644)

    def _build(self) -> None:
        """Make the cluster under another name, then rename it: a half-made one is never taken for a whole."""
        with os.fdopen(files.open_private(self.base / "cluster.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.cluster.exists():
                return  # another process was quicker
            building = self.base / "cluster.building"
            if building.exists():
                shutil.rmtree(building)  # left by a crash: it never held a row
            files.make_private(building, self.account)
            self._run("initdb", "-D", str(building), "--username=postgres", "--data-checksums", "--no-sync", *LOCALE)
            single = ("--single", *self._server_options(building), "-c", "log_min_messages=error", "postgres")
            self._run("postgres", *single, text=MAKE_ROLE)
            self._run("initdb", "-D", str(building), "--sync-only", "--sync-method=syncfs")
            building.rename(self.cluster)
            files.sync_folder(self.base)

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        """Run one of PostgreSQL's programs under its account; its own complaint is the error's sentence."""
        command = children.wrapped([str(self.programs / program), *arguments], account=self.account.pair)
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=self.environment(),
            input=text,
            capture_output=True,
            text=True,
            timeout=INITDB_SECONDS,
            check=False,
        )
        if done.returncode or "ERROR" in done.stderr:
            raise PostgresFailed(f"{program} failed: {done.stderr.strip()[-500:]}")

    def _query(self, database: str, statement: str) -> str | None:
        """The answer to one statement of ours (never with a person's words in it), or None."""
        login = ["-h", str(self.sockets), "-U", NAME, "-d", database]
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                [str(self.programs / "psql"), "-X", "-w", "-q", "-A", "-t", *login, "-c", statement],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=QUERY_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

"""A whole hotline as a test runs it: `hotline run` as a process, with every role a process of its own.

Nothing inside is replaced. Outside stands a double of Telegram's Bot API, a real server on loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import psutil
import psycopg

from bot.run.postgres import EmbeddedPostgres
from bot.store.session import libpq_dsn
from tests.doubles.bot_api import TOKEN, BotApi, running

ROOT = Path(__file__).parents[2]
SECRET = "webhook-secret-that-must-never-be-logged-0123456789"
BOT = [sys.executable, "-m", "bot.run.cli.main"]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Line:
    """One running hotline."""

    def __init__(
        self, folder: Path, api: BotApi, *, workers: int = 2, extra: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.folder = folder
        self.api = api
        self.public, self.console_port, self.nlu = free_port(), free_port(), free_port()
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HOTLINE_DATA_DIR": str(folder),
            "HOTLINE_PUBLIC_PORT": str(self.public),
            "HOTLINE_CONSOLE_PORT": str(self.console_port),
            "HOTLINE_NLU_URL": f"http://127.0.0.1:{self.nlu}",
            "HOTLINE_MODELS_DIR": str(ROOT / "models"),
            "HOTLINE_TELEGRAM_TOKEN": TOKEN,
            "HOTLINE_TELEGRAM_API": api.address,
            "HOTLINE_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "HOTLINE_WORKERS": str(workers),
            **extra,
        }
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.public}", timeout=20.0, trust_env=False)
        self._process: asyncio.subprocess.Process | None = None
        self._update = 1000
        self._message: dict[int, int] = {}

    @property
    def console(self) -> str:
        """The console's address, as an operator types it."""
        return f"http://localhost:{self.console_port}"

    async def start(self) -> None:
        """Start, and wait until messages are kept and handled."""
        with (self.folder / "run.out").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *BOT, "run", cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )
        await eventually(self._is_ready, 60, "the hotline became ready")

    async def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        process = self._process
        assert process is not None
        process.send_signal(signal.SIGINT)
        code = await asyncio.wait_for(process.wait(), 60)
        await self.http.aclose()
        return code

    async def _is_ready(self) -> bool:
        state = await self.ready()
        return bool(state.get("workers")) and state.get("database") == "ready"

    async def ready(self) -> dict[str, Any]:
        """What /readyz says; empty while nobody answers."""
        try:
            answer: dict[str, Any] = (await self.http.get("/readyz")).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return answer

    # -- the person's side ----------------------------------------------------------------------------------

    def update(self, chat: int, text: str, **message: Any) -> dict[str, Any]:
        """A Telegram update with one message, as Telegram makes it."""
        self._update += 1
        self._message[chat] = self._message.get(chat, 0) + 1
        return {
            "update_id": self._update,
            "message": {
                "message_id": 100_000 + self._message[chat],
                "from": {"id": chat, "is_bot": False, "first_name": "SENTINELNAME", "language_code": "en"},
                "chat": {"id": chat, "type": "private", "first_name": "SENTINELNAME"},
                "date": int(time.time()),
                "text": text,
                **message,
            },
        }

    async def post(self, update: Mapping[str, Any] | bytes, *, secret: str | None = SECRET, **headers: str) -> int:
        """Bring an update as Telegram does; returns the status."""
        given = {"Content-Type": "application/json", **headers}
        if secret is not None:
            given["X-Telegram-Bot-Api-Secret-Token"] = secret
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        return (await self.http.post("/webhooks/telegram", content=body, headers=given)).status_code

    def heard(self, chat: int) -> list[dict[str, Any]]:
        """What Telegram accepted for a chat: the parameters of each sendMessage."""
        lines = (line for line in self.api.taken("sendMessage") if line["chat_id"] == chat)
        return [dict(line["parameters"]) for line in lines]  # type: ignore[call-overload]  # JSON of the journal

    async def hears(self, chat: int, count: int, *, within: float = 30) -> list[dict[str, Any]]:
        """Wait until a chat got so many messages."""

        async def enough() -> bool:
            return len(self.heard(chat)) >= count

        await eventually(enough, within, f"{count} messages for a chat")
        return self.heard(chat)

    # -- the inside, looked at from the outside -------------------------------------------------------------

    async def command(self, *arguments: str, stdin: str = "") -> str:
        """Run a `hotline` command; returns what it printed."""
        process = await asyncio.create_subprocess_exec(
            *BOT,
            *arguments,
            cwd=ROOT,
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(stdin.encode())
        assert process.returncode == 0, err.decode()[-2000:]
        return out.decode()

    async def cases(self) -> list[dict[str, Any]]:
        """`hotline cases --json`."""
        found: list[dict[str, Any]] = json.loads(await self.command("cases", "--json"))
        return found

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        dsn = libpq_dsn(EmbeddedPostgres(self.folder).url)
        async with await psycopg.AsyncConnection.connect(dsn) as connection:
            return list(await (await connection.execute(statement, values)).fetchall())

    def role(self, words: str) -> list[psutil.Process]:
        """The processes of this hotline whose command line holds these words."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [child for child in children if words in " ".join(_command(child))]

    def logs(self) -> str:
        """Every log of every role, PostgreSQL's own among them."""
        texts = [path.read_text(errors="replace") for path in self.folder.rglob("*.log*")]
        postgres = EmbeddedPostgres(self.folder)
        texts += [path.read_text(errors="replace") for path in postgres.base.rglob("*.log*")]
        return "\n".join(texts) + (self.folder / "run.out").read_text(errors="replace")


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


async def eventually(true: Callable[[], Awaitable[bool]], within: float, what: str) -> float:
    """Wait for something to become true; returns the seconds it took. The limit is a test's patience, no claim."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < within:
        if await true():
            return loop.time() - began
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {within} s: {what}")


@asynccontextmanager
async def running_line(*, workers: int = 2, extra: Mapping[str, str] = MappingProxyType({})) -> AsyncIterator[Line]:
    """A hotline with its double, in a folder of its own that is gone afterwards."""
    async with running() as api:
        with tempfile.TemporaryDirectory(prefix="hotline-") as folder:
            Path(folder).chmod(0o755)  # PostgreSQL's account passes through, also when root runs the tests
            line = Line(Path(folder), api, workers=workers, extra=extra)
            await line.start()
            try:
                yield line
            finally:
                await line.stop()

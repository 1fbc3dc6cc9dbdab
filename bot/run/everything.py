"""`hotline run`: every role as a child of one supervisor, started in order, stopped in reverse."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bot.core.errors import SettingsError
from bot.core.settings import ROOT, Settings, child_environment
from bot.flow.spool import Spool
from bot.run.cli.common import with_database
from bot.run.folder_lock import FolderLock
from bot.run.parts import build
from bot.run.postgres import EmbeddedPostgres
from bot.run.role import Event, Role
from bot.run.supervisor import Supervisor
from nlu.train import Paths, serve_command, up_to_date

Ready = Callable[[], Awaitable[bool]]

_LONG = 7 * 24 * 3600.0  # how long Rasa waits for a model: it is no use without one


@dataclass(frozen=True, kw_only=True)
class _Roles:
    """The roles of one machine, in the order of their start."""

    settings: Settings
    postgres: EmbeddedPostgres | None
    nlu: Paths

    def every(self) -> list[Role]:
        roles = [] if self.postgres is None else [self.postgres.role()]
        base = tuple(role.name for role in roles)
        roles.append(self._ours("migrate", "db", "upgrade", after=base, once=True))
        s = self.settings
        roles.append(self._ours("web", "web", ready=_answers(f"http://127.0.0.1:{s.public_port}/healthz")))
        ready = ("migrate",)
        roles.append(
            self._ours(
                "console",
                "console",
                after=ready,
                ready=_answers(f"http://127.0.0.1:{s.console_port}/login"),
            )
        )
        roles += [self._ours(f"worker_{number + 1}", "worker", after=ready) for number in range(s.workers)]
        if s.telegram_token is not None and s.telegram_webhook_secret is None:
            roles.append(self._ours("telegram", "poll", after=ready))
        return roles + self._nlu()

    def _ours(
        self,
        name: str,
        *command: str,
        after: tuple[str, ...] = (),
        once: bool = False,
        ready: Ready | None = None,
    ) -> Role:
        argv = (sys.executable, "-m", "bot.run.cli.main", *command)
        environment = {**child_environment(self.settings), "PYTHONPATH": str(ROOT)}
        return Role(name=name, command=argv, environment=environment, after=after, once=once, ready=ready)

    def _nlu(self) -> list[Role]:
        if not self.nlu.python.exists():
            return []
        train = self._ours("nlu_train", "nlu", "train", once=True)
        token = self.settings.nlu_token.get_secret_value() if self.settings.nlu_token else ""
        port = int(self.settings.nlu_url.rsplit(":", 1)[1].strip("/"))
        argv, environment = serve_command(self.nlu, port, token)
        # Rasa writes beside itself; its folder is the models', by a shell that becomes it.
        shell = ("/bin/sh", "-c", 'cd "$0" && exec "$@"', str(self.nlu.models), *argv)
        ready = _answers(f"{self.settings.nlu_url}/")
        serve = Role(
            name="nlu",
            command=shell,
            environment=environment,
            after=("nlu_train",),
            after_seconds=_LONG,
            ready=ready,
        )
        return [train, serve]


async def run(settings: Settings) -> None:
    """Run everything until Ctrl-C.

    Raises:
        SettingsError: a port is taken, or a setting is missing.
        DataFolderBusy: another `hotline run` uses the data folder.
        SpoolUnavailable: no writable spool, no start.
    """
    settings = _resolved(settings)
    screen = _Screen(settings)
    with FolderLock(settings.data_dir) as lock:
        _refuse_taken_ports(settings)
        postgres = None
        if settings.database_url is None:
            postgres = EmbeddedPostgres(settings.data_dir)
            await asyncio.to_thread(postgres.prepare)
            screen.say(postgres.notice)
        settings = with_database(settings)
        Spool(settings.spool_dir, settings.keyring())
        await build(settings).close()  # whatever would keep a role from starting is said here, once
        paths = Paths.of(ROOT, models=settings.models_dir)
        paths.models.mkdir(parents=True, exist_ok=True)
        roles = _Roles(settings=settings, postgres=postgres, nlu=paths).every()
        supervisor = Supervisor(roles, lock=lock, on_event=screen.tell)
        watching = asyncio.create_task(screen.watch_training(paths))
        try:
            await supervisor.run()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def _resolved(settings: Settings) -> Settings:
    """Absolute folders, and a token for our own Rasa, made anew at each start."""
    update: dict[str, object] = {
        "data_dir": settings.data_dir.resolve(),
        "models_dir": settings.models_dir if settings.models_dir.is_absolute() else ROOT / settings.models_dir,
    }
    if settings.nlu_token is None:
        update["nlu_token"] = SecretStr(secrets.token_urlsafe(32))
    return settings.model_copy(update=update)


def _refuse_taken_ports(settings: Settings) -> None:
    for host, port, option in (
        (settings.public_host, settings.public_port, "--public-port"),
        (settings.console_host, settings.console_port, "--console-port"),
        ("127.0.0.1", int(settings.nlu_url.rsplit(":", 1)[1].strip("/")), "HOTLINE_NLU_URL"),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                raise SettingsError(f"Port {port} is in use. Choose another with {option}.") from None


def _answers(url: str) -> Ready:
    async def ask() -> bool:
        async with httpx.AsyncClient(timeout=1.0, trust_env=False) as client:
            return (await client.get(url)).status_code == 200

    return ask


class _Screen:
    """What the terminal shows: addresses once, then only what somebody has to know."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._console = Console(highlight=False, stderr=False)
        self._waiting = {"web", "console"}

    def say(self, sentence: str | None) -> None:
        """A sentence that somebody has to know, if there is one."""
        if sentence:
            self._console.print(sentence)

    def tell(self, role: str, event: Event, detail: str) -> None:
        """One event of the supervisor."""
        if event is Event.READY and role in self._waiting:
            self._waiting.discard(role)
            if not self._waiting:
                self._addresses()
        elif event is Event.READY and role == "nlu":
            self._console.print("Rasa is ready.")
        elif event is Event.EXITED:
            self._console.print(f"{role} ended ({detail}) and is started again.")
        elif event is Event.FAILING:
            self._console.print(f"{role} keeps ending; its log is {self._settings.data_dir}/logs/{role}.log")
        elif event is Event.STOPPED:
            self._console.print(f"{role} stopped.")

    def _addresses(self) -> None:
        s = self._settings
        self._console.print(f"\nThe line is open ({s.mode} mode).")
        self._console.print(f"  Web chat  {s.public_address}/chat")
        self._console.print(f"  Console   {s.console_address}/")
        if s.mode == "demo":
            self._console.print(
                "  First operator: .venv/bin/hotline operator add ana --role supervisor --languages en,id"
            )
        self._console.print("Ctrl-C stops everything.\n")

    async def watch_training(self, paths: Paths) -> None:
        """A progress bar while the model trains; the line answers meanwhile."""
        if up_to_date(paths) or not paths.python.exists():
            return
        state = Path(paths.models / "training.progress")
        columns = (
            TextColumn("Training the model"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.description}"),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task("starting", total=1.0)
            while not up_to_date(paths):
                await asyncio.sleep(0.5)
                try:
                    done, _, what = state.read_text(encoding="utf-8").partition(" ")
                    bar.update(task, completed=float(done), description=what)
                except (OSError, ValueError):
                    continue
        self._console.print("The model is trained.")

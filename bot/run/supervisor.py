"""Runs every role as a child of one process: any exit restarts it, and nothing outlives it.

Start in order, stop in reverse, every wait bounded. The supervisor knows nothing of what the roles do.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from bot.run.child import Child
from bot.run.folder_lock import DataFolderBusy, FolderLock
from bot.run.role import Event, Role
from bot.run.role_log import RoleLog

__all__ = ["Backoff", "DataFolderBusy", "Event", "FolderLock", "Role", "Supervisor"]

BACKOFF_FIRST = 0.1  # s; a role is at work again 0.1 + its own start after it died; a conversation has 5 s
BACKOFF_LIMIT = 5.0  # s; 0.1 doubled six times is 6.4
SETTLED = 10.0  # s; a role that lived this long was well: it starts again at once
FAILING = 3  # quick deaths in a row before its last lines are reported
READY_FIRST, READY_LIMIT = 0.05, 0.5  # s between two questions whether a role is ready
READY_SECONDS = 6.0  # for one answer: a psql that hangs gives up after 5
KILLED_SECONDS = 5.0  # SIGKILL takes effect at once, but for a process that waits for a dead disk
NOT_STARTED = 126  # what a shell answers for a command that is there and does not start


class Backoff:
    """How long a role waits before its next start, and whether it keeps dying."""

    def __init__(self) -> None:
        self.quick_deaths = 0

    def after(self, lived: float) -> float:
        """Seconds to wait, after a life of `lived` seconds."""
        self.quick_deaths = 1 if lived >= SETTLED else self.quick_deaths + 1
        return float(min(BACKOFF_FIRST * 2 ** min(self.quick_deaths - 1, 10), BACKOFF_LIMIT))


def how(code: int) -> str:
    """An exit in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


async def any_of(events: Sequence[asyncio.Event], seconds: float) -> None:
    """Wait until one of the events is set, at most so long."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


class Supervisor:
    """Keeps the roles running until it is asked to stop."""

    def __init__(
        self,
        roles: Sequence[Role],
        *,
        lock: FolderLock,
        on_event: Callable[[str, Event, str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Refuses a folder not held, two roles of one name, and an `after` that is not earlier."""
        if not lock.held:
            raise ValueError("hold the lock of the data folder first")
        seen: set[str] = set()
        for role in roles:
            if role.name in seen or not set(role.after) <= seen:
                raise ValueError(f"role {role.name} is there twice, or comes before one that it waits for")
            seen.add(role.name)
        self._roles = tuple(roles)
        self._folder = lock.folder / "logs"
        self._logs: list[RoleLog] = []
        self._on_event = on_event
        self._monotonic = monotonic
        self._children: dict[str, Child] = {}
        self._ready = {role.name: asyncio.Event() for role in roles}
        self._nudged = {role.name: asyncio.Event() for role in roles}
        self._stopping = asyncio.Event()
        self._hurrying = asyncio.Event()

    def stop(self) -> None:
        """Ask for the end; asked twice, nobody gets any more time."""
        (self._hurrying if self._stopping.is_set() else self._stopping).set()

    async def wait_ready(self, name: str) -> None:
        """Wait until the role is ready; no limit of its own."""
        await self._ready[name].wait()

    async def run(self, *, handle_signals: bool = True) -> None:
        """Run until `stop`, SIGTERM, SIGINT or SIGHUP (a second one hurries). Cancelled, it stops the
        children first.

        `handle_signals` needs the main thread. The longest stop is the sum of the roles' grace_seconds and 5
        s each.
        """
        with self._signals(handle_signals):
            try:
                async with asyncio.TaskGroup() as group:
                    keepers = [group.create_task(self._keep(role)) for role in self._roles]
                    await self._stopping.wait()
                    await self._stop_all()
                    for keeper in keepers:
                        keeper.cancel()  # of a child that not even SIGKILL ended in time
            finally:
                self._stopping.set()
                await self._stop_all()
                for log in self._logs:
                    log.close()

    @contextlib.contextmanager
    def _signals(self, handle: bool) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if handle else ()
        for number in numbers:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _tell(self, role: Role, event: Event, detail: str = "") -> None:
        # A console that is gone (a closed terminal) must not take the line down.
        with contextlib.suppress(Exception):
            self._on_event(role.name, event, detail)

    async def _keep(self, role: Role) -> None:
        """Start the role again and again."""
        log, backoff = RoleLog(self._folder, role.name), Backoff()
        self._logs.append(log)
        await self._wait_for_others(role)
        while not self._stopping.is_set():
            born = self._monotonic()
            code = await self._live(role, log)
            if self._stopping.is_set():
                return
            if role.once and code == 0:
                self._become_ready(role, Event.DONE)
                return
            self._tell(role, Event.EXITED, how(code))
            delay = backoff.after(self._monotonic() - born)
            if backoff.quick_deaths == FAILING:
                self._tell(role, Event.FAILING, log.tail())
            nudged = self._nudged[role.name]
            nudged.clear()
            await any_of([self._stopping, nudged], delay)

    async def _wait_for_others(self, role: Role) -> None:
        deadline = self._monotonic() + role.after_seconds
        for name in role.after:
            ready = self._ready[name]
            await any_of([ready, self._stopping], deadline - self._monotonic())
            if not ready.is_set() and not self._stopping.is_set():
                self._tell(role, Event.WAITING, name)

    async def _live(self, role: Role, log: RoleLog) -> int:
        """One life of the role, from its start to its exit code."""
        try:
            child = Child(role.command, role.environment, death_signal=role.death_signal, log=log)
        except OSError as error:
            log.write(f"cannot start: {error.strerror}\n".encode())
            return NOT_STARTED
        self._children[role.name] = child
        self._tell(role, Event.STARTED, str(child.pid))
        asking = asyncio.ensure_future(self._ask_ready(role))
        try:
            return await child.ended()
        finally:
            asking.cancel()
            self._ready[role.name].clear()

    async def _ask_ready(self, role: Role) -> None:
        pause = READY_FIRST
        while role.ready is not None:
            with contextlib.suppress(Exception):  # whatever goes wrong in the question: not ready
                if await asyncio.wait_for(role.ready(), READY_SECONDS):
                    break
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, READY_LIMIT)
        if not role.once:
            self._become_ready(role, Event.READY)

    def _become_ready(self, role: Role, event: Event) -> None:
        """Say so; whoever died for want of this role starts again now, not at the end of its backoff."""
        self._ready[role.name].set()
        self._tell(role, event)
        for other in self._roles:
            if role.name in other.after:
                self._nudged[other.name].set()

    async def _stop_all(self) -> None:
        for role in reversed(self._roles):
            child = self._children.get(role.name)
            if child is not None and child.alive:
                await self._stop_one(role, child)

    async def _stop_one(self, role: Role, child: Child) -> None:
        self._tell(role, Event.STOPPING)
        child.send(role.stop_signal)
        ended = asyncio.ensure_future(child.ended())
        hurrying = asyncio.ensure_future(self._hurrying.wait())
        try:
            await asyncio.wait([ended, hurrying], timeout=role.grace_seconds, return_when=asyncio.FIRST_COMPLETED)
            if child.alive:
                self._tell(role, Event.KILLED)
                child.kill()
                await asyncio.wait([ended], timeout=KILLED_SECONDS)
        finally:
            ended.cancel()
            hurrying.cancel()
        if not child.alive:
            self._tell(role, Event.STOPPED)

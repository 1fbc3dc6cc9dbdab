"""What the supervisor runs, and what it tells about it."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Event(StrEnum):
    """What is told about a role; the detail is in brackets."""

    STARTED = "started"  # [process id]
    READY = "ready"  # []
    DONE = "done"  # [] a role that runs once has done its work
    EXITED = "exited"  # [how]
    FAILING = "failing"  # [its last lines] it died three times in a row, each time soon after its start
    WAITING = "waiting"  # [for which role] it starts although that role is not ready
    STOPPING = "stopping"  # []
    KILLED = "killed"  # [] it did not stop in its time
    STOPPED = "stopped"  # []


@dataclass(frozen=True, kw_only=True)
class Role:
    """One long-running program."""

    name: str  # also the name of its log file
    command: tuple[str, ...]  # an absolute path first
    environment: Mapping[str, str]  # the whole of it: nothing is inherited, so no secret leaks by accident
    ready: Callable[[], Awaitable[bool]] | None = None  # asked until it says yes; None: ready once started
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0  # between stop_signal and SIGKILL
    after: tuple[str, ...] = ()  # roles, earlier in the list, that are ready before its first start
    after_seconds: float = 60.0  # then it starts all the same: the web takes messages without a database
    once: bool = False  # exit code 0 means done (a migration), and done means ready; any other exit restarts it
    death_signal: signal.Signals = signal.SIGKILL  # what it gets when the supervisor itself is killed

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not self.command or not self.command[0].startswith("/"):
            raise ValueError("a role needs a plain name and a command that begins with an absolute path")

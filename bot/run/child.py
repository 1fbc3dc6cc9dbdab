"""One running child process: its end, its output, its signals; all of it in the event loop's thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from bot.run import children
from bot.run.role_log import RoleLog

READ_BYTES = 65_536


class Child:
    """A child in a session of its own (Ctrl-C in the terminal does not reach it) that dies with this process.

    Its end is seen through a pidfd and the process is collected by us alone: until then its number cannot be
    given to a stranger, so that what is left of its process group can be killed safely. The death of the
    *thread* that makes a Child counts as the death of the parent (Linux): make it where the process lives, in
    the main thread.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, death_signal: int, log: RoleLog
    ) -> None:
        """Start it. `environment` is the whole of it. Raises `OSError` if no process can be made."""
        self._loop = asyncio.get_running_loop()
        self._log = log
        self._code: asyncio.Future[int] = self._loop.create_future()
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a role's own command
                children.wrapped(command, death_signal=death_signal, parent=os.getpid()),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self.pid = self._process.pid
        os.set_blocking(reading, False)
        self._output = reading
        self._pidfd = os.pidfd_open(self.pid)
        self._loop.add_reader(self._output, self._read)
        self._loop.add_reader(self._pidfd, self._collect)

    @property
    def alive(self) -> bool:
        """Whether it has not been collected yet."""
        return not self._code.done()

    async def ended(self) -> int:
        """Wait for its end: the exit code, or minus the signal. Cancelled, it leaves the child alone."""
        return await asyncio.shield(self._code)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the child itself."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        """Kill the child and its process group."""
        if self.alive:
            self._kill_group()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _read(self) -> None:
        try:
            output = os.read(self._output, READ_BYTES)
        except BlockingIOError:
            return
        if output:
            self._log.write(output)
        else:
            self._loop.remove_reader(self._output)

    def _collect(self) -> None:
        """The child is dead and still holds its number: end its group, read the rest, then let go of it."""
        self._loop.remove_reader(self._pidfd)
        self._kill_group()
        code = self._process.wait()
        self._loop.remove_reader(self._output)
        with contextlib.suppress(BlockingIOError):
            while output := os.read(self._output, READ_BYTES):
                self._log.write(output)
        os.close(self._output)
        os.close(self._pidfd)
        self._code.set_result(code)

"""Running a step of the training in Rasa's environment, and following how far it is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

_STEP = re.compile(r"hotline progress (\d+)/(\d+)")


def run(
    command: list[str],
    environment: Mapping[str, str],
    folder: Path,
    given: str,
    *,
    kept: Path,
    progress: Callable[[float], None],
) -> int:
    """Run a command in `folder` with `given` on its stdin; its words are added to the file `kept`.

    `progress` is told the share (0..1) of the steps that it says are done. Returns its exit code. Whatever happens
    here, the process does not outlive it.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    with _ended(process), kept.open("a", buffering=1, encoding="utf-8") as log:
        writer = Thread(target=_give, args=(process, given), daemon=True)  # it may speak before it has read all
        writer.start()
        for line in process.stdout or ():
            log.write(line)
            if step := _STEP.search(line):
                progress(int(step[1]) / int(step[2]))
        return process.wait()


def _give(process: subprocess.Popen[str], given: str) -> None:
    try:
        if process.stdin:
            process.stdin.write(given)
            process.stdin.close()
    except OSError:  # it ended first: its exit code says so
        pass


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

"""However the supervisor ends, nothing of it is left, and it can be started again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.run.supervisor import Event

PROGRAM = Path(__file__).with_name("hotline_program.py")


def started(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, int]]:
    """The program with a supervisor in it, and the process ids of its roles once all are ready."""
    program = subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert program.stdout
    pids: dict[str, int] = {}
    ready: set[str] = set()
    while len(ready) < len(arguments) - 1:  # the stubborn role, and postgres where it was asked for
        role, event, detail = program.stdout.readline().rstrip("\n").split(" ", 2)
        if event == Event.STARTED:
            pids[role] = int(detail)
        if event == Event.READY:
            ready.add(role)
    return program, pids


def ended(program: subprocess.Popen[str]) -> str:
    """Wait for its end and give back what it still printed."""
    output, _ = program.communicate(timeout=60)
    return output


def hurried(program: subprocess.Popen[str], number: signal.Signals) -> str:
    """Signal it once, and again when it has begun to stop (two at once would count as one)."""
    assert program.stdout
    program.send_signal(number)
    assert program.stdout.readline().split()[:2] == ["stubborn", "stopping"]
    program.send_signal(number)
    return ended(program)


def test_kill_9_of_the_supervisor_leaves_no_children(ground: Path, wait_gone: Callable[[int], None]) -> None:
    program, pids = started(str(ground / "hotline"), str(ground / "system"), "postgres")
    assert set(pids) == {"stubborn", "postgres"}
    program.kill()
    ended(program)
    for pid in pids.values():
        wait_gone(pid)


def test_a_supervisor_killed_with_kill_9_can_be_started_again_at_once(ground: Path) -> None:
    arguments = (str(ground / "hotline"), str(ground / "system"), "postgres")
    first, _ = started(*arguments)
    first.kill()
    ended(first)
    second, _ = started(*arguments)
    assert "postgres stopped" in hurried(second, signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_a_second_one_hurries(
    number: signal.Signals, ground: Path, wait_gone: Callable[[int], None]
) -> None:
    program, pids = started(str(ground / "hotline"), str(ground / "system"))
    assert "stubborn killed" in hurried(program, number)
    assert program.returncode == 0
    wait_gone(pids["stubborn"])

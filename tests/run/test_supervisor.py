"""Any exit restarts a role, nothing outlives the supervisor, and every wait has an end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.run.role_log import RoleLog
from bot.run.supervisor import Backoff, DataFolderBusy, Event, FolderLock, Role, Supervisor
from tests.run.conftest import Supervise

FOR_EVER = "exec sleep 1000"


def shell(name: str, script: str, **more: object) -> Role:
    """A role that is a shell script."""
    environment = {"PATH": "/usr/bin:/bin"}
    return Role(name=name, command=("/bin/sh", "-c", script), environment=environment, **more)  # type: ignore[arg-type]


def says(path: Path, word: str) -> Callable[[], object]:
    """Ready when the role has printed the word."""

    async def look() -> bool:
        return word in path.read_text(encoding="utf-8")

    return look


async def test_a_role_that_exits_with_code_0_is_started_again(supervise: Supervise) -> None:
    async with supervise(shell("worker", "exit 0")) as watch:
        await watch.until("worker", Event.STARTED, 3)
        assert watch.told("worker", Event.EXITED)[:2] == ["code 0", "code 0"]


async def test_a_killed_role_is_started_again(supervise: Supervise) -> None:
    async with supervise(shell("worker", FOR_EVER)) as watch:
        first = await watch.until("worker", Event.STARTED)
        os.kill(int(first), signal.SIGKILL)
        second = await watch.until("worker", Event.STARTED, 2)
        assert watch.told("worker", Event.EXITED) == ["signal SIGKILL"]
        assert first != second


async def test_a_command_that_is_not_there_is_tried_again(supervise: Supervise) -> None:
    async with supervise(Role(name="worker", command=("/no/such/program",), environment={})) as watch:
        await watch.until("worker", Event.STARTED, 2)
        assert watch.told("worker", Event.EXITED)[0] == "code 127"


async def test_the_last_lines_of_a_role_that_keeps_dying_are_told_once_and_nothing_else_is(
    supervise: Supervise, tmp_path: Path
) -> None:
    script = "echo one; echo two >&2; exit 1"
    async with supervise(shell("worker", script)) as watch:
        await watch.until("worker", Event.STARTED, 5)
        assert [detail.split("\n")[-2:] for detail in watch.told("worker", Event.FAILING)] == [["one", "two"]]
        others = [detail for _, event, detail in watch.events if event is not Event.FAILING]
        assert not any("two" in detail for detail in others)
    assert "one\ntwo\n" in (tmp_path / "logs" / "worker.log").read_text(encoding="utf-8")


async def test_a_role_gets_its_own_environment_and_nothing_else(
    supervise: Supervise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_SECRET_KEYS", "not for the model")
    role = Role(name="nlu", command=("/usr/bin/env",), environment={"ONLY": "this=that"}, once=True)
    async with supervise(role) as watch:
        await watch.until("nlu", Event.DONE)
    assert (tmp_path / "logs" / "nlu.log").read_text(encoding="utf-8") == "ONLY=this=that\n"


async def test_roles_stop_in_reverse_order(supervise: Supervise) -> None:
    names = ("postgres", "worker", "web")
    async with supervise(*(shell(name, FOR_EVER) for name in names)) as watch:
        for name in names:
            await watch.until(name, Event.READY)
    ends = [(name, event) for name, event, _ in watch.events if event in {Event.STOPPING, Event.STOPPED}]
    assert ends == [(name, event) for name in reversed(names) for event in (Event.STOPPING, Event.STOPPED)]


async def test_a_role_that_ignores_its_stop_signal_is_killed_after_its_grace(
    supervise: Supervise, tmp_path: Path
) -> None:
    ready = says(tmp_path / "logs" / "worker.log", "armed")
    script = "trap '' TERM; echo armed; exec sleep 1000"
    async with supervise(shell("worker", script, ready=ready, grace_seconds=0.2)) as watch:
        await watch.until("worker", Event.READY)
    assert [event for _, event, _ in watch.events][-3:] == [Event.STOPPING, Event.KILLED, Event.STOPPED]


async def test_a_role_that_obeys_is_not_killed(supervise: Supervise, tmp_path: Path) -> None:
    ready = says(tmp_path / "logs" / "worker.log", "armed")
    script = "trap 'echo goodbye; exit 0' TERM; echo armed; while :; do sleep 1000 & wait; done"
    async with supervise(shell("worker", script, ready=ready)) as watch:
        await watch.until("worker", Event.READY)
    assert not watch.told("worker", Event.KILLED)
    assert "goodbye" in (tmp_path / "logs" / "worker.log").read_text(encoding="utf-8")


async def test_a_second_request_to_stop_gives_nobody_more_time(supervise: Supervise, tmp_path: Path) -> None:
    ready = says(tmp_path / "logs" / "worker.log", "armed")
    script = "trap '' TERM; echo armed; exec sleep 1000"
    async with supervise(shell("worker", script, ready=ready, grace_seconds=100_000)) as watch:
        await watch.until("worker", Event.READY)
        watch.supervisor.stop()
        await watch.until("worker", Event.STOPPING)
    assert watch.told("worker", Event.KILLED)


async def test_a_role_starts_when_the_one_it_needs_is_ready(supervise: Supervise, tmp_path: Path) -> None:
    database = shell("postgres", f"echo armed; {FOR_EVER}", ready=says(tmp_path / "logs" / "postgres.log", "armed"))
    async with supervise(database, shell("worker", FOR_EVER, after=("postgres",))) as watch:
        await watch.until("worker", Event.READY)
    order = [(name, event) for name, event, _ in watch.events]
    assert order.index(("postgres", Event.READY)) < order.index(("worker", Event.STARTED))


async def test_a_role_starts_without_the_one_it_needs_when_that_does_not_come(supervise: Supervise) -> None:
    async def never() -> bool:
        raise OSError

    database = shell("postgres", FOR_EVER, ready=never)
    async with supervise(database, shell("web", FOR_EVER, after=("postgres",), after_seconds=0.1)) as watch:
        await watch.until("web", Event.STARTED)
        assert watch.told("web", Event.WAITING) == ["postgres"]
        assert not watch.told("postgres", Event.READY)


async def test_work_to_be_done_once_is_repeated_until_it_succeeds_and_then_frees_the_others(
    supervise: Supervise, tmp_path: Path
) -> None:
    migrate = shell("migrate", f"cd {tmp_path}; [ -e tried ] || {{ touch tried; exit 1; }}", once=True)
    async with supervise(migrate, shell("worker", FOR_EVER, after=("migrate",))) as watch:
        await watch.until("worker", Event.STARTED)
        assert watch.told("migrate", Event.EXITED) == ["code 1"]
        assert len(watch.told("migrate", Event.STARTED)) == 2


async def test_what_a_role_started_ends_with_it(
    supervise: Supervise, tmp_path: Path, wait_gone: Callable[[int], None]
) -> None:
    async with supervise(shell("worker", "sleep 1000 & echo $!; exit 3")) as watch:
        await watch.until("worker", Event.EXITED)
    for line in (tmp_path / "logs" / "worker.log").read_text(encoding="utf-8").split():
        wait_gone(int(line))


async def test_a_role_is_out_of_reach_of_ctrl_c_in_our_terminal(supervise: Supervise) -> None:
    async with supervise(shell("worker", FOR_EVER)) as watch:
        pid = int(await watch.until("worker", Event.STARTED))
        assert os.getsid(pid) == os.getpgid(pid) == pid


async def test_a_console_that_is_gone_does_not_take_the_line_down(tmp_path: Path) -> None:
    with FolderLock(tmp_path) as lock:

        def tell(role: str, event: Event, detail: str) -> None:
            if event is Event.EXITED:
                supervisor.stop()
            raise BrokenPipeError

        supervisor = Supervisor([shell("worker", "exit 0")], lock=lock, on_event=tell)
        await supervisor.run(handle_signals=False)


def test_two_supervisors_never_share_a_data_folder(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(DataFolderBusy) as refusal, FolderLock(tmp_path):
        pass
    assert str(refusal.value) == (
        f"Another hotline (process {os.getpid()}) is running on {tmp_path}. Stop it, or give this one "
        "a folder of its own with --data-dir."
    )


def test_a_data_folder_is_free_again_when_its_hotline_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with FolderLock(tmp_path) as lock:
            assert lock.held
        assert not lock.held


async def test_a_supervisor_without_the_folders_lock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hold the lock"):
        Supervisor([], lock=FolderLock(tmp_path), on_event=print)


async def test_a_role_that_waits_for_a_later_one_is_refused(tmp_path: Path) -> None:
    roles = [shell("web", FOR_EVER, after=("postgres",)), shell("postgres", FOR_EVER)]
    with FolderLock(tmp_path) as lock, pytest.raises(ValueError, match="web"):
        Supervisor(roles, lock=lock, on_event=print)


def test_a_command_must_name_its_program_in_full() -> None:
    with pytest.raises(ValueError, match="absolute path"):
        Role(name="worker", command=("python",), environment={})


def test_the_wait_before_a_restart_doubles_to_five_seconds_and_starts_again_after_a_long_life() -> None:
    backoff = Backoff()
    waits = [backoff.after(lived=1) for _ in range(8)]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5])
    assert backoff.after(lived=10) == pytest.approx(0.1)


def test_a_roles_log_is_bounded_private_and_keeps_its_last_lines(tmp_path: Path) -> None:
    log = RoleLog(tmp_path / "logs", "web", limit=100)
    for number in range(50):
        log.write(f"line {number}\n".encode())
    log.close()
    kept = sorted((tmp_path / "logs").iterdir())
    assert [path.name for path in kept] == ["web.log", "web.log.1"]
    assert all(path.stat().st_size <= 100 and path.stat().st_mode & 0o777 == 0o600 for path in kept)
    assert log.tail().split("\n")[-1] == "line 49"

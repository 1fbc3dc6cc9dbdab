"""The embedded PostgreSQL opens no port, lets nobody else in, and runs for root as for anybody."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.run import postgres_files as files
from bot.run.postgres import EmbeddedPostgres, PostgresFailed
from tests.run.conftest import ask

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


def test_no_port_is_open(postgres: EmbeddedPostgres, ground: Path) -> None:
    with postgres.running():
        sockets = set()
        for entry in Path("/proc").glob("[0-9]*/fd/*"):
            with contextlib.suppress(OSError):
                if (entry.parents[1] / "cwd").readlink() == postgres.cluster:
                    sockets.add(str(entry.readlink()))
        tables = [Path("/proc/net", name).read_text() for name in ("tcp", "tcp6", "udp", "udp6")]
        inodes = {f"socket:[{line.split()[9]}]" for table in tables for line in table.splitlines()[1:]}
        assert any(name.startswith("socket:") for name in sockets)
        assert not sockets & inodes


def test_a_deep_folder_gets_a_short_private_socket_folder(ground: Path) -> None:
    deep = ground.joinpath(*["a folder with, odd names"] * 5)
    deep.mkdir(parents=True)
    postgres = EmbeddedPostgres(deep / "hotline", system_folder=deep / "system")
    try:
        with postgres.running():
            assert not postgres.sockets.is_relative_to(ground)
            assert postgres.sockets.stat().st_mode & 0o777 == 0o700
            assert ask(postgres, "select 1") == [(1,)]
    finally:
        shutil.rmtree(postgres.sockets)


def test_a_socket_folder_of_somebody_else_is_refused(ground: Path, tmp_path: Path) -> None:
    account = files.Account(uid=os.geteuid(), gid=os.getegid(), change=False)
    (ground / "elsewhere").mkdir()
    (ground / "run").symlink_to(ground / "elsewhere")
    with pytest.raises(PostgresFailed, match="somebody else"):
        files.make_private(ground / "run", account)


@AS_ROOT
def test_root_runs_it_under_another_account_outside_a_private_folder_and_says_so(
    postgres: EmbeddedPostgres,
) -> None:
    with postgres.running():
        assert postgres.data_dir.stat().st_mode & 0o777 == 0o700
        assert postgres.cluster.stat().st_uid == postgres.account.uid != 0
        assert str(postgres.base) in (postgres.notice or "")


@AS_ROOT
def test_root_keeps_it_in_a_data_folder_that_the_account_can_reach(ground: Path) -> None:
    (ground / "hotline").mkdir(mode=0o755)
    postgres = EmbeddedPostgres(ground / "hotline", system_folder=ground / "system")
    with postgres.running():
        assert postgres.base == ground / "hotline" / "postgres"
        assert postgres.notice is None
        (ground / "hotline").chmod(0o700)
        assert EmbeddedPostgres(ground / "hotline").base == postgres.base  # a later chmod moves nothing


@AS_ROOT
@pytest.mark.parametrize("role", ["hotline", "postgres"])
def test_no_other_account_gets_in_and_nobody_as_superuser(postgres: EmbeddedPostgres, role: str) -> None:
    account = pwd.getpwuid(postgres.account.uid)
    login = [str(postgres.programs / "psql"), "-w", "-h", str(postgres.sockets), "-U", role, "-c", "select 1"]
    with postgres.running():
        others = [subprocess.run([*login, "-d", "hotline"], user=account.pw_uid, capture_output=True, text=True)]
        if role == "postgres":
            others.append(subprocess.run([*login, "-d", "hotline"], capture_output=True, text=True))
    assert all(done.returncode != 0 for done in others)
    assert all("FATAL" in done.stderr for done in others)


@AS_ROOT
def test_programs_in_a_private_home_are_copied_and_the_home_stays_private(
    ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec(files.PACKAGE)
    assert spec
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    home = ground / "home"
    home.mkdir(mode=0o700)
    for name in (f"{files.PACKAGE}/{files.INSTALLATION}", files.LIBRARIES):
        shutil.copytree(package.parent / name, home / name)
    (home / files.PACKAGE / "__init__.py").touch()
    monkeypatch.syspath_prepend(home)
    postgres = EmbeddedPostgres(home / "hotline", system_folder=ground / "system")
    with postgres.running():
        assert postgres.programs.is_relative_to(ground / "system")
        assert ask(postgres, "select 1") == [(1,)]
    assert home.stat().st_mode & 0o777 == 0o700


@AS_ROOT
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no Python that another account can run")
def test_an_ordinary_account_runs_it_too(ground: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    place = ground / "nobody"
    place.mkdir()
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    program = Path(__file__).with_name("ordinary_program.py")
    site = next(path for path in sys.path if Path(path, files.PACKAGE).is_dir())
    done = subprocess.run(
        ["/usr/bin/python3", "-W", "error", str(program), str(place / "hotline")],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        env={"PYTHONPATH": f"{Path(__file__).parents[2]}:{site}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.stdout == "answered\nanswered\n", done.stderr
    assert (place / "hotline" / "postgres" / "cluster").stat().st_uid == nobody.pw_uid

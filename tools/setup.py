"""Makes this folder ready to run: `python3 tools/setup.py [--dev]`, called by `make`.

Each step is skipped when its stamp says that it was done for these very locks in this very folder: a second
run takes no network and no time. Standard library only, because a bare machine has nothing else.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import sys
import time
from pathlib import Path

import machine
from machine import SetupError, run, say

ROOT = Path(__file__).resolve().parent.parent
TOOLS, APP, NLU = ROOT / ".tools", ROOT / ".venv", ROOT / ".venv-nlu"
UV = TOOLS / "bin" / "uv"

# Starts as a shell script, because the path after "#!" may hold neither a space nor more than 127 bytes.
LAUNCHER = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from bot.run.cli import main

sys.exit(main())
"""


def stamp_file(folder: Path) -> Path:
    """Name the file in which a finished step writes what it was finished for."""
    return folder / ".stamp"


def is_ready(folder: Path, lock: Path) -> bool:
    """Tell whether the folder was completely made for this lock, at this place."""
    stamp = stamp_file(folder)
    return stamp.exists() and digest(folder, lock) in stamp.read_text().split()


def digest(folder: Path, lock: Path) -> str:
    """Hash all that makes the environment what it is: its place, its lock, our launcher."""
    parts = (str(folder).encode(), lock.read_bytes(), LAUNCHER.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def ensure_uv() -> None:
    """Put the pinned installer into a private environment of its own."""
    lock = ROOT / "tools" / "requirements.txt"
    if is_ready(TOOLS, lock):
        return
    say("the installer (.tools)")
    environment = dict(os.environ)
    stamp_file(TOOLS).unlink(missing_ok=True)
    run([sys.executable, "-m", "venv", "--clear", str(TOOLS)], environment)
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
    run([*pip, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)], environment)
    stamp_file(TOOLS).write_text(f"{digest(TOOLS, lock)}\n")


def ensure_environment(folder: Path, locks: list[Path]) -> None:
    """Bring the environment to exactly the last of `locks`, which contains the ones before it."""
    lock = locks[-1]
    if is_ready(folder, lock):
        return
    started = time.monotonic()
    say(f"{folder.name}: {lock.read_text().count('==')} packages")
    environment = machine.uv_environment(TOOLS)
    stamp_file(folder).unlink(missing_ok=True)
    ensure_interpreter(folder, environment)
    pip, target = [str(UV), "-q", "pip"], ["--require-hashes", "--python", str(folder / "bin" / "python")]
    run([*pip, "install", *target, "--no-deps", "-r", "-"], environment, given=build_tools(lock))
    run([*pip, "sync", *target, "--no-build-isolation", str(lock)], environment)
    link_project(folder)
    stamp_file(folder).write_text("".join(f"{digest(folder, each)}\n" for each in locks))
    say(f"{folder.name}: ready after {time.monotonic() - started:.0f} s")


def ensure_interpreter(folder: Path, environment: dict[str, str]) -> None:
    """Make the environment anew unless it stands here and its Python still runs."""
    activate = folder / "bin" / "activate"
    if (folder / "bin" / "python").exists() and str(folder) in activate.read_text():
        return
    is_3_11 = sys.version_info[:2] == (3, 11)
    interpreter = getattr(sys, "_base_executable", sys.executable) if is_3_11 else "3.11"
    run([str(UV), "-q", "venv", "--clear", "--no-project", "--python", interpreter, str(folder)], environment)


def build_tools(lock: Path) -> str:
    """Pick setuptools and wheel from the lock: the few packages published as source are built with these."""
    lines = lock.read_text().replace("\\\n", "").splitlines()
    return "\n".join(line for line in lines if line.startswith(("setuptools==", "wheel==")))


def link_project(folder: Path) -> None:
    """Make our packages importable in the environment and, in the application's, `hotline` a command."""
    (site,) = folder.glob("lib/python3.*/site-packages")
    (site / "hotline.pth").write_text(f"{ROOT}\n")
    if folder == APP:
        launcher = folder / "bin" / "hotline"
        launcher.write_text(LAUNCHER.format(python=folder / "bin" / "python"))
        launcher.chmod(0o755)


def setup(*, dev: bool) -> None:
    """Do everything, in order; nothing where nothing is left to do."""
    machine.check_platform()
    packages = machine.missing_packages(dev=dev, uv=UV)
    if packages:
        machine.install_packages(packages)
    with (ROOT / ".tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits, then finds everything done
        ensure_uv()
        ensure_environment(APP, [ROOT / "requirements.txt"] + [ROOT / "requirements-dev.txt"] * dev)
        ensure_environment(NLU, [ROOT / "nlu" / "requirements.txt"])


def main() -> int:
    """Entry point: 0 when ready, 1 with one clear sentence when not."""
    parser = argparse.ArgumentParser(description="Make this folder ready to run.")
    parser.add_argument("--dev", action="store_true", help="also what the tests need, a browser included")
    try:
        setup(dev=parser.parse_args().dev)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

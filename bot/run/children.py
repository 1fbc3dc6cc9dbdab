"""The small program that stands between the supervisor and a child, and then becomes the child.

It runs as `python -I -S children.py [name=value ...] -- command ...`, so it imports the standard library
only, and not much of it: a role has to be back within moments. Before it turns into the command it makes sure
that the child

- dies with whoever started it, also when that is `kill -9` (Linux: a parent-death signal);
- runs under an unprivileged account where one is named (PostgreSQL refuses to run as root);
- is the only PostgreSQL on its cluster. The lock is inherited by the server and all of its backends, so
  whoever gets it knows that none of them is left, and that `postmaster.pid` is stale whatever process now has
  that number.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
PR_GET_PDEATHSIG = 2
BUSY = 75  # EX_TEMPFAIL: the cluster is still in use; the supervisor tries again
NOT_FOUND = 127  # what a shell answers for a command that cannot be run
ORPHANS = 66  # what the account's orphaned backends have left, in tenths of a second, see `claim_cluster`


def wrapped(
    command: Sequence[str],
    *,
    death_signal: int | None = None,
    parent: int | None = None,
    account: tuple[int, int] | None = None,
    lock: Path | None = None,
    cluster: Path | None = None,
) -> list[str]:
    """The command line that runs `command` (an absolute path first) under the promises named.

    `death_signal` is what the child gets when the process `parent` is gone; `account` is (uid, gid) to change
    to; `lock` and `cluster` are PostgreSQL's. Wrappings nest: an inner one keeps the outer one's death
    signal.
    """
    options = {
        "death-signal": death_signal,
        "parent": parent,
        "account": f"{account[0]}:{account[1]}" if account else None,
        "lock": lock,
        "cluster": cluster,
    }
    given = [f"{name}={value}" for name, value in options.items() if value is not None]
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *given, "--", *command]


def death_signal_now() -> int:
    """The parent-death signal this process has now; 0 means none."""
    number = ctypes.c_int(0)
    ctypes.CDLL(None, use_errno=True).prctl(PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0)
    return number.value


def die_with(parent: int, number: int) -> None:
    """From now on the death of `parent` sends us `number`; if it is dead already, end here."""
    if number:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the process that started this one is gone")


def become(account: str) -> None:
    """Change to the account `uid:gid` for good, with no group of the old one left."""
    uid, gid = (int(part) for part in account.split(":"))
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    # The folder we were started in may lie in a home that this account must not enter.
    os.chdir("/")
    os.umask(0o077)


def servers_on(cluster: str) -> tuple[list[int], list[int]]:
    """PostgreSQL's processes at work on this cluster: (main processes, backends). Never a stranger.

    PostgreSQL's processes have the cluster as their working folder, and backends rename themselves "postgres:
    ...".
    """
    mains: list[int] = []
    backends: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            ours = str((folder / "cwd").readlink()) == cluster
            ours = ours and (folder / "exe").readlink().name.split(" ")[0] == "postgres"
            title = (folder / "cmdline").read_bytes() if ours else b""
        except OSError:
            continue  # gone meanwhile, or not ours to look at
        if ours:
            (backends if title.startswith(b"postgres: ") else mains).append(int(folder.name))
    return mains, backends


def claim_cluster(lock: int, cluster: str) -> None:
    """Hold the cluster's lock, end orphaned backends if need be, and remove what a dead server left behind.

    After `kill -9` of the main process its backends end by themselves at their next wait; one that is
    computing would keep the line closed until it has finished, so it is asked (SIGQUIT) after 0.5 s and ended
    (SIGKILL) after 2 s: 0.5 + 1.5 leaves 3 of the 5 s in which a conversation has to go on. A living main
    process is never touched.
    """
    for tenth in range(ORPHANS):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mains, backends = servers_on(cluster)
            if not mains and tenth >= 5:
                for pid in backends:
                    os.kill(pid, signal.SIGQUIT if tenth < 20 else signal.SIGKILL)
            time.sleep(0.1)
        else:
            os.set_inheritable(lock, True)
            Path(cluster, "postmaster.pid").unlink(missing_ok=True)
            return
    print("another PostgreSQL is still at work on this cluster", file=sys.stderr)
    sys.exit(BUSY)


def environment() -> dict[bytes, bytes]:
    """The environment we were given, without what the interpreter adds to its own copy (LC_CTYPE)."""
    found = (pair.partition(b"=") for pair in Path("/proc/self/environ").read_bytes().split(b"\0"))
    return {name: value for name, _, value in found if name}


def main(arguments: list[str]) -> None:
    """Keep the promises named before `--`, then become the command after it; never returns."""
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        # The interpreter changes these, and an ignored signal would stay ignored in the child.
        signal.signal(number, signal.SIG_DFL)
    split = arguments.index("--")
    options = dict(argument.split("=", 1) for argument in arguments[:split])
    command = arguments[split + 1 :]
    parent = int(options.get("parent", os.getppid()))
    death_signal = int(options.get("death-signal", 0)) or death_signal_now()
    given = environment()  # before the change of account, after which /proc/self is root's
    lock = os.open(options["lock"], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) if "lock" in options else -1
    if "account" in options:
        become(options["account"])
    die_with(parent, death_signal)  # after the change of account, which clears the death signal
    if lock >= 0:
        claim_cluster(lock, options["cluster"])
    try:
        os.execve(command[0], command, given)  # noqa: S606 - a command of our own, and no shell is wanted
    except OSError as error:
        print(f"cannot run {command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(NOT_FOUND)


if __name__ == "__main__":
    main(sys.argv[1:])

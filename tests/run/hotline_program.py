"""A supervisor in a process of its own, to be killed: `hotline_program.py FOLDER SYSTEM_FOLDER [postgres]`.

Prints "role event detail" lines. Standard library only, so that any account's Python can run it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.run.postgres import EmbeddedPostgres
from bot.run.supervisor import FolderLock, Role, Supervisor

STUBBORN = "trap '' TERM INT HUP; echo armed; exec sleep 1000"  # an ignored signal stays ignored


def tell(role: str, event: str, detail: str) -> None:
    print(role, event, detail, flush=True)


def main(folder: Path, system_folder: Path, *also: str) -> None:
    with FolderLock(folder) as lock:
        roles = []
        if "postgres" in also:
            postgres = EmbeddedPostgres(folder, system_folder=system_folder)
            postgres.prepare()
            roles.append(postgres.role())

        async def armed() -> bool:
            return "armed" in (folder / "logs" / "stubborn.log").read_text(encoding="utf-8")

        command = ("/bin/sh", "-c", STUBBORN)
        environment = {"PATH": "/bin"}
        roles.append(Role(name="stubborn", command=command, environment=environment, ready=armed, grace_seconds=1000))
        asyncio.run(Supervisor(roles, lock=lock, on_event=tell).run())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])

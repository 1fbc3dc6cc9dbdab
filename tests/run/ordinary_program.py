"""Starts the embedded PostgreSQL twice as whoever runs this; prints "answered" each time."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.run.postgres import EmbeddedPostgres

if __name__ == "__main__":
    for _ in range(2):
        with EmbeddedPostgres(Path(sys.argv[1])).running() as postgres:
            print("answered" if postgres.is_ready() else "silent")

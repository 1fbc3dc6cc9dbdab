"""Ids of our own making: UUIDv7, so that a row's place is known before its insert and rows sort by birth."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID


def new_id(now: datetime) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7) of the given moment."""
    milliseconds = int(now.timestamp() * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76  # version
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant
    return UUID(int=value)

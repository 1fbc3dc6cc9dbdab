"""Passwords, hashed with argon2id in a thread, a few at a time (64 MiB and 0.2 s each)."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15  # characters; without a rule of composition (NIST SP 800-63B)
LONGEST = 256  # characters; a bound on the work that a stranger can ask for
_AT_ONCE = 2


class Passwords:
    """Makes and checks hashes. An unknown operator costs as much time as a known one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to store."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one; False, after the same work, where none is stored."""
        async with self._turns:
            right = await asyncio.to_thread(self._verify, stored or self._nobodys, _bytes(password))
        return right and stored is not None

    def _verify(self, stored: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    return password[: LONGEST + 1].encode("utf-8", "surrogatepass")

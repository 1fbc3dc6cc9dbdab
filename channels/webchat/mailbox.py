"""What the web chat's page reads. The store keeps it; a page learns its own session's letters only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.values import Button


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message of a session, either way."""

    number: int  # rises within a session, from 1; what `after` counts
    text: str
    buttons: tuple[Button, ...] = ()
    from_person: bool = False  # the person's own words: drawn only when a living session's page is loaded again


class Mailbox(Protocol):
    """A session's letters. A session that never wrote anything is alive and has none."""

    async def letters(self, address: str, after: int) -> Sequence[Letter] | None:
        """Letters with a higher number, oldest first; None if the session is dead.

        Dead is: left, hidden, or without a word of the person for 15 minutes. It never comes back.
        """

    async def wait(self, address: str, after: int, seconds: float) -> None:
        """Return when there may be something new for this session, or after `seconds`; sooner is allowed."""

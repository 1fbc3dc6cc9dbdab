"""The risk ladder: which trigger is which level (`screening.md` §7).

A level rises by machine and falls by a human only (design §2.5). A trigger id is a letter and a number:
C critical, H high, M medium, L low. A family's report carries the same ids with the suffix `F`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import IntEnum


class Level(IntEnum):
    """How soon a human is needed; a larger number is sooner."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The level as the command line and the console print it."""
        return self.name.lower()


_LEVELS = {"C": Level.CRITICAL, "H": Level.HIGH, "M": Level.MEDIUM, "L": Level.LOW}
_COUNTS = {"C": 15, "H": 16, "M": 10, "L": 5}

TRIGGERS = frozenset(f"{letter}{n}" for letter, count in _COUNTS.items() for n in range(1, count + 1))
"""Every trigger id of `screening.md` §7, without the family suffix."""

TAKE_OVER_WITHIN = {
    Level.CRITICAL: timedelta(minutes=2),
    Level.HIGH: timedelta(minutes=15),
    Level.MEDIUM: timedelta(hours=4),
    Level.LOW: timedelta(hours=24),
}
"""How soon a human has to take a case of this level (`screening.md` §7; "2 min limit" for CRITICAL)."""


def level_of(trigger: str) -> Level:
    """The level that one trigger carries.

    Raises:
        ValueError: `trigger` is no id of the ladder.
    """
    if trigger.removesuffix("F") not in TRIGGERS:
        raise ValueError("not a trigger of the ladder")
    return _LEVELS[trigger[0]]


def highest(triggers: Iterable[str]) -> Level | None:
    """The highest level among the triggers, or None where there are none."""
    return max((level_of(t) for t in triggers), default=None)

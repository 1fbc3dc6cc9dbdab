"""What the signs of a conversation add up to, over messages and days. Pure; it only ever adds (design §2.5).

One message says "she is sixteen", another "the door is locked": together they are a held child. The memory is a
small table, kept encrypted with the conversation's state: sign → when it was last seen, at most five times.
A human lowers a case's level, and the signs that human has seen do not raise it again by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

DOCUMENTS = "documents"
"""The finer sign of M2 (ILO indicator: retention of identity documents) that makes H11 beside a threat."""

FORGOTTEN_AFTER = timedelta(days=30)
NEAR = timedelta(days=7)
_TIMES = 5  # sightings kept of one sign
_MANY = 3  # messages with a lesser sign, none of them enough alone

_HELD = frozenset({"H1", "H11", "C1", "C2", "C6", "C8", "C9", "C12", "C15", "H2", "H9"})
_THREAT = frozenset({"C1", "C12", "H2"})
_LESSER = frozenset({"M1", "M2", "M3", "M5", "M6"})
_MIND = frozenset({"M3", "H14"})

Table = Mapping[str, tuple[datetime, ...]]
"""Sign → when it was seen, oldest first."""


@dataclass(frozen=True, kw_only=True)
class _Together:
    """Signs of each group seen within `NEAR` of now make a trigger."""

    groups: tuple[frozenset[str], ...]
    trigger: str


_RULES = (
    _Together(groups=(frozenset({"H6"}), _HELD), trigger="C7"),  # under 18 and held
    _Together(groups=(frozenset({DOCUMENTS}), _THREAT), trigger="H11"),  # documents held and threats
    _Together(groups=(frozenset({"M3"}), _HELD), trigger="H14"),  # a passive wish to be dead while held
)


def read(saved: object) -> Table:
    """The table from a conversation's state; whatever cannot be read is left out, never raised."""
    if not isinstance(saved, dict):
        return {}
    found: dict[str, tuple[datetime, ...]] = {}
    for sign, times in saved.items():
        if isinstance(times, list) and (seen := tuple(filter(None, map(_moment, times)))):
            found[str(sign)] = seen
    return found


def written(table: Table) -> dict[str, list[str]]:
    """The table as the state keeps it."""
    return {sign: [moment.isoformat() for moment in times] for sign, times in table.items()}


def remember(table: Table, signs: Iterable[str], now: datetime) -> Table:
    """The table after a message with these signs; what is a month old is forgotten."""
    kept = {sign: tuple(t for t in times if now - t < FORGOTTEN_AFTER) for sign, times in table.items()}
    for sign in set(signs):
        kept[sign] = (*kept.get(sign, ()), now)[-_TIMES:]
    return {sign: times for sign, times in kept.items() if times}


def grown(table: Table, now: datetime) -> frozenset[str]:
    """The triggers that signs make together which none of them makes alone.

    Only where this message brought one of them (its time is `now`): what a human has seen and lowered stays lowered.
    """
    near = {sign: [t for t in times if now - t < NEAR] for sign, times in table.items()}
    seen = {sign for sign, times in near.items() if times}
    fresh = {sign for sign, times in near.items() if times and times[-1] == now}
    return frozenset(_grown(near, seen, fresh))


def _grown(near: Mapping[str, list[datetime]], seen: set[str], fresh: set[str]) -> Iterator[str]:
    for rule in _RULES:
        if all(group & seen for group in rule.groups) and any(group & fresh for group in rule.groups):
            yield rule.trigger
    if fresh & _MIND and len({moment.date() for sign in _MIND for moment in near.get(sign, ())}) > 1:
        yield "H14"  # the wish to be dead on two days is no mood of an evening
    if fresh & _LESSER and len({moment for sign in _LESSER for moment in near.get(sign, ())}) >= _MANY:
        yield "H16"  # not sure whether anyone is in danger: a human says


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None

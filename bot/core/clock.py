"""The only place that asks what time it is, so that a test can run an hour of time-outs at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What everything that needs the time is handed."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""


class SystemClock:
    """The machine's clock, corrected by the offset that the providers' `Date` headers show (design §3)."""

    def __init__(self) -> None:
        self._offset = timedelta()

    @property
    def offset(self) -> timedelta:
        """What is added to the machine's time; shown in `/readyz`."""
        return self._offset

    def correct(self, offset: timedelta) -> None:
        """Apply a measured offset (providers' time minus ours)."""
        self._offset = offset

    def now(self) -> datetime:
        """The corrected time, aware, in UTC."""
        return datetime.now(UTC) + self._offset


class FakeClock:
    """A clock that moves only when told."""

    def __init__(self, start: datetime) -> None:
        self._now = aware(start)

    def now(self) -> datetime:
        """The time it was last set to."""
        return self._now

    def advance(self, **by: float) -> None:
        """Move on; keyword arguments are those of `timedelta`."""
        self._now += timedelta(**by)


def aware(moment: datetime) -> datetime:
    """Return `moment` in UTC; refuse a naive one, which could be any zone's hour.

    Raises:
        ValueError: `moment` carries no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone was given")
    return moment.astimezone(UTC)

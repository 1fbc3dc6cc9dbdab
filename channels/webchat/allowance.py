"""How fast one session may write: enough for anybody in a hurry, too slow for a flood from one page."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from bot.core.clock import Clock

BURST = 10
PER_SECOND = 0.5
_MOST_SESSIONS = 10_000  # remembered at once; some 2 MB


class Allowance:
    """A bucket of messages for each session, in this process. The page sends a refused message again."""

    def __init__(self, clock: Clock, *, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._clock = clock
        self._burst = burst
        self._rate = per_second
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, session: str) -> float:
        """Seconds to wait before the next message; 0 when this one may pass."""
        now = self._clock.now()
        left, then = self._left.pop(session, (self._burst, now))
        left = min(self._burst, left + max(0.0, (now - then).total_seconds()) * self._rate)
        passes = left >= 1
        self._left[session] = (left - 1 if passes else left, now)
        if len(self._left) > _MOST_SESSIONS:
            self._left.popitem(last=False)
        return 0.0 if passes else (1 - left) / self._rate

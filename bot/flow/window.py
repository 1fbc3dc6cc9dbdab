"""The live window: never late, never first (design §2.7, §3). Pure; the time is passed in."""

from __future__ import annotations

from datetime import datetime, timedelta

LIVE_WINDOW = timedelta(minutes=15)
"""Default time after the provider's time of the person's last message in which anything may be said."""

SAFE_HOUR = timedelta(hours=1)
"""The safe window that a person opens with "they may write here in the next hour" (screening.md §3.12)."""


def not_after(provider_at: datetime, live_window: timedelta) -> datetime:
    """Until when a row that answers a message of `provider_at` may leave. Fixed when the row is made."""
    return provider_at + live_window


def is_late(provider_at: datetime, now: datetime, live_window: timedelta) -> bool:
    """Whether a message is outside the window when its turn runs: it gets its alarm and nothing else."""
    return now >= not_after(provider_at, live_window)


def may_leave(row_not_after: datetime, now: datetime, call_limit: timedelta) -> bool:
    """Whether a row may still be handed to a provider, with the call's own time limit kept free."""
    return row_not_after - call_limit > now


def operator_until(live_until: datetime | None, window_until: datetime | None, now: datetime) -> datetime | None:
    """Until when a human's words may go out: the later of the live and the safe window; None = neither is open."""
    open_ones = [until for until in (live_until, window_until) if until is not None and until > now]
    return max(open_ones, default=None)

"""The queue as screens and `hotline cases` show it: no text, no name, no address (design §6, §9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ladder import Level


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One open case, or a closed one looked up by its id."""

    id: UUID
    conversation_id: UUID
    level: Level
    triggers: tuple[str, ...]
    state: str  # "waiting", "held" or "closed"
    holder_id: UUID | None
    holder: str | None  # the holder's alias
    outcome: str | None
    channel: str
    language: str | None
    view: str  # "open", "low_trace" or "hidden"
    mode: str  # the answer to G1: "trapped", "out", "detained", "family", "job_offer", "facts"; or "unknown"
    opened_at: datetime
    raised_at: datetime
    due_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None
    live_until: datetime | None
    window_until: datetime | None
    last_inbound_at: datetime | None

    def speakable_until(self) -> datetime | None:
        """The end of the live window or of the safe window, whichever is later."""
        return max((t for t in (self.live_until, self.window_until) if t is not None), default=None)

    def is_live(self, now: datetime) -> bool:
        """Whether something may still be written to the person."""
        until = self.speakable_until()
        return until is not None and until > now

    def waiting_seconds(self, now: datetime) -> int:
        """How long the person has waited for a human, in whole seconds."""
        end = self.claimed_at or self.closed_at or now
        return max(0, int((end - self.opened_at).total_seconds()))

    def is_overdue(self, now: datetime) -> bool:
        """Whether nobody took it in time."""
        return self.state == "waiting" and self.due_at <= now


_SELECT = """
    SELECT f.id, f.conversation_id, f.level, f.triggers, f.state, f.holder_id, o.name AS holder, f.outcome,
        t.channel, v.language, v.view, COALESCE(m.mode, 'unknown') AS mode, f.opened_at, f.raised_at,
        f.due_at, f.claimed_at, f.closed_at, v.live_until, v.window_until, v.last_inbound_at
    FROM case_file f
    JOIN conversation v ON v.id = f.conversation_id
    JOIN contact t ON t.id = v.contact_id
    LEFT JOIN operator o ON o.id = f.holder_id
    LEFT JOIN LATERAL (
        SELECT e.detail ->> 'mode' AS mode FROM case_event e
        WHERE e.case_id = f.id AND e.kind = 'mode' ORDER BY e.id DESC LIMIT 1
    ) m ON true
"""

# The order of design §9 inside a level: live now, trapped, nearest deadline, waiting time.
_OPEN = text(
    _SELECT
    + """
    WHERE f.state <> 'closed'
    ORDER BY f.level DESC, COALESCE(greatest(v.live_until, v.window_until) > :now, false) DESC,
        COALESCE(m.mode = 'trapped', false) DESC, f.due_at, f.opened_at, f.id
    """
)
_ONE = text(_SELECT + " WHERE f.id = :id")


async def waiting_and_held(c: AsyncConnection, now: datetime) -> list[QueueRow]:
    """Every open case, the most urgent first."""
    return [_row(row) for row in (await c.execute(_OPEN, {"now": now})).mappings()]


async def one(c: AsyncConnection, case_id: UUID) -> QueueRow | None:
    """One case by its id, open or closed."""
    row = (await c.execute(_ONE, {"id": case_id})).mappings().one_or_none()
    return _row(row) if row else None


def _row(row: object) -> QueueRow:
    values = dict(row)  # type: ignore[call-overload]  # a RowMapping
    return QueueRow(**{**values, "level": Level(values["level"]), "triggers": tuple(values["triggers"])})


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened on a case; ids and enumerated words only."""

    at: datetime
    kind: str
    operator: str | None  # alias
    triggers: tuple[str, ...]


_EVENTS = text(
    """
    SELECT e.at, e.kind, o.name AS operator, e.detail -> 'triggers' AS triggers
    FROM case_event e LEFT JOIN operator o ON o.id = e.operator_id
    WHERE e.case_id = :id AND e.kind <> 'mode' ORDER BY e.id DESC LIMIT 50
    """
)


async def events(c: AsyncConnection, case_id: UUID) -> list[Event]:
    """The newest 50 events of a case, newest first."""
    rows = (await c.execute(_EVENTS, {"id": case_id})).all()
    return [Event(at=r.at, kind=r.kind, operator=r.operator, triggers=tuple(r.triggers or ())) for r in rows]


_SILENT = text(
    """
    SELECT f.id, f.conversation_id, f.holder_id FROM case_file f JOIN operator o ON o.id = f.holder_id
    WHERE f.state = 'held' AND f.claimed_at < :since
        AND (NOT o.active OR o.seen_at IS NULL OR o.seen_at < :since)
    """
)


@dataclass(frozen=True, kw_only=True)
class SilentHold:
    """A held case whose holder's screen went silent."""

    case_id: UUID
    conversation_id: UUID
    holder_id: UUID


async def held_by_silent(c: AsyncConnection, since: datetime) -> list[SilentHold]:
    """Held cases whose holder's screen has not answered since `since`."""
    rows = (await c.execute(_SILENT, {"since": since})).all()
    return [SilentHold(case_id=r.id, conversation_id=r.conversation_id, holder_id=r.holder_id) for r in rows]

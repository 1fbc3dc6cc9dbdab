"""Cases: one open case a conversation, judged by an index; its level only rises (design §2.5, §9).

Whoever opens, claims, releases or closes holds the conversation's row lock first: conversation, case,
outbound, everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.ids import new_id
from bot.core.ladder import TAKE_OVER_WITHIN, Level, highest
from bot.store.schema import case

_WORD = re.compile(r"[a-z][a-z_]{0,39}")
"""An enumerated word. Kinds are not a closed list: a turn must not fail because a flow has a new one."""

OUTCOMES = ("contact_made", "no_contact", "handed_over", "not_danger", "unknown")
"""How a case may be closed (`screening.md` §8.1.8)."""

_UPSERT = text(
    """
    INSERT INTO case_file (id, conversation_id, level, triggers, state, opened_at, raised_at, due_at)
    VALUES (:id, :conversation, :level, :triggers, 'waiting', :now, :now, :due)
    ON CONFLICT (conversation_id) WHERE state <> 'closed' DO UPDATE SET
        triggers = ARRAY(
            SELECT DISTINCT t FROM unnest(case_file.triggers || excluded.triggers) AS t ORDER BY t),
        level = greatest(case_file.level, excluded.level),
        raised_at = CASE WHEN excluded.level > case_file.level THEN excluded.raised_at
            ELSE case_file.raised_at END,
        due_at = CASE WHEN excluded.level > case_file.level THEN least(case_file.due_at, excluded.due_at)
            ELSE case_file.due_at END
    RETURNING id, level, state, holder_id
    """
)
_NOTE = text(
    """
    INSERT INTO case_event (case_id, at, kind, operator_id, inbound_id, detail)
    SELECT id, CAST(:now AS timestamptz), :kind, CAST(:operator AS uuid), CAST(:inbound AS uuid),
        CAST(:detail AS jsonb)
    FROM case_file
    WHERE id = CAST(:case AS uuid) OR (conversation_id = CAST(:conversation AS uuid) AND state <> 'closed')
    """
)
_MODE = text(
    "SELECT detail ->> 'mode' FROM case_event WHERE case_id = :case AND kind = 'mode' ORDER BY id DESC LIMIT 1"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case as stored."""

    id: UUID
    conversation_id: UUID
    level: Level
    triggers: tuple[str, ...]
    state: str  # "waiting", "held" or "closed"
    holder_id: UUID | None
    outcome: str | None
    opened_at: datetime
    raised_at: datetime
    due_at: datetime  # a human has to have taken it by then
    claimed_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseChange:
    """What raising an alarm did."""

    case_id: UUID
    opened: bool  # there was no open case
    raised: bool  # the level went up
    added: frozenset[str]  # triggers that were not there before
    level: Level
    state: str  # "waiting" or "held"
    holder_id: UUID | None


async def open_or_raise(
    c: AsyncConnection,
    *,
    conversation_id: UUID,
    triggers: Collection[str],
    now: datetime,
    inbound_id: UUID | None = None,
    family: bool = False,
    mode: str | None = None,
    surely_new: bool = False,
) -> CaseChange:
    """Open the conversation's case, or add the triggers to the open one; the level only rises.

    `due_at` is set on opening and moved forward, never back, on a rise. With `family` the triggers carry `F`.
    `surely_new`: the caller holds the conversation's lock and has read that no case is open.

    Raises:
        ValueError: no trigger, one that the ladder does not know, or a mode that is no enumerated word.
    """
    named = frozenset(f"{t.removesuffix('F')}F" if family else t for t in triggers)
    level = highest(named)
    if level is None:
        raise ValueError("a case needs a trigger")
    before = None if surely_new else await open_case_of(c, conversation_id, lock=True)
    new = new_id(now)
    values = {"id": new, "conversation": conversation_id, "level": int(level), "triggers": sorted(named)}
    due = now + TAKE_OVER_WITHIN[level]
    row = (await c.execute(_UPSERT, {**values, "now": now, "due": due})).mappings().one()
    opened = row["id"] == new
    change = CaseChange(
        case_id=row["id"],
        opened=opened,
        raised=not opened and (before is None or level > before.level),
        added=named - frozenset(before.triggers if before else ()),
        level=Level(row["level"]),
        state=row["state"],
        holder_id=row["holder_id"],
    )
    await _tell(c, change, now, inbound_id)
    if mode is not None:
        await set_mode(c, change.case_id, mode, now)
    return change


async def _tell(c: AsyncConnection, change: CaseChange, now: datetime, inbound_id: UUID | None) -> None:
    if not (change.opened or change.added):
        return
    kind = "opened" if change.opened else "raised" if change.raised else "trigger"
    detail = {"triggers": sorted(change.added), "level": change.level.word}
    await note(c, case_id=change.case_id, kind=kind, now=now, inbound_id=inbound_id, detail=detail)


async def note(
    c: AsyncConnection,
    *,
    kind: str,
    now: datetime,
    case_id: UUID | None = None,
    conversation_id: UUID | None = None,
    inbound_id: UUID | None = None,
    operator_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> bool:
    """Write an event on a case, or on the open case of a conversation; False where there is no open case.

    `detail` holds ids and enumerated words, never what a person wrote.

    Raises:
        ValueError: `kind` is no enumerated word.
    """
    if not _WORD.fullmatch(kind):
        raise ValueError("not a kind of case event")
    values: dict[str, Any] = {"case": case_id, "conversation": conversation_id, "operator": operator_id}
    values |= {"inbound": inbound_id, "now": now, "kind": kind, "detail": json.dumps(dict(detail or {}))}
    return bool((await c.execute(_NOTE, values)).rowcount)


async def set_mode(c: AsyncConnection, case_id: UUID, mode: str, now: datetime) -> None:
    """Remember on the case what the person said about where they are (G1: "trapped", "out", …).

    Raises:
        ValueError: `mode` is no enumerated word.
    """
    if not _WORD.fullmatch(mode):
        raise ValueError("not a mode")
    if (await c.execute(_MODE, {"case": case_id})).scalar_one_or_none() != mode:
        await note(c, case_id=case_id, kind="mode", now=now, detail={"mode": mode})


async def open_case_of(c: AsyncConnection, conversation_id: UUID, *, lock: bool = False) -> Case | None:
    """The open case of a conversation; with `lock` its row is locked until the transaction ends."""
    statement = select(case).where(_open(conversation_id))
    row = (await c.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return _case(row) if row else None


async def get(c: AsyncConnection, case_id: UUID) -> Case | None:
    """One case, open or closed."""
    row = (await c.execute(select(case).where(case.c.id == case_id))).mappings().one_or_none()
    return _case(row) if row else None


async def closed_since(c: AsyncConnection, conversation_id: UUID, since: datetime) -> bool:
    """Whether a case of the conversation was closed at or after `since` (72 h rule, `screening.md` §3.15)."""
    recent = select(case.c.id).where(case.c.conversation_id == conversation_id, case.c.closed_at >= since)
    return (await c.execute(recent.limit(1))).first() is not None


async def claim(c: AsyncConnection, case_id: UUID, operator_id: UUID, now: datetime) -> bool:
    """Waiting → held, for one operator; False where somebody was first."""
    to = {"state": "held", "holder_id": operator_id, "claimed_at": now}
    return await _move(c, and_(case.c.id == case_id, case.c.state == "waiting"), to)


async def release(c: AsyncConnection, case_id: UUID, operator_id: UUID, now: datetime) -> bool:
    """Held by this operator → waiting, with a new deadline of its level."""
    found = await get(c, case_id)
    if found is None:
        return False
    due = now + TAKE_OVER_WITHIN[found.level]
    to = {"state": "waiting", "holder_id": None, "claimed_at": None, "due_at": due}
    return await _move(c, _held_by(case_id, operator_id), to)


async def close(c: AsyncConnection, case_id: UUID, operator_id: UUID, outcome: str, now: datetime) -> bool:
    """Held by this operator → closed, with one of `OUTCOMES`.

    Raises:
        ValueError: another outcome.
    """
    if outcome not in OUTCOMES:
        raise ValueError("not an outcome")
    to = {"state": "closed", "outcome": outcome, "closed_at": now}
    return await _move(c, _held_by(case_id, operator_id), to)


async def _move(c: AsyncConnection, which: ColumnElement[bool], to: Mapping[str, Any]) -> bool:
    return bool((await c.execute(update(case).where(which).values(**to))).rowcount)


def _held_by(case_id: UUID, operator_id: UUID) -> ColumnElement[bool]:
    return and_(case.c.id == case_id, case.c.state == "held", case.c.holder_id == operator_id)


def _open(conversation_id: UUID) -> ColumnElement[bool]:
    return and_(case.c.conversation_id == conversation_id, case.c.state != "closed")


def _case(row: RowMapping) -> Case:
    return Case(**{**row, "level": Level(row["level"]), "triggers": tuple(row["triggers"])})

"""What templates show of a case and of its messages: finished words, no decisions left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.core.catalogue import MASTER, Catalogue
from bot.core.errors import NotApproved
from bot.store.history import Line
from bot.store.queue_rows import Event, QueueRow
from escalation.console import words

_APART = timedelta(minutes=1)  # below, one time is enough


@dataclass(frozen=True, kw_only=True)
class RowShown:
    """One case in the queue, or at the head of its page."""

    id: UUID
    conversation_id: UUID
    who: str
    level: str  # "critical", …
    triggers: tuple[tuple[str, str], ...]  # id, plain words
    channel: str
    language: str
    view: str
    view_name: str
    view_means: str
    mode: str
    state: str
    holder: str | None
    outcome: str | None
    waiting: str
    overdue: bool
    live: bool
    live_words: str
    opened: datetime


def row_shown(row: QueueRow, now: datetime, catalogue: Catalogue) -> RowShown:
    """A case in words."""
    name, means = words.VIEWS[row.view]
    return RowShown(
        id=row.id,
        conversation_id=row.conversation_id,
        who=words.pseudonym(row.conversation_id),
        level=row.level.word,
        triggers=tuple((t, words.trigger(t)) for t in row.triggers),
        channel={"telegram": "Telegram", "webchat": "Web chat"}.get(row.channel, row.channel),
        language=language_name(row.language, catalogue),
        view=row.view,
        view_name=name,
        view_means=means,
        mode=words.MODES.get(row.mode, row.mode),
        state=row.state,
        holder=row.holder,
        outcome=words.OUTCOMES.get(row.outcome or ""),
        waiting=words.span(row.waiting_seconds(now)),
        overdue=row.is_overdue(now),
        live=row.is_live(now),
        live_words=_live_words(row, now),
        opened=row.opened_at,
    )


def row_json(row: QueueRow, now: datetime) -> dict[str, Any]:
    """A case as `hotline cases --json` and `/api/cases` give it: no text."""
    return {
        "id": str(row.id),
        "level": row.level.word,
        "triggers": list(row.triggers),
        "channel": row.channel,
        "language": row.language,
        "mode": row.mode,
        "view": row.view,
        "waiting_seconds": row.waiting_seconds(now),
        "state": row.state,
        "holder": row.holder,
    }


def _live_words(row: QueueRow, now: datetime) -> str:
    until = row.speakable_until()
    if row.is_live(now) and until is not None:
        return f"Live: you can write for {words.span((until - now).total_seconds())} more"
    if row.last_inbound_at is None:
        return "Not live: nothing can be sent"
    return f"Gone for {words.span((now - row.last_inbound_at).total_seconds())}: nothing can be sent"


def language_name(code: str | None, catalogue: Catalogue) -> str:
    """A language by its own name and its code."""
    if code is None:
        return "language not known"
    key = f"lang.{code}"
    return f"{catalogue.text(key, MASTER)} ({code})" if catalogue.has(key) else code


@dataclass(frozen=True, kw_only=True)
class LineShown:
    """One message on the screen."""

    id: UUID
    author: str  # "person", "bot" or "operator"
    who: str
    text: str
    lang: str | None
    at: datetime
    arrived: datetime | None  # where it reached us much later than it was written
    note: str  # what kind of thing it is, if not plain text
    mark: str  # how its sending stands
    mark_kind: str  # "ok", "wait" or "bad"
    why: str  # an operator's sentence on what went wrong
    english: str
    choices: tuple[str, ...]
    draft: bool

    def __repr__(self) -> str:
        return f"LineShown({self.id})"


_BAD = frozenset({"in_doubt", "expired", "dead", "draft"})
_OK = frozenset({"sent", "delivered"})


def line_shown(line: Line, language: str | None, who: str, catalogue: Catalogue) -> LineShown:
    """A message in words."""
    out = line.direction == "out"
    deletion = out and line.kind == "delete"
    return LineShown(
        id=line.id,
        author=line.author,
        who={"person": who, "bot": "Bot", "operator": "Operator"}[line.author],
        text="The messages on the person's phone are being cleared." if deletion else line.text,
        lang=None if deletion else language,
        at=line.at,
        arrived=line.received_at if line.late or abs(line.received_at - line.at) > _APART else None,
        note="" if out else _kind_note(line),
        mark=words.SENDING.get(line.state, line.state) if out else "",
        mark_kind="bad" if line.state in _BAD else "ok" if line.state in _OK else "wait",
        why=_why(line, catalogue) if out else "",
        english=_english(line, language, catalogue),
        choices=tuple(label for label, _ in line.buttons),
        draft=out and line.state == "draft",
    )


def _kind_note(line: Line) -> str:
    if line.state == "set_aside":
        return "could not be handled"
    if line.state == "stored":
        return "being read"
    return words.KINDS.get(line.kind, "")


def _why(line: Line, catalogue: Catalogue) -> str:
    parts = [catalogue.text(line.error, MASTER)] if line.error and catalogue.has(line.error) else []
    if line.maybe_twice:
        parts.append("It may have arrived twice.")
    if line.state == "in_doubt" and not parts:
        parts.append(catalogue.text("operator.maybe_sent", MASTER))
    return " ".join(parts)


def _english(line: Line, language: str | None, catalogue: Catalogue) -> str:
    """The English of approved texts, where the person reads another language."""
    if not line.keys or language in {None, MASTER}:
        return ""
    try:
        return "\n".join(catalogue.text(key, MASTER) for key in line.keys if catalogue.has(key))
    except NotApproved:  # a placeholder whose value is in the message itself
        return ""


def events_shown(events: tuple[Event, ...]) -> list[tuple[datetime, str]]:
    """What happened on a case, newest first."""
    return [(e.at, _event_words(e)) for e in events]


def _event_words(event: Event) -> str:
    what = words.EVENTS.get(event.kind, event.kind.replace("_", " "))
    by = f" by {event.operator}" if event.operator and event.kind != "returned" else ""
    why = f": {', '.join(event.triggers)}" if event.triggers else ""
    return f"{what}{by}{why}"


def phrases(language: str | None, view: str, catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """The phrasebook: key, wording for the person, English."""
    spoken = language if catalogue.speaks(language) else MASTER
    quiet = view != "open"
    named = [k for k in catalogue.every_key() if k.startswith("pb.")]
    allowed = [k for k in named if not k.endswith((".caution", ".quiet"))]
    allowed = [k for k in allowed if not quiet or catalogue.may_stand_quiet(k)]
    return [(key, catalogue.text(key, spoken or MASTER, quiet=quiet), catalogue.text(key, MASTER)) for key in allowed]

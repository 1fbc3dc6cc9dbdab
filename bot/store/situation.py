"""What a turn has to know about case and cover, in one read (each round trip is a person waiting)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.operators import IN_COVER

_READ = text(
    f"""
    SELECT
        EXISTS (SELECT FROM case_file WHERE conversation_id = :conversation AND state <> 'closed') AS case_open,
        EXISTS (SELECT FROM case_file WHERE conversation_id = :conversation AND closed_at >= :since) AS closed_since,
        ARRAY(SELECT array_to_string(o.languages, ',') FROM operator o
            WHERE {IN_COVER}) AS languages
    """
)


@dataclass(frozen=True, kw_only=True)
class CaseAndCover:
    """Whether a case is open, whether one was closed lately, and the languages of each person in the cover."""

    case_open: bool
    closed_since: bool
    languages: tuple[frozenset[str], ...]


async def read(c: AsyncConnection, conversation_id: UUID, *, since: datetime, seen_since: datetime) -> CaseAndCover:
    """Read it in the caller's transaction: what is said about humans is true in this commit (design §2.9)."""
    values = {"conversation": conversation_id, "since": since, "seen_since": seen_since}
    row = (await c.execute(_READ, values)).one()
    languages = tuple(frozenset(filter(None, spoken.split(","))) for spoken in row.languages)
    return CaseAndCover(case_open=row.case_open, closed_since=row.closed_since, languages=languages)

"""Operators, their sessions and their attempts to sign in. An operator is an alias; no real name is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

ROLES = ("operator", "supervisor", "admin")


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One person who works here."""

    id: UUID
    name: str  # an alias
    role: str  # one of `ROLES`
    languages: tuple[str, ...]
    active: bool
    on_shift: bool
    seen_at: datetime | None  # when their screen last answered
    has_password: bool


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What signing in is judged by."""

    operator: Operator
    password_hash: str | None
    totp_sealed: bytes | None
    last_timecode: int

    def __repr__(self) -> str:
        return f"Secrets({self.operator.id})"


@dataclass(frozen=True, kw_only=True)
class Session:
    """A signed-in screen."""

    operator: Operator
    created_at: datetime
    used_at: datetime


_COLUMNS = """o.id, o.name, o.role, o.languages, o.active, o.on_shift, o.seen_at,
    o.password_hash IS NOT NULL AS has_password"""
_SECRETS = f"SELECT {_COLUMNS}, o.password_hash, o.totp_sealed, o.last_timecode FROM operator o "
_ADD = text(
    """
    INSERT INTO operator (id, name, role, languages, setup_hmac, setup_until, created_at)
    VALUES (:id, :name, :role, :languages, :setup_hmac, :setup_until, :now) ON CONFLICT (name) DO NOTHING
    """
)


async def add(
    c: AsyncConnection,
    *,
    operator_id: UUID,
    name: str,
    role: str,
    languages: Sequence[str],
    setup_hmac: bytes,
    setup_until: datetime,
    now: datetime,
) -> bool:
    """A new operator without a password; False where the alias is taken."""
    values = {"id": operator_id, "name": name, "role": role, "languages": list(languages), "now": now}
    values |= {"setup_hmac": setup_hmac, "setup_until": setup_until}
    return (await c.execute(_ADD, values)).rowcount == 1


async def everyone(c: AsyncConnection) -> list[Operator]:
    """All operators by alias, disabled ones too."""
    rows = await c.execute(text(f"SELECT {_COLUMNS} FROM operator o ORDER BY o.name"))
    return [_operator(row) for row in rows.mappings()]


async def by_name(c: AsyncConnection, name: str) -> Secrets | None:
    """The secrets of an alias."""
    row = (await c.execute(text(_SECRETS + "WHERE o.name = :name"), {"name": name})).mappings().one_or_none()
    return _secrets(row) if row else None


_LIVE_LINK = "WHERE o.setup_hmac = :hmac AND o.setup_until > :now AND o.active"


async def by_setup(c: AsyncConnection, setup_hmac: bytes, now: datetime) -> Secrets | None:
    """Whose set-up link this is, if it was not used and has not run out; its row stays locked."""
    found = await c.execute(text(f"{_SECRETS} {_LIVE_LINK} FOR UPDATE"), {"hmac": setup_hmac, "now": now})
    row = found.mappings().one_or_none()
    return _secrets(row) if row else None


async def set_totp(c: AsyncConnection, operator_id: UUID, totp_sealed: bytes) -> None:
    """Keep the secret that the set-up page shows."""
    statement = text("UPDATE operator SET totp_sealed = :totp WHERE id = :id")
    await c.execute(statement, {"id": operator_id, "totp": totp_sealed})


_FINISH = text(
    """
    UPDATE operator SET password_hash = :password_hash, last_timecode = :timecode, setup_hmac = NULL,
        setup_until = NULL
    WHERE setup_hmac = :hmac AND setup_until > :now AND active
    """
)


async def finish_setup(
    c: AsyncConnection, setup_hmac: bytes, *, password_hash: str, timecode: int, now: datetime
) -> bool:
    """Use the link up; False where it was used or has run out."""
    values = {"hmac": setup_hmac, "password_hash": password_hash, "timecode": timecode, "now": now}
    return (await c.execute(_FINISH, values)).rowcount == 1


async def accept_timecode(c: AsyncConnection, operator_id: UUID, timecode: int) -> bool:
    """Use a one-time code up; False where it, or a later one, was used before."""
    statement = text("UPDATE operator SET last_timecode = :code WHERE id = :id AND last_timecode < :code")
    return (await c.execute(statement, {"id": operator_id, "code": timecode})).rowcount == 1


async def disable(c: AsyncConnection, operator_id: UUID) -> bool:
    """Shut an operator out: no shift, no session, no link. False where there is none."""
    statement = text(
        "UPDATE operator SET active = false, on_shift = false, seen_at = NULL, setup_hmac = NULL WHERE id = :id"
    )
    await end_sessions(c, operator_id)
    return (await c.execute(statement, {"id": operator_id})).rowcount == 1


async def set_shift(c: AsyncConnection, operator_id: UUID, *, on: bool) -> None:
    """Turn the on-shift switch; only the active can be on shift."""
    statement = text("UPDATE operator SET on_shift = :on AND active WHERE id = :id")
    await c.execute(statement, {"id": operator_id, "on": on})


async def saw(c: AsyncConnection, operator_id: UUID, now: datetime | None) -> None:
    """The operator's screen answered at `now`; None: it is gone."""
    await c.execute(text("UPDATE operator SET seen_at = :now WHERE id = :id"), {"id": operator_id, "now": now})


IN_COVER = """(o.active AND o.on_shift AND o.seen_at > :seen_since AND o.role <> 'admin'
    AND NOT EXISTS (SELECT FROM page p WHERE p.operator_id = o.id AND p.state = 'failed'))"""
"""Whether operator `o` is in the cover: the one rule by which somebody is called, paged, and said to be there."""

_COVER = text(f"SELECT o.id, o.languages FROM operator o WHERE {IN_COVER} ORDER BY o.id")


async def in_cover(c: AsyncConnection, seen_since: datetime) -> list[tuple[UUID, frozenset[str]]]:
    """Who is on shift with a screen that answered since `seen_since` and no failed page; id and languages."""
    rows = (await c.execute(_COVER, {"seen_since": seen_since})).all()
    return [(row.id, frozenset(row.languages)) for row in rows]


async def add_session(c: AsyncConnection, token_hmac: bytes, operator_id: UUID, now: datetime) -> None:
    """A new session; only the keyed hash of its token is kept."""
    statement = text("INSERT INTO operator_session VALUES (:token, :operator, :now, :now)")
    await c.execute(statement, {"token": token_hmac, "operator": operator_id, "now": now})


_SESSION = text(
    f"""
    SELECT {_COLUMNS}, s.created_at, s.used_at FROM operator_session s JOIN operator o ON o.id = s.operator_id
    WHERE s.token_hmac = :token AND o.active AND s.used_at > :used_since AND s.created_at > :made_since
    """
)


async def session(
    c: AsyncConnection, token_hmac: bytes, *, used_since: datetime, made_since: datetime
) -> Session | None:
    """The session of a token, if it is neither idle nor too old and its operator is active."""
    values = {"token": token_hmac, "used_since": used_since, "made_since": made_since}
    row = (await c.execute(_SESSION, values)).mappings().one_or_none()
    if row is None:
        return None
    return Session(operator=_operator(row), created_at=row["created_at"], used_at=row["used_at"])


async def touch_session(c: AsyncConnection, token_hmac: bytes, now: datetime) -> None:
    """A human did something."""
    statement = text("UPDATE operator_session SET used_at = :now WHERE token_hmac = :token")
    await c.execute(statement, {"token": token_hmac, "now": now})


async def end_session(c: AsyncConnection, token_hmac: bytes) -> None:
    """Sign one screen out."""
    await c.execute(text("DELETE FROM operator_session WHERE token_hmac = :token"), {"token": token_hmac})


async def end_sessions(c: AsyncConnection, operator_id: UUID) -> None:
    """Sign every screen of an operator out."""
    await c.execute(text("DELETE FROM operator_session WHERE operator_id = :id"), {"id": operator_id})


# A bucket refills whole tokens at a time, so that `tokens` stays an integer; `filled_at` keeps the rest.
_TAKE = text(
    """
    INSERT INTO bucket AS b (name, tokens, filled_at) VALUES (:name, :size - 1, :now)
    ON CONFLICT (name) DO UPDATE SET
        tokens = least(:size, b.tokens + floor(extract(epoch FROM :now - b.filled_at) / :each)::int) - 1,
        filled_at = b.filled_at + floor(extract(epoch FROM :now - b.filled_at) / :each) * :step
    WHERE least(:size, b.tokens + floor(extract(epoch FROM :now - b.filled_at) / :each)::int) > 0
    """
)


async def take_attempt(c: AsyncConnection, name: str, *, size: int, refill: timedelta, now: datetime) -> bool:
    """Take one of `size` tokens of a bucket that gains one each `refill`; False where it is empty."""
    values = {"name": name, "size": size, "now": now, "each": refill.total_seconds(), "step": refill}
    return (await c.execute(_TAKE, values)).rowcount == 1


async def refill_attempts(c: AsyncConnection, name: str) -> None:
    """Fill a bucket up: the right person came."""
    await c.execute(text("DELETE FROM bucket WHERE name = :name"), {"name": name})


def _operator(row: RowMapping) -> Operator:
    names = Operator.__dataclass_fields__
    return Operator(**{**{name: row[name] for name in names}, "languages": tuple(row["languages"])})


def _secrets(row: RowMapping) -> Secrets:
    return Secrets(
        operator=_operator(row),
        password_hash=row["password_hash"],
        totp_sealed=row["totp_sealed"],
        last_timecode=row["last_timecode"],
    )

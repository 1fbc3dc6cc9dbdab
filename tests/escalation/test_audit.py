"""The audit shows an edited, a removed and a reordered row, and our own role can do none of it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from bot.core.clock import FakeClock
from bot.store import audit
from bot.store.session import Store, owner_engine_for


async def test_an_honest_chain_is_whole(store: Store, clock: FakeClock) -> None:
    """Rows written at once by many follow each other in one line."""
    await _write(store, clock, 12)

    assert await _verified(store) is None


@pytest.mark.parametrize(
    ("crime", "found"),
    [
        ("UPDATE audit SET action = 'case.viewed' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + interval '1 second' WHERE id = 3", 3),
        ("UPDATE audit SET operator_id = gen_random_uuid() WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
    ],
)
async def test_a_change_of_the_past_is_found(
    store: Store, clock: FakeClock, database_url: str, crime: str, found: int
) -> None:
    """Done with the owner's rights, since ours do not reach so far (C23)."""
    await _write(store, clock, 5)
    engine = owner_engine_for(database_url)
    async with engine.begin() as c:
        await c.execute(text(crime))
    await engine.dispose()

    assert await _verified(store) == found


@pytest.mark.parametrize("crime", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_hotlines_role_may_only_add(store: Store, clock: FakeClock, crime: str) -> None:
    """PostgreSQL itself refuses."""
    await _write(store, clock, 1)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with store.transaction() as c:
            await c.execute(text(crime))


async def _write(store: Store, clock: FakeClock, count: int) -> None:
    async def one(n: int) -> None:
        async with store.transaction() as c:
            await audit.record(c, operator_id=None, action="test", subject=str(n), now=clock.now())

    await asyncio.gather(*(one(n) for n in range(count)))


async def _verified(store: Store) -> int | None:
    async with store.transaction() as c:
        return await audit.verify(c)

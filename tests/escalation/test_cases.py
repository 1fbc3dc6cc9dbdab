"""One open case a conversation; its level rises by machine and falls nowhere."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.clock import FakeClock
from bot.core.ladder import Level
from bot.store import cases, queue_rows
from bot.store.cases import CaseChange
from bot.store.session import Store
from tests.escalation.seeds import Seeds


async def test_the_level_rises_and_never_falls(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """Given a HIGH case, C1 makes it CRITICAL with an earlier deadline; M8 afterwards changes neither."""
    talk = await seeds.person()
    case_id = await seeds.alarm(talk, "H2")
    opened = await _case(store, case_id)

    clock.advance(minutes=1)
    await seeds.alarm(talk, "C1")
    raised = await _case(store, case_id)
    clock.advance(minutes=1)
    await seeds.alarm(talk, "M8")
    last = await _case(store, case_id)

    assert (opened.level, raised.level, last.level) == (Level.HIGH, Level.CRITICAL, Level.CRITICAL)
    assert raised.due_at == raised.raised_at + timedelta(minutes=2) < opened.due_at
    assert last.due_at == raised.due_at
    assert last.triggers == ("C1", "H2", "M8")


async def test_a_deadline_is_never_moved_back(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """A rise late in a case's time keeps the nearer of the two deadlines."""
    talk = await seeds.person()
    case_id = await seeds.alarm(talk, "H2")
    before = (await _case(store, case_id)).due_at
    clock.advance(minutes=14)

    await seeds.alarm(talk, "C1")

    assert (await _case(store, case_id)).due_at == before


async def test_two_alarms_at_once_open_one_case(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """The index judges: eight alarms of one conversation at once leave one open case with every trigger."""
    talk = await seeds.person()
    triggers = [f"C{n}" for n in range(1, 9)]

    async def raise_it(trigger: str) -> CaseChange:
        async with store.transaction() as c:
            return await cases.open_or_raise(c, conversation_id=talk, triggers={trigger}, now=clock.now())

    changes = await asyncio.gather(*(raise_it(t) for t in triggers))

    assert len({change.case_id for change in changes}) == 1
    assert sum(change.opened for change in changes) == 1
    found = await _case(store, changes[0].case_id)
    assert set(found.triggers) == set(triggers)


async def test_each_reason_is_written_down_once(seeds: Seeds) -> None:
    """Opening, rising and a further reason are events; the same reason again is none."""
    talk = await seeds.person()
    for trigger in ("M8", "C1", "C2", "C2"):
        await seeds.alarm(talk, trigger)

    kinds = await seeds.one("SELECT string_agg(kind, ' ' ORDER BY id) FROM case_event")

    assert kinds == "opened raised trigger"


async def test_a_familys_triggers_carry_their_mark(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """With `family`, each trigger ends in F and keeps its level."""
    talk = await seeds.person()
    async with store.transaction() as c:
        change = await cases.open_or_raise(
            c, conversation_id=talk, triggers={"C8", "M4F"}, now=clock.now(), family=True
        )
        assert (await cases.open_case_of(c, talk)) == await cases.get(c, change.case_id)

    assert change.level is Level.CRITICAL
    assert (await _case(store, change.case_id)).triggers == ("C8F", "M4F")


async def test_a_closed_case_is_followed_by_a_new_one(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """After closing, the next alarm opens another case; `closed_since` knows of the first."""
    talk, someone = await seeds.person(), await seeds.operator("Ana")
    first = await seeds.alarm(talk, "H2")
    async with store.transaction() as c:
        assert await cases.claim(c, first, someone.id, clock.now())
        assert await cases.close(c, first, someone.id, "contact_made", clock.now())

    second = await seeds.alarm(talk, "M8")

    assert second != first
    async with store.reading() as c:
        assert await cases.closed_since(c, talk, clock.now() - timedelta(hours=72))
        assert not await cases.closed_since(c, talk, clock.now() + timedelta(seconds=1))


async def test_an_event_needs_an_open_case_and_an_enumerated_word(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """A note on a conversation without a case is no error and says so; free text is refused."""
    talk = await seeds.person()
    async with store.transaction() as c:
        assert not await cases.note(c, kind="late", now=clock.now(), conversation_id=talk)
        with pytest.raises(ValueError, match="kind"):
            await cases.note(c, kind="He said that", now=clock.now(), conversation_id=talk)


async def test_the_queue_is_ordered_by_level_then_live_then_trapped_then_deadline(
    seeds: Seeds, store: Store, clock: FakeClock
) -> None:
    """design §9: level, live now, held, nearest deadline."""
    medium, gone, out, trapped, critical = [await seeds.person() for _ in range(5)]
    expected = []
    for talk, trigger, mode in (
        (gone, "H2", "trapped"),
        (out, "H2", "out"),
        (trapped, "H2", "trapped"),
        (medium, "M8", None),
        (critical, "C1", None),
    ):
        if talk != gone:
            await seeds.says(talk, "help")
        expected.append((talk, await seeds.alarm(talk, trigger, mode=mode)))
        clock.advance(seconds=1)

    async with store.reading() as c:
        rows = await queue_rows.waiting_and_held(c, clock.now())

    assert [row.conversation_id for row in rows] == [critical, trapped, out, gone, medium]
    assert [row.mode for row in rows] == ["unknown", "trapped", "out", "trapped", "unknown"]


async def _case(store: Store, case_id: object) -> cases.Case:
    async with store.reading() as c:
        found = await cases.get(c, case_id)  # type: ignore[arg-type]  # the tests hand ids on as they come
    assert found is not None
    return found

"""Taking a case and giving it back: who may speak is one column (design §2.8)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.core.clock import FakeClock
from bot.core.errors import AlreadyHeld, NotAllowed
from bot.store import operators
from bot.store.session import Store
from escalation.queue import Queue
from escalation.refusals import NoSuchCase
from tests.escalation.seeds import Seeds
from tests.escalation.taken import held_by_ana

WORDS = "Saya di sini. Apakah Anda terluka?"


async def test_two_operators_claim_at_once_and_the_loser_is_told_who(seeds: Seeds, queue: Queue) -> None:
    """Given one waiting case, of two simultaneous claims one wins and the other names the winner."""
    case_id = await seeds.alarm(await seeds.person(), "C1")
    ana, bo = await seeds.operator("Ana"), await seeds.operator("Bo")

    results = await asyncio.gather(queue.claim(case_id, ana), queue.claim(case_id, bo), return_exceptions=True)

    lost = [r for r in results if isinstance(r, AlreadyHeld)]
    assert len(lost) == 1
    assert str(lost[0]) == ("Bo" if results[0] is lost[0] else "Ana")


async def test_a_claim_silences_the_bot(seeds: Seeds, queue: Queue) -> None:
    """Queued words of the bot are taken back; what was being sent counts as before the claim, and is told."""
    talk, ana = await seeds.person(), await seeds.operator("Ana")
    await seeds.bot_says(talk, "one", state="sent")
    await seeds.bot_says(talk, "two", state="sending")
    await seeds.bot_says(talk, "three")
    case_id = await seeds.alarm(talk, "C1")

    claimed = await queue.claim(case_id, ana)

    assert claimed.one_on_its_way
    assert [row.state for row in await seeds.outbox(talk)] == ["sent", "sending", "cancelled"]
    assert await seeds.one("SELECT speaker FROM conversation WHERE id = :id", id=talk) == "operator"
    assert await seeds.one("SELECT version FROM conversation WHERE id = :id", id=talk) == 1


async def test_a_claim_with_nothing_under_way_says_so(seeds: Seeds, queue: Queue) -> None:
    """No message on its way, no warning."""
    case_id = await seeds.alarm(await seeds.person(), "C1")

    claimed = await queue.claim(case_id, await seeds.operator("Ana"))

    assert not claimed.one_on_its_way


async def test_closing_gives_the_bot_back_and_says_so_inside_the_window(seeds: Seeds, queue: Queue) -> None:
    """The bot speaks again; the person who knew of a human is told, after the human's last words."""
    talk, case_id, ana = await held_by_ana(seeds, queue)
    await queue.reply(case_id, ana, uuid4(), text=WORDS)

    await queue.close(case_id, ana, "handed_over")

    rows = await seeds.outbox(talk)
    assert [(row.author, row.state) for row in rows] == [
        ("operator", "queued"),
        ("operator", "queued"),
        ("bot", "queued"),
    ]
    assert list(rows[-1].keys) == ["op.left"]
    assert await seeds.one("SELECT speaker FROM conversation WHERE id = :id", id=talk) == "bot"
    assert await seeds.one("SELECT state || ' ' || outcome FROM case_file") == "closed handed_over"


async def test_closing_after_the_window_says_nothing(seeds: Seeds, queue: Queue, clock: FakeClock) -> None:
    """Never late: outside the window the person is not told that the human left."""
    talk, case_id, ana = await held_by_ana(seeds, queue)
    await queue.reply(case_id, ana, uuid4(), text=WORDS)
    clock.advance(minutes=16)

    await queue.close(case_id, ana, "no_contact")

    assert "op.left" not in [key for row in await seeds.outbox(talk) for key in row.keys]


async def test_a_human_who_never_wrote_leaves_without_a_word(seeds: Seeds, queue: Queue) -> None:
    """A look at a case that is released again tells the person nothing."""
    talk, case_id, ana = await held_by_ana(seeds, queue)

    await queue.release(case_id, ana)

    assert await seeds.outbox(talk) == []


async def test_a_released_case_waits_again_with_a_new_deadline(seeds: Seeds, queue: Queue, clock: FakeClock) -> None:
    """It can be claimed by the next, who has the level's whole time."""
    _, case_id, ana = await held_by_ana(seeds, queue)
    clock.advance(minutes=30)
    await queue.release(case_id, ana)

    row = (await queue.open_cases())[0]

    assert (row.state, row.holder, row.due_at) == ("waiting", None, clock.now() + timedelta(minutes=2))
    await queue.claim(case_id, await seeds.operator("Bo"))


async def test_a_silent_holders_case_returns_to_the_queue(
    seeds: Seeds, queue: Queue, store: Store, clock: FakeClock
) -> None:
    """Three minutes without the holder's screen: waiting again, bot back, others on shift paged."""
    talk, case_id, _ = await held_by_ana(seeds, queue)
    clock.advance(minutes=2)
    assert await queue.return_silent() == 0
    clock.advance(minutes=2)
    await seeds.operator("Bo")

    assert await queue.return_silent() == 1

    assert (await queue.open_cases())[0].state == "waiting"
    assert await seeds.one("SELECT speaker FROM conversation WHERE id = :id", id=talk) == "bot"
    assert await seeds.one("SELECT count(*) FROM page WHERE state = 'made' AND case_id = :id", id=case_id) == 1


async def test_who_may_read_what(seeds: Seeds, queue: Queue) -> None:
    """An operator reads waiting cases and their own, a supervisor all, an admin none (C21, C22)."""
    _, case_id, ana = await held_by_ana(seeds, queue)
    bo, sam, root = [
        await seeds.operator(n, r) for n, r in (("Bo", "operator"), ("Sam", "supervisor"), ("Rut", "admin"))
    ]

    seen = {o.name: (await queue.view(case_id, o)).lines is not None for o in (ana, bo, sam, root)}

    assert seen == {"Ana": True, "Bo": False, "Sam": True, "Rut": False}
    with pytest.raises(NotAllowed):
        await queue.claim(case_id, root)
    with pytest.raises(NoSuchCase):
        await queue.view(uuid4(), ana)


async def test_every_look_and_act_is_in_the_audit(seeds: Seeds, queue: Queue) -> None:
    """Who did what to which case; a refresh of the same screen is no new look."""
    _, case_id, ana = await held_by_ana(seeds, queue)
    await queue.view(case_id, ana)
    await queue.view(case_id, ana, log=False)
    await queue.reply(case_id, ana, uuid4(), text=WORDS)
    await queue.close(case_id, ana, "contact_made")

    actions = await seeds.one(
        "SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE subject = :id", id=str(case_id)
    )

    assert actions == "case.claimed case.viewed case.replied case.closed"


async def test_a_disabled_operator_holds_nothing_for_long(
    seeds: Seeds, queue: Queue, store: Store, clock: FakeClock
) -> None:
    """Disabling takes the screen away, so the case goes back."""
    _, _, ana = await held_by_ana(seeds, queue)
    clock.advance(minutes=4)
    async with store.transaction() as c:
        await operators.saw(c, ana.id, clock.now())
        await operators.disable(c, ana.id)

    assert await queue.return_silent() == 1

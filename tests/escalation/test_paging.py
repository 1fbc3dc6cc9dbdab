"""Who counts as being there: on shift, with a screen that shows what is put on it."""

from __future__ import annotations

from bot.core.clock import FakeClock
from bot.store.session import Store
from escalation import paging, roster
from escalation.lines import Cover
from escalation.login import Login
from tests.escalation.seeds import Seeds


async def test_only_the_live_on_shift_are_counted(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """Off shift, admin, disabled, and a screen silent for 45 s: none of them is cover."""
    await seeds.operator("Ana", languages=("id", "en"))
    await seeds.operator("Bo", on_shift=False)
    await seeds.operator("Rut", "admin")
    assert await _cover(store, clock) == Cover(on_shift=(frozenset({"id", "en"}),))

    clock.advance(seconds=46)

    assert await _cover(store, clock) == Cover()


async def test_a_page_that_no_screen_showed_takes_its_operator_out_until_the_screen_answers(
    seeds: Seeds, store: Store, clock: FakeClock
) -> None:
    """After 20 s the page has failed and nobody is promised; the next answer of the screen makes it good."""
    ana = await seeds.operator("Ana")
    await seeds.alarm(await seeds.person(), "C1")
    clock.advance(seconds=21)
    async with store.transaction() as c:
        assert await paging.sweep(c, clock.now()) == 1
    assert await _cover(store, clock) == Cover()

    async with store.transaction() as c:
        await paging.answered(c, ana.id, clock.now())

    assert await _cover(store, clock) == Cover(on_shift=(frozenset({"en"}),))
    assert await seeds.one("SELECT state FROM page") == "shown"


async def test_a_page_shown_in_time_never_fails(seeds: Seeds, store: Store, clock: FakeClock) -> None:
    """Shown is shown."""
    ana = await seeds.operator("Ana")
    await seeds.alarm(await seeds.person(), "C1")
    async with store.transaction() as c:
        await paging.answered(c, ana.id, clock.now())
        clock.advance(minutes=5)
        assert await paging.sweep(c, clock.now()) == 0


async def test_everybody_in_the_cover_is_paged_once_for_an_opening_and_once_for_a_rise(
    seeds: Seeds, store: Store, clock: FakeClock
) -> None:
    """Two on shift: two pages on opening, two more when the level rises, none for a further reason."""
    await seeds.operator("Ana")
    await seeds.operator("Bo")
    talk = await seeds.person()
    counts = []
    for trigger in ("H2", "C1", "C2"):
        await seeds.alarm(talk, trigger)
        counts.append(await seeds.one("SELECT count(*) FROM page"))

    assert counts == [2, 4, 4]


async def test_going_on_shift_is_cover_and_signing_off_is_none(
    seeds: Seeds, store: Store, clock: FakeClock, login: Login
) -> None:
    """The switch counts at once, both ways."""
    ana = await seeds.operator("Ana", on_shift=False)
    await login.set_shift(ana, on=True)
    on = await _cover(store, clock)
    await login.set_shift(ana, on=False)

    assert on.on_shift
    assert await _cover(store, clock) == Cover()


async def _cover(store: Store, clock: FakeClock) -> Cover:
    async with store.reading() as c:
        return await roster.cover(c, clock.now())

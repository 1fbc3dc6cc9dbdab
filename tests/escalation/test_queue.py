"""Taking over, writing, giving back: who may speak is one column, and nothing leaves outside the windows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bot.core.clock import FakeClock
from bot.core.errors import AlreadyHeld, NotAllowed, NotApproved
from bot.store import operators
from bot.store.session import Store
from escalation.queue import Queue
from escalation.refusals import HiddenView, NoSuchCase, NotHeld, NothingToSay
from tests.escalation.seeds import Seeds

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


async def test_a_doubled_click_is_one_message(seeds: Seeds, queue: Queue) -> None:
    """The same client id, also at once, is queued once, after one line that a person writes now."""
    talk, case_id, ana = await _held(seeds, queue)
    click = uuid4()

    outcomes = await asyncio.gather(*(queue.reply(case_id, ana, click, text=WORDS) for _ in range(3)))

    assert sorted(outcomes) == ["doubled", "doubled", "queued"]
    rows = await seeds.outbox(talk)
    assert [list(row.keys) for row in rows] == [["op.joined"], []]
    assert {row.author for row in rows} == {"operator"}


async def test_words_leave_with_the_end_of_the_window_and_wake_the_delivery(
    seeds: Seeds, queue: Queue, clock: FakeClock
) -> None:
    """`not_after` is the person's last word plus 15 minutes; the wake-up is in the commit; text is sealed."""
    talk, case_id, ana = await _held(seeds, queue)
    clock.advance(minutes=5)

    await queue.reply(case_id, ana, uuid4(), text=WORDS)

    row = (await seeds.outbox(talk))[-1]
    assert row.not_after == clock.now() + timedelta(minutes=10)
    assert row.answers_id is not None
    assert WORDS.encode() not in bytes(row.body_sealed)
    jobs = await seeds.one(
        "SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'conversation_id' = :id", id=str(talk)
    )
    assert jobs == 2


async def test_joined_is_said_once_for_each_holder(seeds: Seeds, queue: Queue) -> None:
    """Two replies of one holder and one of the next: two lines that a person writes (screening.md §3.15)."""
    talk, case_id, ana = await _held(seeds, queue)
    await queue.reply(case_id, ana, uuid4(), text="1")
    await queue.reply(case_id, ana, uuid4(), text="2")
    await queue.release(case_id, ana)
    bo = await seeds.operator("Bo")
    await queue.claim(case_id, bo)
    await queue.reply(case_id, bo, uuid4(), text="3")

    said = [row.keys[0] for row in await seeds.outbox(talk) if row.keys]

    assert said == ["op.joined", "op.left", "op.joined"]


async def test_outside_the_window_words_are_kept_and_not_sent(seeds: Seeds, queue: Queue, clock: FakeClock) -> None:
    """After 15 minutes a reply is a draft, no wake-up is made, and nobody is told that a person joined."""
    talk, case_id, ana = await _held(seeds, queue)
    clock.advance(minutes=15)

    outcome = await queue.reply(case_id, ana, uuid4(), text=WORDS)

    rows = await seeds.outbox(talk)
    assert outcome == "draft"
    assert [row.state for row in rows] == ["draft"]
    assert await seeds.one("SELECT count(*) FROM procrastinate_jobs") == 0


async def test_a_safe_window_that_the_person_set_is_enough(
    seeds: Seeds, queue: Queue, store: Store, clock: FakeClock
) -> None:
    """The later of the two windows counts."""
    talk, case_id, ana = await _held(seeds, queue)
    clock.advance(minutes=20)
    end = clock.now() + timedelta(minutes=30)
    await seeds.one("UPDATE conversation SET window_until = :end WHERE id = :id RETURNING id", end=end, id=talk)

    outcome = await queue.reply(case_id, ana, uuid4(), text=WORDS)

    assert outcome == "queued"
    assert (await seeds.outbox(talk))[-1].not_after == end


async def test_a_draft_written_anew_is_not_sent_twice(seeds: Seeds, queue: Queue, clock: FakeClock) -> None:
    """Given a draft, when the person writes again and the words are sent, the draft is done with."""
    talk, case_id, ana = await _held(seeds, queue)
    clock.advance(minutes=15)
    await queue.reply(case_id, ana, uuid4(), text=WORDS)
    draft = (await seeds.outbox(talk))[0].id
    await seeds.says(talk, "halo?")

    await queue.reply(case_id, ana, uuid4(), text=WORDS, instead_of=draft)

    assert [row.state for row in await seeds.outbox(talk)] == ["superseded", "queued", "queued"]


async def test_a_hidden_view_needs_an_explicit_word_and_says_nothing_of_a_person(seeds: Seeds, queue: Queue) -> None:
    """Without `into_hidden` nothing is queued; with it the words go alone, without "a person is writing"."""
    talk, case_id, ana = await _held(seeds, queue, view="hidden")

    with pytest.raises(HiddenView):
        await queue.reply(case_id, ana, uuid4(), text=WORDS)
    assert await seeds.outbox(talk) == []
    await queue.reply(case_id, ana, uuid4(), text=WORDS, into_hidden=True)
    await queue.close(case_id, ana, "contact_made")

    assert [list(row.keys) for row in await seeds.outbox(talk)] == [[]]


async def test_only_the_holder_writes_releases_or_closes(seeds: Seeds, queue: Queue) -> None:
    """Another operator, also a supervisor, is refused, and nothing is queued."""
    talk, case_id, _ = await _held(seeds, queue)
    other = await seeds.operator("Sam", "supervisor")

    for attempt in (
        queue.reply(case_id, other, uuid4(), text=WORDS),
        queue.release(case_id, other),
        queue.close(case_id, other, "unknown"),
    ):
        with pytest.raises(NotHeld):
            await attempt
    assert await seeds.outbox(talk) == []


@pytest.mark.parametrize("language", ["en", "id"])
async def test_a_phrase_is_said_in_the_persons_language(seeds: Seeds, queue: Queue, language: str) -> None:
    """A phrase of the phrasebook goes out as the approved text of the conversation's language."""
    if language not in seeds.catalogue.languages:
        pytest.skip("this language is not in the catalogue")
    _, case_id, ana = await _held(seeds, queue, language=language)

    await queue.reply(case_id, ana, uuid4(), phrase="pb.hello")

    view = await queue.view(case_id, ana)
    assert view.lines is not None
    said = {line.keys: line.text for line in view.lines}
    assert said[("pb.hello",)] == seeds.catalogue.text("pb.hello", language)


@pytest.mark.parametrize("phrase", ["op.left", "card.rights"])
async def test_only_the_phrasebook_can_be_sent_by_key(seeds: Seeds, queue: Queue, phrase: str) -> None:
    """A line that the bot says by itself is no operator's phrase."""
    _, case_id, ana = await _held(seeds, queue)

    with pytest.raises(NothingToSay):
        await queue.reply(case_id, ana, uuid4(), phrase=phrase)
    with pytest.raises(NotApproved):
        await queue.reply(case_id, ana, uuid4(), phrase="pb.nothing_such")


@pytest.mark.parametrize("words", ["", "  \n", "\0", "x" * 4001])
async def test_empty_and_endless_words_are_refused(seeds: Seeds, queue: Queue, words: str) -> None:
    """Nothing is queued for them."""
    talk, case_id, ana = await _held(seeds, queue)

    with pytest.raises(NothingToSay):
        await queue.reply(case_id, ana, uuid4(), text=words)
    assert await seeds.outbox(talk) == []


async def test_closing_gives_the_bot_back_and_says_so_inside_the_window(seeds: Seeds, queue: Queue) -> None:
    """The bot speaks again; the person who knew of a human is told, after the human's last words."""
    talk, case_id, ana = await _held(seeds, queue)
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
    talk, case_id, ana = await _held(seeds, queue)
    await queue.reply(case_id, ana, uuid4(), text=WORDS)
    clock.advance(minutes=16)

    await queue.close(case_id, ana, "no_contact")

    assert "op.left" not in [key for row in await seeds.outbox(talk) for key in row.keys]


async def test_a_human_who_never_wrote_leaves_without_a_word(seeds: Seeds, queue: Queue) -> None:
    """A look at a case that is released again tells the person nothing."""
    talk, case_id, ana = await _held(seeds, queue)

    await queue.release(case_id, ana)

    assert await seeds.outbox(talk) == []


async def test_a_released_case_waits_again_with_a_new_deadline(seeds: Seeds, queue: Queue, clock: FakeClock) -> None:
    """It can be claimed by the next, who has the level's whole time."""
    _, case_id, ana = await _held(seeds, queue)
    clock.advance(minutes=30)
    await queue.release(case_id, ana)

    row = (await queue.open_cases())[0]

    assert (row.state, row.holder, row.due_at) == ("waiting", None, clock.now() + timedelta(minutes=2))
    await queue.claim(case_id, await seeds.operator("Bo"))


async def test_a_silent_holders_case_returns_to_the_queue(
    seeds: Seeds, queue: Queue, store: Store, clock: FakeClock
) -> None:
    """Three minutes without the holder's screen: waiting again, bot back, others on shift paged."""
    talk, case_id, _ = await _held(seeds, queue)
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
    _, case_id, ana = await _held(seeds, queue)
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
    _, case_id, ana = await _held(seeds, queue)
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
    _, _, ana = await _held(seeds, queue)
    clock.advance(minutes=4)
    async with store.transaction() as c:
        await operators.saw(c, ana.id, clock.now())
        await operators.disable(c, ana.id)

    assert await queue.return_silent() == 1


async def _held(
    seeds: Seeds, queue: Queue, *, view: str = "open", language: str = "id"
) -> tuple[UUID, UUID, operators.Operator]:
    """A live conversation whose case Ana holds."""
    talk, ana = await seeds.person(language, view), await seeds.operator("Ana")
    await seeds.says(talk, "tolong")
    case_id = await seeds.alarm(talk, "C1")
    await queue.claim(case_id, ana)
    return talk, case_id, ana

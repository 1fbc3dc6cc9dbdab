"""An operator's words: once, by the holder only, and never outside the windows (design §2.7)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.core.clock import FakeClock
from bot.core.errors import NotApproved
from bot.store.session import Store
from escalation.queue import Queue
from escalation.refusals import HiddenView, NotHeld, NothingToSay
from tests.escalation.seeds import Seeds
from tests.escalation.taken import held_by_ana

WORDS = "Saya di sini. Apakah Anda terluka?"


async def test_a_doubled_click_is_one_message(seeds: Seeds, queue: Queue) -> None:
    """The same client id, also at once, is queued once, after one line that a person writes now."""
    talk, case_id, ana = await held_by_ana(seeds, queue)
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
    talk, case_id, ana = await held_by_ana(seeds, queue)
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
    talk, case_id, ana = await held_by_ana(seeds, queue)
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
    talk, case_id, ana = await held_by_ana(seeds, queue)
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
    talk, case_id, ana = await held_by_ana(seeds, queue)
    clock.advance(minutes=20)
    end = clock.now() + timedelta(minutes=30)
    await seeds.one("UPDATE conversation SET window_until = :end WHERE id = :id RETURNING id", end=end, id=talk)

    outcome = await queue.reply(case_id, ana, uuid4(), text=WORDS)

    assert outcome == "queued"
    assert (await seeds.outbox(talk))[-1].not_after == end


async def test_a_draft_written_anew_is_not_sent_twice(seeds: Seeds, queue: Queue, clock: FakeClock) -> None:
    """Given a draft, when the person writes again and the words are sent, the draft is done with."""
    talk, case_id, ana = await held_by_ana(seeds, queue)
    clock.advance(minutes=15)
    await queue.reply(case_id, ana, uuid4(), text=WORDS)
    draft = (await seeds.outbox(talk))[0].id
    await seeds.says(talk, "halo?")

    await queue.reply(case_id, ana, uuid4(), text=WORDS, instead_of=draft)

    assert [row.state for row in await seeds.outbox(talk)] == ["superseded", "queued", "queued"]


async def test_a_hidden_view_needs_an_explicit_word_and_says_nothing_of_a_person(seeds: Seeds, queue: Queue) -> None:
    """Without `into_hidden` nothing is queued; with it the words go alone, without "a person is writing"."""
    talk, case_id, ana = await held_by_ana(seeds, queue, view="hidden")

    with pytest.raises(HiddenView):
        await queue.reply(case_id, ana, uuid4(), text=WORDS)
    assert await seeds.outbox(talk) == []
    await queue.reply(case_id, ana, uuid4(), text=WORDS, into_hidden=True)
    await queue.close(case_id, ana, "contact_made")

    assert [list(row.keys) for row in await seeds.outbox(talk)] == [[]]


async def test_only_the_holder_writes_releases_or_closes(seeds: Seeds, queue: Queue) -> None:
    """Another operator, also a supervisor, is refused, and nothing is queued."""
    talk, case_id, _ = await held_by_ana(seeds, queue)
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
    _, case_id, ana = await held_by_ana(seeds, queue, language=language)

    await queue.reply(case_id, ana, uuid4(), phrase="pb.hello")

    view = await queue.view(case_id, ana)
    assert view.lines is not None
    said = {line.keys: line.text for line in view.lines}
    assert said[("pb.hello",)] == seeds.catalogue.text("pb.hello", language)


@pytest.mark.parametrize("phrase", ["op.left", "card.rights"])
async def test_only_the_phrasebook_can_be_sent_by_key(seeds: Seeds, queue: Queue, phrase: str) -> None:
    """A line that the bot says by itself is no operator's phrase."""
    _, case_id, ana = await held_by_ana(seeds, queue)

    with pytest.raises(NothingToSay):
        await queue.reply(case_id, ana, uuid4(), phrase=phrase)
    with pytest.raises(NotApproved):
        await queue.reply(case_id, ana, uuid4(), phrase="pb.nothing_such")


@pytest.mark.parametrize("words", ["", "  \n", "\0", "x" * 4001])
async def test_empty_and_endless_words_are_refused(seeds: Seeds, queue: Queue, words: str) -> None:
    """Nothing is queued for them."""
    talk, case_id, ana = await held_by_ana(seeds, queue)

    with pytest.raises(NothingToSay):
        await queue.reply(case_id, ana, uuid4(), text=words)
    assert await seeds.outbox(talk) == []

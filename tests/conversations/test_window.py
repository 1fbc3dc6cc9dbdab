"""Never late, never first (design §2.7)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from channels.base import Blocked, MaybeSent, NotReached, ProviderFault, Throttled
from tests.conversations.talk import Talk


async def test_a_message_three_hours_late_makes_a_case_and_no_reply_until_the_next_word(talk: Talk) -> None:
    late = talk.clock.now() - timedelta(hours=3)
    assert await talk.says("they took my passport", intent="disclose_documents_taken", at=late) == []
    case = await talk.case()
    row = (await talk.rows("SELECT late, provider_at, received_at FROM inbound"))[0]
    assert case is not None
    assert row["late"]
    assert row["received_at"] - row["provider_at"] >= timedelta(hours=3)
    assert await talk.says("hello?") == ["m.hello", "q.watched"]


async def test_a_late_threat_is_critical_and_still_silent(talk: Talk) -> None:
    late = talk.clock.now() - timedelta(hours=3)
    assert await talk.says("they will kill me tonight", at=late) == []
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3


async def test_what_could_not_go_out_in_its_time_is_never_sent(talk: Talk) -> None:
    talk.channel.fail(NotReached(), times=3)
    await talk.says("hello", intent="greet")
    talk.passes(20)
    await talk.run()
    assert talk.channel.journal.delivered == []
    assert await talk.value("SELECT state FROM outbound") == "expired"


async def test_a_later_message_does_not_extend_an_earlier_rows_time(talk: Talk) -> None:
    talk.channel.fail(NotReached(), times=1)
    await talk.says("hello", intent="greet")
    talk.passes(16)
    assert await talk.says("hello?", intent="greet") != []
    states = [row["state"] for row in await talk.rows("SELECT state FROM outbound ORDER BY seq")]
    assert states == ["superseded", "sent"]


async def test_an_unreached_provider_is_tried_again_inside_the_window(talk: Talk) -> None:
    talk.channel.fail(NotReached())
    await talk.says("hello", intent="greet")
    talk.passes(1)
    await talk.run()
    assert len(talk.channel.journal.delivered) == 1


async def test_a_provider_that_asks_to_wait_is_not_asked_before(talk: Talk) -> None:
    talk.channel.fail(Throttled(retry_after=30))
    await talk.says("hello", intent="greet")
    talk.clock.advance(seconds=20)
    await talk.run()
    assert talk.channel.journal.delivered == []
    talk.clock.advance(seconds=20)
    await talk.run()
    assert len(talk.channel.journal.delivered) == 1


async def test_a_safety_text_in_doubt_is_sent_once_more_and_marked(talk: Talk) -> None:
    talk.channel.fail(MaybeSent(), taken=True)
    await talk.says("they are beating me right now")
    await talk.run()
    assert len(talk.channel.journal.delivered) == 2
    assert await talk.value("SELECT maybe_twice FROM outbound")


async def test_another_text_in_doubt_is_not_sent_again_and_is_shown_to_a_human(talk: Talk) -> None:
    talk.channel.fail(MaybeSent(), taken=True)
    await talk.says("hello", intent="greet")
    await talk.run()
    assert len(talk.channel.journal.delivered) == 1
    assert await talk.value("SELECT state FROM outbound") == "in_doubt"


async def test_a_person_who_blocked_us_is_not_written_to(talk: Talk) -> None:
    talk.channel.fail(Blocked())
    await talk.says("hello", intent="greet")
    assert await talk.value("SELECT state FROM outbound") == "dead"
    assert await talk.value("SELECT blocked_at IS NOT NULL FROM contact")


async def test_a_failing_provider_is_given_up_on_only_after_several_tries(talk: Talk) -> None:
    talk.channel.fail(ProviderFault(), times=2)
    await talk.says("hello", intent="greet")
    for _ in range(3):
        talk.clock.advance(seconds=10)
        await talk.run()
    assert len(talk.channel.journal.delivered) == 1


async def test_a_question_is_open_only_once_its_row_was_sent(talk: Talk) -> None:
    talk.channel.fail(NotReached(), times=5)
    await talk.says("hello", intent="greet")
    await talk.says("3")
    assert await talk.view() == "open"


async def test_a_sender_that_died_leaves_a_doubt_that_the_next_one_settles(talk: Talk) -> None:
    """Given a row left in `sending`, when the next delivery runs, then it is dealt with by its class."""
    await talk.says("they are beating me right now")
    async with talk.store.transaction() as tx:
        await tx.execute(text("UPDATE outbound SET state = 'sending', attempts = 1"))
    await talk.run()
    assert len(talk.channel.journal.delivered) == 2
    assert await talk.value("SELECT maybe_twice FROM outbound")

"""What a careful reader found: cases in which somebody could have been hurt. Each one is a promise now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import StoreUnavailable
from channels.base import MaybeSent, NotReached, Throttled
from tests.conversations.talk import Talk


async def _open_view(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    await talk.says("no one")


async def _operator(talk: Talk, name: str = "ana") -> None:
    """An operator on shift whose screen answers now."""
    await talk.change(
        "INSERT INTO operator (id, name, role, languages, on_shift, seen_at, created_at)"
        " VALUES (gen_random_uuid(), :name, 'operator', '{en}', true, :now, :now)",
        name=name,
        now=talk.clock.now() + timedelta(hours=1),
    )


async def test_nothing_that_waits_goes_out_after_hide(talk: Talk) -> None:
    await _open_view(talk)
    talk.channel.fail(Throttled(retry_after=30))
    await talk.says("they took my passport", intent="disclose_documents_taken")
    await talk.says("hide")
    delivered = len(talk.channel.journal.delivered)
    talk.passes(2)
    await talk.run()
    assert len(talk.channel.journal.delivered) == delivered


async def test_hide_deletes_what_was_sent_while_it_was_on_its_way(talk: Talk) -> None:
    """Given a reply that is still queued when `hide` has its turn, when it left first, then it is deleted too."""
    await _open_view(talk)
    await talk.says("they took my passport", intent="disclose_documents_taken")
    await talk.writes("hide")
    await talk.turn.run(await talk.conversation_id())
    await talk.delivery.run(await talk.conversation_id())
    deleted = {ref for _, ref in talk.channel.journal.deleted}
    assert {d.message_ref for d in talk.channel.journal.delivered} <= deleted


async def test_a_deletion_in_doubt_is_repeated_with_patience_and_not_for_ever(talk: Talk) -> None:
    await _open_view(talk)
    talk.channel.fail(MaybeSent(), times=50)
    await talk.says("hide")
    for _ in range(30):
        talk.clock.advance(seconds=120)
        await talk.run()
    row = (await talk.rows("SELECT state, attempts FROM outbound WHERE kind = 'delete'"))[0]
    assert row["attempts"] <= 9
    assert row["state"] in {"in_doubt", "dead"}


async def test_i_am_in_danger_counts_although_a_second_message_follows_at_once(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    await talk.writes("1")
    await talk.writes("please")
    await talk.run()
    case = await talk.case()
    assert case is not None
    assert "C1" in case["triggers"]


async def test_somebody_watches_now_counts_although_a_second_message_follows_at_once(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.writes("3")
    await talk.writes("ok")
    await talk.run()
    assert await talk.view() == "hidden"


async def test_an_answer_that_comes_late_still_raises_its_alarm(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    assert await talk.says("1", at=talk.clock.now() - timedelta(hours=1)) == []
    case = await talk.case()
    assert case is not None
    assert "C1" in case["triggers"]


async def test_a_late_message_behind_a_fresh_one_does_not_silence_it(talk: Talk) -> None:
    await _open_view(talk)
    await talk.writes("they took my passport")
    await talk.writes("older", at=talk.clock.now() - timedelta(hours=1))
    talk.nlu.intent = "disclose_documents_taken"
    before = len(talk.channel.journal.delivered)
    await talk.run()
    assert len(talk.channel.journal.delivered) == before + 1


async def test_nobody_is_said_to_be_called_without_a_page(talk: Talk) -> None:
    """Given a case that opened with nobody there, when an operator comes and the person writes, then they are paged."""
    await talk.says("they are beating me right now")
    await _operator(talk)
    assert await talk.says("hello?") == ["em.still_calling"]
    assert await talk.value("SELECT count(*) FROM page") == 1


async def test_the_emergency_ends_with_its_case(talk: Talk) -> None:
    await talk.says("they are beating me right now")
    await talk.change("UPDATE case_file SET state = 'closed', closed_at = :now", now=talk.clock.now())
    keys = await talk.says("hello again")
    assert keys[0] == "op.again"
    await talk.change("UPDATE case_file SET state = 'closed', closed_at = :now", now=talk.clock.now())
    talk.passes(80 * 60)
    assert "em.still_calling" not in await talk.says("hello")
    assert await talk.says("i want a person", intent="talk_to_human") != []


async def test_a_card_that_waits_is_taken_back_when_somebody_walks_in(talk: Talk) -> None:
    await _open_view(talk)
    talk.channel.fail(Throttled(retry_after=30))
    await talk.says("they took my passport", intent="disclose_documents_taken")
    await talk.says("maybe not a good moment", intent="safety_watched")
    talk.passes(1)
    await talk.run()
    said = [k for d in talk.channel.journal.delivered for k in await talk.keys_of(d.parcel.outbound_id)]
    assert "card.documents" not in said


async def test_a_hidden_view_falls_back_to_low_trace_after_three_days(talk: Talk) -> None:
    await _open_view(talk)
    await talk.says("hide")
    talk.passes(73 * 60)
    keys = await talk.says("i want a person", intent="talk_to_human")
    assert await talk.view() == "low_trace"
    assert "m.neutral" not in keys


async def test_a_miss_at_one_gate_does_not_count_at_the_next(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("what a day")
    await talk.says("no")
    assert await talk.says("what a day") == ["nu.number", "q.danger"]
    assert await talk.case() is None


async def test_misses_far_apart_do_not_add_up(talk: Talk) -> None:
    await _open_view(talk)
    assert (await talk.says("blorp"))[0] == "nu.first"
    await talk.says("thanks", intent="thanks")
    assert (await talk.says("blorp"))[0] == "nu.first"


async def test_a_button_tapped_twice_is_one_answer(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    payload = talk.channel.journal.delivered[-1].parcel.buttons[0].payload
    assert await talk.says(kind="press", press=payload, press_ref="p1") == ["q.danger"]
    assert await talk.says(kind="press", press=payload, press_ref="p2") == []
    assert await talk.case() is None


async def test_a_language_that_stays_unknown_leads_to_a_human(talk: Talk) -> None:
    assert await talk.says("👋") == ["m.hello", "q.language"]
    keys = await talk.says("🙏🙏")
    case = await talk.case()
    assert keys[-1] == "q.language"
    assert "human.nobody" in keys
    assert case is not None
    assert "M9" in case["triggers"]


async def test_once_more_is_once(talk: Talk) -> None:
    talk.channel.fail(MaybeSent(), taken=True, times=5)
    await talk.says("they are beating me right now")
    await talk.run()
    assert len(talk.channel.journal.delivered) == 2


async def test_an_erased_contact_ends_what_waits_for_it(talk: Talk) -> None:
    talk.channel.fail(NotReached())
    await talk.says("hello", intent="greet")
    await talk.change("UPDATE contact SET key_wrapped = NULL")
    talk.passes(1)
    await talk.run()
    assert await talk.value("SELECT state FROM outbound") == "dead"


async def test_words_of_a_former_holder_are_not_sent_while_another_holds(talk: Talk) -> None:
    await talk.says("they are beating me right now")
    await _operator(talk, "ana")
    await _operator(talk, "bo")
    await talk.change(
        "UPDATE outbound SET state = 'queued', author = 'operator',"
        " operator_id = (SELECT id FROM operator WHERE name = 'ana')"
    )
    await talk.change(
        "UPDATE conversation SET speaker = 'operator', holder_id = (SELECT id FROM operator WHERE name = 'bo')"
    )
    await talk.run()
    assert await talk.value("SELECT state FROM outbound") == "draft"


async def test_a_new_question_wins_over_a_card_that_waited_for_the_country(talk: Talk) -> None:
    await _open_view(talk)
    assert await talk.says("they do not pay me", intent="disclose_unpaid") == ["q.country"]
    assert (await talk.says("they keep my passport", intent="disclose_documents_taken"))[0] == "card.documents"


@pytest.mark.parametrize("label", ["a.person", "a.facts"])
async def test_choosing_by_its_label_is_no_alarm_of_its_own(talk: Talk, label: str) -> None:
    from tests.conversations.talk import CATALOGUE

    await _open_view(talk)
    await talk.says("thanks", intent="thanks")
    await talk.says(CATALOGUE.text(label, "en"))
    case = await talk.case()
    assert case is None or "H16" not in case["triggers"]


async def test_a_press_is_kept_when_the_database_goes_away_after_its_answer(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.says("hello", intent="greet")
    payload = talk.channel.journal.delivered[-1].parcel.buttons[2].payload  # "Yes, now"
    await talk.writes(kind="press", press=payload, press_ref="once")
    commit = talk.turn._committing.commit

    async def away(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(talk.turn._committing, "commit", away)
    with pytest.raises(StoreUnavailable):
        await talk.run()
    monkeypatch.setattr(talk.turn._committing, "commit", commit)
    talk.channel.stale_presses.add("once")
    await talk.run()
    assert await talk.view() == "hidden"


async def test_an_older_message_does_not_shorten_the_live_window(talk: Talk) -> None:
    await _open_view(talk)
    before = await talk.value("SELECT live_until FROM conversation")
    await talk.says("hello", intent="greet", at=talk.clock.now() - timedelta(minutes=10))
    assert await talk.value("SELECT live_until FROM conversation") >= before


async def test_stop_in_a_hidden_view_shows_no_sign_of_what_was_before(talk: Talk) -> None:
    await _open_view(talk)
    await talk.says("hide")
    assert await talk.says("stop") == ["m.neutral_ok"]


async def test_a_press_with_half_a_character_in_it_is_no_answer_and_no_failure(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    assert await talk.says(kind="press", press="\ud800.x.y", press_ref="p") == []
    assert await talk.case() is None

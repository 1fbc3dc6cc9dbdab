"""The alarm and the view are two results of a turn (design §2.13; screening.md §4)."""

from __future__ import annotations

import pytest

from tests.conversations.talk import CATALOGUE, Talk


async def _open_view(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    await talk.says("no one")


async def test_a_threat_to_kill_opens_a_critical_case_and_answers_in_the_language(talk: Talk) -> None:
    keys = await talk.says("mereka akan membunuh saya malam ini")
    case = await talk.case()
    assert keys == ["em.seen.nobody", "q.emergency"]
    assert talk.last.startswith(CATALOGUE.text("em.seen.nobody", "id"))
    assert case is not None
    assert case["level"] == 3
    assert "C12" in case["triggers"]


async def test_danger_wins_over_a_stop_in_the_same_message(talk: Talk) -> None:
    await _open_view(talk)
    assert await talk.says("stop he is killing me") == ["em.seen.nobody", "q.emergency"]
    assert await talk.view() == "open"


async def test_hiding_in_an_emergency_is_an_answer_and_hides_nothing(talk: Talk) -> None:
    await talk.says("they are beating me right now")
    assert await talk.says("hiding") == ["em.noted"]
    assert await talk.view() != "hidden"
    assert await talk.says("still here") == ["em.still_nobody"]


async def test_cannot_write_is_answered_by_silence(talk: Talk) -> None:
    await talk.says("they are beating me right now")
    assert await talk.says("4") == []


@pytest.mark.parametrize("words", ["hide", "Hide!", "HIDE", "sembunyikan", "ซ่อน"])
async def test_hide_sends_nothing_deletes_and_tells_the_operator(talk: Talk, words: str) -> None:
    await _open_view(talk)
    assert await talk.says(words) == []
    case = await talk.case()
    assert await talk.view() == "hidden"
    assert case is not None
    assert case["level"] == 2
    deleted = {ref for _, ref in talk.channel.journal.deleted}
    assert {d.message_ref for d in talk.channel.journal.delivered} <= deleted


async def test_after_hide_the_screen_is_neutral_and_the_alarm_still_rises(talk: Talk) -> None:
    await _open_view(talk)
    await talk.says("hide")
    assert await talk.says("they will kill me tonight") == ["m.neutral"]
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3
    assert await talk.says("hello?") == ["m.neutral_ok"]


async def test_somebody_sees_the_phone_now_asks_nothing_further(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    assert await talk.presses(3) == ["watched.now"]
    assert await talk.view() == "hidden"


async def test_a_phone_that_may_be_checked_sees_digits_and_no_topic(talk: Talk) -> None:
    await talk.says("they took my passport", intent="disclose_documents_taken")
    assert await talk.presses(2) == ["q.danger"]
    assert talk.channel.journal.delivered[-1].parcel.buttons == ()
    assert CATALOGUE.text("q.danger", "en", quiet=True) in talk.last
    assert await talk.says("3") == ["s.G5"]
    assert CATALOGUE.text("s.G5", "en", quiet=True) in talk.last
    assert "passport" not in talk.last.lower()
    assert await talk.says("they do not pay me", intent="disclose_unpaid") == ["human.nobody"]


async def test_stop_says_one_line_and_takes_back_what_waits(talk: Talk) -> None:
    await _open_view(talk)
    assert await talk.says("stop") == ["m.stop"]


async def test_jump_words_keep_the_person_where_they_are(talk: Talk) -> None:
    keys = await talk.says("i will jump from the window")
    assert keys == ["em.still_nobody", "q.jump"]
    assert await talk.presses(1) == ["su.told", "em.still_nobody", "su.stay.1"]


async def test_nobody_is_called_when_nobody_is_there(talk: Talk) -> None:
    """Given no operator on shift, when the worst is said, then no line claims that a person is being called."""
    for words in ("they are beating me right now", "help", "are you there"):
        await talk.says(words)
    calling = {"em.seen.on_shift", "em.seen.on_call", "human.calling", "em.still_calling", "human.on_call"}
    said = await talk.rows("SELECT unnest(keys) AS key FROM outbound")
    assert not calling & {row["key"] for row in said}


async def test_a_burst_raises_each_alarm_and_is_answered_once(talk: Talk) -> None:
    await _open_view(talk)
    before = len(talk.channel.journal.delivered)
    for words in ("they beat me now", "please", "they took my friend's phone too"):
        await talk.writes(words)
    await talk.run()
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3
    assert len(talk.channel.journal.delivered) == before + 1


async def test_an_edit_raises_the_alarm_and_is_not_answered(talk: Talk) -> None:
    await _open_view(talk)
    assert await talk.says("they will kill me tonight", kind="edit") == []
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3


async def test_a_photo_is_a_message_and_opens_a_case(talk: Talk) -> None:
    keys = await talk.says(kind="media", attachments=[{"kind": "photo", "reference": "file-1"}])
    case = await talk.case()
    assert keys == ["media.kept"]
    assert case is not None
    assert case["triggers"] == ["H15"]
    assert await talk.value("SELECT state FROM attachment") == "not_fetched"


async def test_not_understood_twice_opens_a_case(talk: Talk) -> None:
    await _open_view(talk)
    assert (await talk.says("blorp the zint"))[0] == "nu.first"
    assert (await talk.says("zint of blorp"))[0] == "nu.second"
    case = await talk.case()
    assert case is not None
    assert "M9" in case["triggers"]


async def test_a_level_never_falls_by_itself(talk: Talk) -> None:
    await talk.says("they are beating me right now")
    for words in ("it was a joke", "i am fine", "cancel it"):
        await talk.says(words)
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3
    assert case["state"] == "waiting"


async def test_the_person_is_asked_once_whether_a_human_may_write(talk: Talk) -> None:
    await _open_view(talk)
    assert await talk.says("i want a person", intent="talk_to_human") == ["human.nobody", "q.handover"]
    assert await talk.presses(1) == ["handover.may_write"]
    assert await talk.says("a person please", intent="talk_to_human") == ["human.nobody"]
    until = await talk.value("SELECT window_until FROM conversation")
    assert until is not None


@pytest.mark.parametrize(
    "burst", [("hello", "they will kill me tonight", "please"), ("they will kill me tonight", "ok")]
)
async def test_danger_in_a_burst_is_what_the_burst_is_answered_by(talk: Talk, burst: tuple[str, ...]) -> None:
    for words in burst:
        await talk.writes(words)
    await talk.run()
    keys = [tuple(row["keys"]) for row in await talk.rows("SELECT keys FROM outbound ORDER BY created_at")]
    assert keys == [("em.seen.nobody", "q.emergency")]
    assert await talk.says("1") == ["em.noted", "em.doctor"]


async def test_two_messages_make_together_the_level_that_neither_makes_alone(talk: Talk) -> None:
    await talk.says("she is 16 years old")
    case = await talk.case()
    assert case is None or case["level"] < 3

    await talk.says("we cannot leave the building")
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3
    assert "C7" in case["triggers"]


async def test_a_threat_sent_in_pieces_is_a_threat(talk: Talk) -> None:
    await talk.says("he wants to beat")
    assert await talk.case() is None
    await talk.says("me and my friend")
    case = await talk.case()
    assert case is not None
    assert "C1" in case["triggers"]


async def test_words_of_long_ago_are_no_beginning_of_a_sentence(talk: Talk) -> None:
    await talk.says("he wants to beat")
    talk.passes(10)
    await talk.says("me and my friend")
    assert await talk.case() is None


async def test_pieces_are_read_together_when_they_wait_together(talk: Talk) -> None:
    for piece in ("ok listen", "he wants to beat", "me and my friend"):
        await talk.writes(piece)
    await talk.run()
    assert await talk.case() is not None


async def test_what_the_words_before_said_is_not_said_again(talk: Talk) -> None:
    await talk.says("they are beating me right now")
    await talk.change("UPDATE case_file SET state = 'closed', closed_at = :now", now=talk.clock.now())
    await talk.says("hello again")
    assert await talk.case() is not None  # who writes after a close is in the queue
    assert "C1" not in (await talk.case() or {"triggers": ["C1"]})["triggers"]

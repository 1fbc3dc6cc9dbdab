"""The first exchanges: language, can anyone see this, are you in danger now (screening.md §3.1)."""

from __future__ import annotations

import pytest

from tests.conversations.talk import CATALOGUE, Talk

FIRST_WORDS = {
    "en": "hello, they took my passport",
    "id": "halo kak, paspor saya diambil bos",
    "th": "สวัสดีครับ เขาเอาพาสปอร์ตผมไป",
    "vi": "chào bạn, họ giữ hộ chiếu của tôi",
    "km": "ជំរាបសួរ គេយកលិខិតឆ្លងដែនខ្ញុំ",
    "zh-Hans": "你好，他们拿走了我的护照",
}


@pytest.mark.parametrize("language", [code for code in FIRST_WORDS if code in CATALOGUE.languages])
async def test_the_question_asked_first_is_answered_after_the_gates_in_the_persons_language(
    talk: Talk, language: str
) -> None:
    assert await talk.says(FIRST_WORDS[language], intent="disclose_documents_taken") == [
        "m.hello",
        "q.watched",
    ]
    assert await talk.presses(1) == ["q.danger"]
    assert await talk.presses(3) == ["card.documents", "m.law", "q.want"]
    assert talk.last.startswith(CATALOGUE.text("card.documents", language))


async def test_a_card_never_comes_without_its_caution(talk: Talk) -> None:
    await talk.says("hello they took my passport", intent="disclose_documents_taken")
    await talk.says("no")
    await talk.says("no")
    assert CATALOGUE.entry("card.documents.caution", "en").text in talk.last


async def test_digits_answer_without_any_model(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    asked = len(talk.nlu.asked)
    assert await talk.says("1") == ["q.danger"]
    assert await talk.says("３") == ["q.mode"]
    assert len(talk.nlu.asked) == asked


async def test_a_test_line_says_so_first(demo_talk: Talk) -> None:
    assert (await demo_talk.says("hello", intent="greet"))[0] == "m.test"
    assert demo_talk.last.startswith(CATALOGUE.text("m.test", "en"))


async def test_a_test_line_says_so_first_in_danger_too(demo_talk: Talk) -> None:
    keys = await demo_talk.says("they are beating me right now")
    assert keys[:2] == ["m.test", "em.seen.nobody"]


async def test_an_unsure_language_meets_the_menu_of_languages_in_their_own_names(talk: Talk) -> None:
    assert await talk.says("👋") == ["m.hello", "q.language"]
    assert [b.label for b in talk.channel.journal.delivered[-1].parcel.buttons[:3]] == [
        "English",
        "Bahasa Indonesia",
        "ไทย",
    ]
    assert await talk.presses(2) == ["language.set", "q.watched"]
    assert talk.last.startswith(CATALOGUE.text("language.set", "id"))


async def test_a_language_we_do_not_speak_is_named_and_given_a_human(talk: Talk) -> None:
    keys = await talk.says("مرحبا كيف حالكم أريد أن أسأل سؤالا من فضلكم")
    case = await talk.case()
    assert keys == ["language.unspoken", "q.language"]
    assert case is not None


async def test_a_gate_that_is_missed_twice_counts_as_not_sure_and_never_as_no(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    assert await talk.says("what a day") == ["nu.number", "q.watched"]
    assert await talk.says("really what a day") == ["q.danger"]
    assert await talk.view() == "low_trace"


async def test_not_sure_whether_anyone_is_in_danger_raises_a_case(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    await talk.says("not sure")
    case = await talk.case()
    assert case is not None
    assert case["triggers"] == ["H16"]


async def test_saying_i_am_in_danger_is_critical(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    assert await talk.presses(1) == ["em.seen.nobody", "q.emergency"]
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3


async def test_an_old_button_does_not_answer_a_later_question(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    old = talk.channel.journal.delivered[-1].parcel.buttons[2].payload  # "yes, now" of q.watched
    await talk.says("no")
    await talk.says(kind="press", press=old, press_ref="late")
    assert await talk.view() == "open"


async def test_a_forged_button_is_no_answer(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    payload = talk.channel.journal.delivered[-1].parcel.buttons[0].payload
    await talk.says(kind="press", press=payload[:-2] + "xx", press_ref="forged")
    assert await talk.view() == "open"
    assert await talk.value("SELECT count(*) FROM outbound WHERE 'q.danger' = ANY(keys)") == 0


async def test_a_press_that_the_provider_no_longer_answers_does_not_count(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    talk.channel.stale_presses.add(f"press-{talk._number}")
    assert await talk.presses(3) == []
    assert await talk.view() == "open"

"""The conversation's language: the nearest that we speak, said once, and what adds up over messages."""

from __future__ import annotations

from tests.conversations.talk import CATALOGUE, Talk

ARABIC = ("مرحبا كيف حالكم أريد أن أسأل سؤالا من فضلكم", "أريد أن أتحدث مع شخص ما من فضلكم")


async def test_a_language_that_has_the_kit_is_met_in_it_even_where_a_near_one_is_spoken(talk: Talk) -> None:
    """Malay is near to Indonesian, and has words of its own."""
    keys = await talk.says("assalamualaikum, diorang dah ambil pasport saya, macam mana nak balik rumah")
    assert keys == ["m.hello", "q.watched"]
    assert talk.last.startswith(CATALOGUE.text("m.hello", "ms"))


async def test_a_language_that_we_do_not_speak_is_named_once(talk: Talk) -> None:
    assert await talk.says(ARABIC[0]) == ["language.unspoken", "q.language"]
    assert "العربية" in talk.last
    assert await talk.case() is not None
    assert "language.unspoken" not in await talk.says(ARABIC[1])


async def test_a_few_words_add_up_to_another_language(talk: Talk) -> None:
    """Each is too short to change the conversation; together they are not."""
    await talk.says("hello", intent="greet")
    assert CATALOGUE.text("q.watched", "en") in talk.last
    for words in ("tolong saya", "mau pulang", "nggak bisa keluar"):
        await talk.says(words)
    assert await _language(talk) == "id"


async def test_a_language_that_was_chosen_is_not_outvoted_by_what_was_written_before(talk: Talk) -> None:
    await talk.says("halo kak, saya mau pulang", intent="greet")
    await talk.presses(1)
    await talk.presses(3)
    assert await talk.says("saya nggak bisa bahasa ini", intent="change_language") == ["q.language"]
    assert await talk.presses(1) == ["language.set", "q.want"]
    assert await _language(talk) == "en"
    await talk.says("ok")
    assert await _language(talk) == "en"


async def _language(talk: Talk) -> str:
    conversation = await talk.conversation_id()
    return str(await talk.value("SELECT language FROM conversation WHERE id = :id", id=conversation))

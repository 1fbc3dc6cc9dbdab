"""Which language a conversation is in: the person's own words first, the app's word only where they say nothing."""

from __future__ import annotations

import pytest

from bot.flow.deciding import offered
from tests.conversations.talk import CATALOGUE, Talk


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("id-ID", "id"),
        ("EN_us", "en"),
        ("zh-CN", "zh-Hans"),
        ("zh-hans", "zh-Hans"),
        ("zh-TW", None),
        ("fr", None),
        ("", None),
    ],
)
def test_an_apps_language_is_taken_where_we_speak_it(code: str, language: str | None) -> None:
    assert offered(code, CATALOGUE) == language


async def test_the_app_says_the_language_where_the_words_do_not(talk: Talk) -> None:
    await talk.says("👋", language_hint="th-TH")
    assert CATALOGUE.text("q.watched", "th") in talk.last


async def test_the_words_win_over_the_app(talk: Talk) -> None:
    await talk.says("halo kak, paspor saya diambil bos", language_hint="en")
    assert CATALOGUE.text("q.watched", "id") in talk.last


async def test_another_language_can_be_chosen_at_any_time(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.says("no")
    await talk.says("no one")
    assert await talk.says("another language please", intent="change_language") == ["q.language"]
    assert await talk.presses(4) == ["q.language_more"]
    assert await talk.presses(1) == ["language.set", "q.want"]
    assert CATALOGUE.text("language.set", "vi") in talk.last

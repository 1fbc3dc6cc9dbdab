"""Words that count only as a whole message: hide and stop, answers, digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.phrasebook import every
from nlu.words import answer, digit, safe_word

LANGUAGES = sorted(every())


@pytest.mark.parametrize(
    "text", ["hide", "HIDE", "Hide.", " hide!! ", "“hide”", "hiiide", "hide 🙏", "ｈｉｄｅ", "h\u200bide"]
)
def test_hide_is_heard_however_it_is_typed(text: str) -> None:
    assert safe_word(text) == "hide"


@pytest.mark.parametrize("text", ["stop", "STOP.", "/stop", "stoppp", "stop ✋"])
def test_stop_is_heard_however_it_is_typed(text: str) -> None:
    assert safe_word(text) == "stop"


@pytest.mark.parametrize(
    "text",
    ["stop he is killing me", "hiding", "i hide", "hide me please", "dont stop", "", "…", "stops", "hidden"],
)
def test_a_safe_word_inside_a_message_is_no_safe_word(text: str) -> None:
    assert safe_word(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_safe_word_is_heard(language: str) -> None:
    for name, words in every()[language]["safe_words"].items():
        assert {word: safe_word(word.upper() + "!") for word in words} == dict.fromkeys(words, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_answer_is_understood_in_its_language(language: str) -> None:
    for name, words in every()[language]["answers"].items():
        assert {word: answer(f"{word} ", language) for word in words} == dict.fromkeys(words, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Yes", "yes"),
        ("yesss!", "yes"),
        ("NO.", "no"),
        ("I don't know", "not_sure"),
        ("idk", "not_sure"),
        ("👍🏽", "yes"),
        ("someone else", "other"),
    ],
)
def test_an_answer_is_understood_however_it_is_typed(text: str, name: str) -> None:
    assert answer(text, "en") == name


@pytest.mark.parametrize("text", ["yes they did", "no food", "maybe he will kill me", "", "🤡"])
def test_a_longer_message_is_no_answer(text: str) -> None:
    assert answer(text, "en") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("１", 1),
        ("๑", 1),
        ("១", 1),
        ("1.", 1),
        ("1️⃣", 1),
        ("(1)", 1),
        ("①", 1),
        (" 2 ", 2),
        ("3)", 3),
        ("#4", 4),
        ("၅", 5),
        ("12", 12),
        ("１０", 10),
        ("1 🙏", 1),
    ],
)
def test_a_digit_of_any_script_is_a_number(text: str, number: int) -> None:
    assert digit(text) == number


@pytest.mark.parametrize("text", ["", "one", "1 2", "1,2", "1a", "a1", "-1", "100", "1/2", "½", "12 345", "1st"])
def test_anything_else_is_no_number(text: str) -> None:
    assert digit(text) is None


@given(st.text(max_size=90))
def test_no_text_makes_the_look_up_fail(text: str) -> None:
    safe_word(text)
    answer(text, "en")
    answer(text, None)
    assert digit(text) is None or 0 <= (digit(text) or 0) < 100

"""Cutting text: nothing lost, nothing too long, no reader's character cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.text import graphemes, split, units, without_lone_surrogates

FAMILY = "👨‍👩‍👧"
KHMER = "ខ្ញុំត្រូវការជំនួយ "
THAI = "ช่วยด้วยเขาจะฆ่าฉันคืนนี้"
any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(["\ud83d", "\x00", "\u200d", "\u0301", "👩", "🇰", "\r", "\n", ".", " ", "្", "ក", "้"]),
    ),
    max_size=120,
)


@given(any_text, st.integers(2, 40))
def test_parts_join_back_and_each_fits(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert "".join(parts) == text
    assert all(0 < units(part) <= limit for part in parts)


@given(any_text, st.integers(2, 40))
def test_no_grapheme_is_cut_unless_it_is_longer_than_the_limit(text: str, limit: int) -> None:
    whole = list(graphemes(text))
    ends = {0}
    for grapheme in whole:
        ends.add(max(ends) + len(grapheme))
    position = 0
    for part in split(text, limit):
        inside = position not in ends
        position += len(part)
        cuts_a_giant = any(units(g) > limit for g in whole)
        assert cuts_a_giant or not (inside or position not in ends)


@given(any_text)
def test_graphemes_join_back_whatever_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(any_text)
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(any_text)
def test_without_lone_surrogates_text_can_be_sent_as_utf_8(text: str) -> None:
    without_lone_surrogates(text).encode("utf-8")


@pytest.mark.parametrize("grapheme", [FAMILY, "🇰🇭", "ខ្ញុំ", "é", "👍🏽", "ช่", "\r\n"])
def test_what_a_reader_sees_as_one_stays_one(grapheme: str) -> None:
    assert list(graphemes(grapheme * 3)) == [grapheme] * 3


@given(st.text(st.sampled_from("ab ក្👍🏽")), st.integers(4, 12))
def test_words_after_an_emoji_are_cut_as_well_as_words_before_it(text: str, limit: int) -> None:
    """ICU counts UTF-16 units where Python counts code points: the two must never be mixed."""
    assert list(graphemes("😀\n" + text)) == ["😀", "\n", *graphemes(text)]
    assert "".join(split("😀" * limit + text, limit)) == "😀" * limit + text


def test_nothing_has_no_parts_and_what_fits_is_left_alone() -> None:
    assert split("", 10) == ()
    assert split("ten chars!", 10) == ("ten chars!",)


def test_a_paragraph_is_preferred_to_a_sentence_and_a_sentence_to_a_word() -> None:
    assert split("One two. Three.\n\nFour five. Six", 24) == ("One two. Three.\n\n", "Four five. Six")
    assert split("One two three. Four five six", 20) == ("One two three. ", "Four five six")
    assert split("One two three four five", 12) == ("One two ", "three four ", "five")


def test_a_far_away_paragraph_does_not_make_tiny_parts() -> None:
    parts = split("A.\n\n" + "word " * 40, 100)

    assert units(parts[0]) > 50


@pytest.mark.parametrize("text", [KHMER * 40, THAI * 40, "我们被关在这里。他们打我们。" * 40])
def test_scripts_without_spaces_are_cut_where_a_line_may_break(text: str) -> None:
    from icu4py.breakers import LineBreaker

    breaks = {end for _, end in LineBreaker(text, "en").segments()}
    position = 0
    for part in split(text, 100):
        position += len(part)
        assert position in breaks


def test_a_grapheme_longer_than_the_limit_is_cut_between_code_points() -> None:
    assert split("a" + "\u0301" * 9, 4) == ("a" + "\u0301" * 3, "\u0301" * 4, "\u0301" * 2)


def test_a_limit_that_cannot_hold_an_emoji_is_refused() -> None:
    with pytest.raises(ValueError, match="two units"):
        split("x", 1)

"""Scripts by letters, words by ICU, names by list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.features import features, piece_features
from nlu.text.names import NameFinder
from nlu.text.script import dominant
from nlu.text.tokens import tokens, words

ANY = st.text(alphabet=st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("help me", "Latin"),
        ("ช่วยด้วย", "Thai"),
        ("ជួយខ្ញុំផង", "Khmer"),
        ("救救我", "Han"),
        ("助けてください", "Hiragana"),
        ("ကူညီပါ", "Myanmar"),
        ("ช่วย my telegram", "Thai"),
        ("ខ្ញុំនៅ Sihanoukville", "Khmer"),
        ("我在telegram被骗了", "Han"),
        ("123 😀 !!", ""),
        ("", ""),
        ("\ud800\x00", ""),
    ],
)
def test_the_script_is_told_by_the_letters(text: str, script: str) -> None:
    """A Latin name inside another script does not hide it."""
    assert dominant(text) == script


def test_words_are_cut_where_there_are_no_spaces() -> None:
    """Thai, Khmer and Chinese words are words, with their places."""
    assert words("ช่วยด้วย ฉันถูกขังอยู่") == ["ช่วย", "ด้วย", "ฉัน", "ถูก", "ขัง", "อยู่"]
    assert "ខ្ញុំ" in words("ខ្ញុំត្រូវគេចាប់")
    assert "园区" in words("我被关在园区里")


def test_marks_do_not_cut_words() -> None:
    """Rasa's own pattern would cut these at every vowel sign."""
    assert words("मुझे बचाओ") == ["मुझे", "बचाओ"]
    assert words("cứu tôi với") == ["cứu", "tôi", "với"]


@given(ANY)
def test_every_word_stands_where_it_says(text: str) -> None:
    """Characters beyond the 16-bit plane count as one, for whatever string."""
    for token in tokens(text):
        assert text[token.start : token.end] == token.text or "\ufffd" in token.text


def test_emoji_before_a_word_does_not_shift_it() -> None:
    """ICU counts in UTF-16 units; we count in characters."""
    assert [(t.text, t.start) for t in tokens("😀😀 go 😀 now")] == [("go", 3), ("now", 8)]


def test_features_are_words_pairs_and_pieces() -> None:
    """The recipe, on one small message."""
    found = features("Help me")

    assert {"w:help", "w:me", "w:help me", "w:^ help", "w:me $", "c: hel", "c:lp ", "c:m"} <= set(found)
    assert "c:p m" not in found


def test_a_text_without_words_has_no_features() -> None:
    """Emoji, digits' absence and emptiness give the classifier nothing to guess from."""
    assert features("") == features("😀😀 !!") == []


def test_a_word_shorter_than_a_piece_counts_once_a_length() -> None:
    """A word of one letter has no piece longer than itself with its spaces, and is not counted twice."""
    assert piece_features(["a"]) == ["c:a", "c: a", "c:a ", "c: a ", "c: a "]


FINDER = NameFinder.of({"place": ["Bavet", "Miến Điện", "Phnom Penh", "ភ្នំពេញ", "西港", "เชียงราย", "Penh"]})


@pytest.mark.parametrize(
    ("text", "listed", "span"),
    [
        ("i am in BAVET now", "Bavet", "BAVET"),
        ("toi o mien dien", "Miến Điện", "mien dien"),
        ("tôi ở Miến  Điện", "Miến Điện", "Miến  Điện"),
        ("ខ្ញុំនៅភ្នំ\u200bពេញ", "ភ្នំពេញ", "ភ្នំ\u200bពេញ"),
        ("我在西港园区", "西港", "西港"),
        ("อยู่เชียงรายครับ", "เชียงราย", "เชียงราย"),
        ("phnom penh", "Phnom Penh", "phnom penh"),
    ],
)
def test_places_are_found_in_every_script(text: str, listed: str, span: str) -> None:
    """By the list, unaccented too, the longest name first, with the span as typed."""
    [found] = FINDER.find(text)

    assert found.listed == listed
    assert text[found.start : found.end] == span


def test_a_name_inside_a_longer_word_is_not_that_name() -> None:
    """Where a script has spaces."""
    assert FINDER.find("bavetter") == []

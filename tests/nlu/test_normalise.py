"""Two spellings of the same words compare equal, and every character knows where it came from."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu.text.normalise import normalise, plain, sendable, trace

ANY = st.text(alphabet=st.characters(), max_size=80)  # lone surrogates included


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("HELP  me", "help me"),
        ("helppppp meeee!!!!", "help me!"),
        ("ｈｅｌｐ　ｍｅ", "help me"),
        ("he\u200blp\u00ad me", "help me"),
        ("\u202ehelp me\u202c", "help me"),
        ("help\x00 me\ud800", "help me"),
        ("cu\u031b\u0301u to\u0302i", "cứu tôi"),
        ("ខ្ញុំ\u200bត្រូវ", "ខ្ញុំត្រូវ"),
        ("ช่วยด้วยยยยย", "ช่วยด้วย"),
        ("1000000 usd", "1000000 usd"),
    ],
)
def test_spellings_of_the_same_words_are_equal(typed: str, same: str) -> None:
    """Case, width, repeats, invisible characters and the order of marks make no difference; numbers stay."""
    assert normalise(typed) == same


def test_marks_stay_where_they_are_the_vowels() -> None:
    """Khmer, Thai, Burmese and Hindi words keep every mark, also in the plain form."""
    for text in ("ភ្នំពេញ", "ช่วยด้วย", "ကူညီပါ", "मुझे बचाओ"):
        assert normalise(text) == unicodedata.normalize("NFKC", text)
        assert plain(text) == unicodedata.normalize("NFC", text)


def test_vietnamese_is_found_as_phones_type_it() -> None:
    """The plain form is what people type who type no marks, the crossed d included."""
    assert plain("cứu tôi với, họ đánh tôi ở Đà Nẵng") == "cuu toi voi, ho danh toi o Da Nang"


@given(ANY)
@example("ᄀᄀᄀ가")
@example("e\u0301\u0301\u0301")
@example("ﾞﾞﾞハ")
def test_normalising_twice_changes_nothing(text: str) -> None:
    """Any string, and never an error."""
    once = normalise(text)

    assert normalise(once) == once
    assert not any(unicodedata.category(c) in {"Cf", "Cs"} for c in once)


@given(ANY)
def test_every_character_knows_where_it_came_from(text: str) -> None:
    """Spans lie inside the original, in order, and each is at least one character."""
    traced = trace(text)

    assert len(traced.starts) == len(traced.ends) == len(traced.text)
    assert all(0 <= s < e <= len(text) for s, e in zip(traced.starts, traced.ends, strict=True))
    assert list(traced.starts) == sorted(traced.starts)


def test_a_span_names_the_words_as_they_were_typed() -> None:
    """What an operator sees marked is the person's own spelling."""
    typed = "toi o SIHANOUK\u200bVILLEEEE  ạ"
    traced = trace(typed)
    at = traced.text.index("sihanoukville")
    start, end = traced.span(at, at + len("sihanoukville"))

    assert typed[start:end] == "SIHANOUK\u200bVILLE"


@pytest.mark.parametrize("typed", ["/greet", " /greet", "／greet", "\u200b/／ /greet", "\x00/greet", "\n//greet"])
def test_a_leading_slash_never_reaches_rasa(typed: str) -> None:
    """Rasa would obey it; whatever stands before it and whichever slash it is."""
    sent, offset = sendable(typed, 100)

    assert sent == "greet"
    assert typed[offset:] == "greet"


@given(ANY)
def test_what_is_sent_keeps_its_places(text: str) -> None:
    """Only a prefix is cut, the rest keeps its length, so that spans need one number; it is valid UTF-8."""
    sent, offset = sendable(text, 20)

    assert len(sent) == min(20, len(text) - offset)
    sent.encode()
    assert not unicodedata.normalize("NFKC", sent).strip().startswith("/")

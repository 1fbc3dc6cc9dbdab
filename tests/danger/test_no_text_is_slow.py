"""The work of a scan grows with the length of the text and not with its shape (steps are counted, not seconds)."""

from __future__ import annotations

import pytest

from nlu.danger import find, matchers
from nlu.phrasebook import every
from nlu.words import answer, digit, safe_word

SHAPES = {
    "one letter": "a",
    "letters apart": "a ",
    "one word": "kill ",
    "repeated prefix": "they will not ",
    "gaps": "they were and and and and and ",
    "hits": "they kill me ",
    "denials": "they did not kill me ",
    "age": "15 ",
    "symbols": "k!*@$",
    "marks": "e\u0301\u0301\u0301",
    "thai": "ช่วย",
    "han": "打我不",
    "khmer": "ជួយ",
    "nul": "\x00",
    "emoji": "😭",
    "newlines": "kill\n",
}


def steps(text: str) -> int:
    """The steps of all languages' scans."""
    return sum(matcher.scan(text).steps for matcher in matchers())


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_twice_the_text_is_at_most_about_twice_the_work(shape: str) -> None:
    short, long = steps(shape * 500), steps(shape * 1000)
    assert long <= 2.2 * short + 5000


@pytest.mark.parametrize("text", ["a" * 100_000, "kill " * 2_000 + "me", "they .. " * 10_000, "e" + "\u0301" * 50_000])
def test_a_long_text_is_scanned_whole(text: str) -> None:
    assert find(text) == find(text)
    assert find("x" * 90_000 + ". they will kill me")[-1].trigger == "C12"


def test_words_are_not_read_from_a_long_message() -> None:
    assert (safe_word("stop" * 50_000), answer("yes " * 50_000, "en"), digit("1" * 100_000)) == (
        None,
        None,
        None,
    )


def test_a_cry_at_the_end_of_ten_thousand_denials_is_heard() -> None:
    text = "they did not kill me. " * 2_000 + "now they will kill me"
    assert any(f.trigger == "C12" and f.polarity == "asserted" for f in find(text, "en"))


def test_a_text_of_every_listed_word_is_scanned() -> None:
    words = [w for m in every().values() for members in (m.get("words") or {}).values() for w in members]
    assert find(" ".join(words))

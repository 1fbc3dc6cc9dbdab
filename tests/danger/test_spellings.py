"""The same word typed in another order, without its tone, or in the other Chinese characters is the same word."""

from __future__ import annotations

import pytest

from nlu.danger import find
from nlu.text.units import cut, words_of


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("กํา", "กำ"),  # nikhahit and sara aa for sara am
        ("นํ้า", "น้ำ"),
        ("น้ํา", "น้ำ"),
        ("เเม่", "แม่"),  # two sara e for sara ae
        ("ខ្ញំុ", "ខ្ញុំ"),  # marks in another order
        ("សែ្អក", "ស្អែក"),
        ("តូ្រវ", "ត្រូវ"),
        ("他們要殺我", "他们要杀我"),
        ("hoà", "hòa"),
    ],
)
def test_two_ways_to_type_a_word_are_one(typed: str, meant: str) -> None:
    assert words_of(typed) == words_of(meant)


def test_a_consonant_below_belongs_to_its_syllable() -> None:
    """ "House" (ផ្ទះ) holds the letters of "slap" (ទះ) and is none."""
    assert words_of("ផ្ទះ") == ("ផ្ទះ",)
    assert not find("ផ្ទះខ្ញុំនៅតាកែវ")


def test_thai_is_understood_without_its_tones() -> None:
    assert {f.trigger for f in find("พวกมันจะฆาฉัน")} >= {"C12"}


@pytest.mark.parametrize("text", ["กําลังหนี", "សែ្អក គេលក់ខ្ញុំ", "เเม่ถูกตี", "他們要殺我", "ខ្ញំុ"])
def test_spans_stay_inside_the_text_as_received(text: str) -> None:
    units = cut(text)
    assert all(0 <= start < end <= len(text) for start, end in zip(units.starts, units.ends, strict=True))
    assert list(units.starts) == sorted(units.starts)


@pytest.mark.parametrize(
    "text", ["\u17d2", "\u17d2\u17d2\u17d2ក", "ក\u17d2", "\u0e4d", "\u0e4d\u0e32", "\u1039", "\u0e40" * 9]
)
def test_broken_syllables_are_cut_without_harm(text: str) -> None:
    assert find(text) == find(text)

"""Chinese characters: simplified or traditional, by the characters and words that only one of them has."""

from __future__ import annotations

import math
from functools import lru_cache

from nlu.language_bayes import as_chances
from nlu.language_table import Language, Languages

SIMPLIFIED, TRADITIONAL = "zh-Hans", "zh-Hant"
_A_SIGN = 3.0
"""How much likelier (log) one such character or word makes the language that has it; the other may quote a name."""
_NOT_ALONE = 0.05
"""How likely a language that has another script too writes in these characters alone (Japanese without kana)."""


def chinese(text: str, table: Languages) -> dict[str, float]:
    """The probability of each language of the script Han."""
    counted = {SIMPLIFIED: sum(map(_only_simplified, text)), TRADITIONAL: sum(map(_only_traditional, text))}
    scores = {
        language.code: _prior(language) + _A_SIGN * (counted.get(language.code, 0) + _listed(text, language))
        for language in table.of_script("Han")
    }
    return as_chances(scores)


def _listed(text: str, language: Language) -> int:
    """How many of a language's own words a text has: Cantonese is often written without one traditional form."""
    return sum(word in text for word in _own_words(language.words))


@lru_cache(maxsize=8)
def _own_words(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _prior(language: Language) -> float:
    return math.log(language.prior if len(language.scripts) == 1 else _NOT_ALONE)


@lru_cache(maxsize=8192)
def _only_simplified(character: str) -> bool:
    return _in(character, "gb2312") and not _in(character, "big5")


@lru_cache(maxsize=8192)
def _only_traditional(character: str) -> bool:
    return _in(character, "big5") and not _in(character, "gb2312")


def _in(character: str, codec: str) -> bool:
    """Whether a national character set has a character: GB 2312 is simplified, Big5 is traditional."""
    if not "\u4e00" <= character <= "\u9fff":
        return False
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True

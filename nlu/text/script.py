"""Which script a text is written in, by its letters alone."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

LATIN = "Latin"

OF_SYLLABLES = frozenset({"Thai", "Khmer", "Lao", "Myanmar"})
OF_CHARACTERS = frozenset({"Han", "Hiragana", "Katakana"})
UNSPACED = OF_SYLLABLES | OF_CHARACTERS
"""Scripts that put no spaces between words."""

_LATIN_WEIGHT = 1 / 3
"""What a Latin letter counts beside one of another script: names of places, apps and brands are written in
Latin inside every script, and one Han or Khmer character carries about what three Latin letters do."""

_OTHERWISE = {"CJK": "Han", "IDEOGRAPHIC": "Han", "KATAKANA-HIRAGANA": "Katakana"}
"""Scripts whose letters' names begin with another word than the script's name."""

_OF_NO_SCRIPT = frozenset({"COMBINING", "VARIATION", "MODIFIER"})


@lru_cache(maxsize=16384)
def script_of(character: str) -> str:
    """The script of one letter or vowel sign; "" for digits, marks of no script, punctuation, emoji."""
    if unicodedata.category(character)[0] not in "LM":
        return ""
    words = unicodedata.name(character, "").split()
    if words and words[0] in {"FULLWIDTH", "HALFWIDTH"}:
        words = words[1:]
    if not words or words[0] in _OF_NO_SCRIPT:
        return ""
    return _OTHERWISE.get(words[0], words[0].capitalize())


def scripts(text: str) -> Counter[str]:
    """How many letters and vowel signs of each script a text has."""
    return Counter(script for script in map(script_of, text) if script)


def weighed(text: str) -> Counter[str]:
    """Like `scripts`, in thirds of a letter: a Latin letter counts one, any other three."""
    counted: Counter[str] = Counter()
    for script, number in scripts(text).items():
        counted[script] = number if script == LATIN else round(number / _LATIN_WEIGHT)
    return counted


def dominant(text: str) -> str:
    """The script that carries most of a text, "" where it has no letters.

    Kana beside Han is one writing system: such a text is "Hiragana" or "Katakana" (Japanese) even where Han
    prevails.
    """
    counted = weighed(text)
    if not counted:
        return ""
    script = max(counted, key=lambda name: (counted[name], name))
    kana = {name: counted[name] for name in ("Hiragana", "Katakana") if counted[name]}
    if script == "Han" and sum(kana.values()) * 8 > counted["Han"]:
        return max(kana, key=lambda name: kana[name])
    return script

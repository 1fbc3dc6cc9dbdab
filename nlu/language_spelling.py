"""How else a romanised sentence may be spelt: nobody learns a standard for Khmer or Hindi in Latin letters.

"The best published model for romanised text was trained on synthetic spellings with natural variation" (`nlu.md` §1a).
"""

from __future__ import annotations

import re
import zlib

_RULES = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        ("aa", "a"),
        ("ee", "i"),
        ("oo", "u"),
        ("kh", "k"),
        ("ph", "p"),
        ("th", "t"),
        ("dh", "d"),
        ("bh", "b"),
        ("gh", "g"),
        ("ai", "ay"),
        ("ou", "u"),
        ("v", "w"),
        ("z", "j"),
        ("uy", "oy"),
        (r"([b-df-hj-np-tv-z])\1", r"\1"),
        (r"(?<=[aeiou])h\b", ""),
    )
)


def spellings(text: str, most: int = 2) -> list[str]:
    """Up to `most` other spellings of a sentence in Latin letters; the same text always gets the same."""
    text = text.lower()
    found: list[str] = []
    for number in range(most):
        chosen = zlib.crc32(f"{number}{text}".encode())  # which rules apply: half of them, as if at random
        spelt = text
        for place, (pattern, put) in enumerate(_RULES):
            if chosen >> place & 1:
                spelt = pattern.sub(put, spelt)
        if spelt != text and spelt not in found:
            found.append(spelt)
    return found

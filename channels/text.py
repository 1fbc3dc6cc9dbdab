"""Cutting text so that a channel can carry it: by graphemes, never inside one.

Lengths are UTF-16 code units, the reading of Telegram's "4096 characters" that is safe under any other
reading (security.md §3.1): an emoji counts two or more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from icu4py.breakers import BaseBreaker, CharacterBreaker, LineBreaker, SentenceBreaker

_SURROGATE = re.compile("[\ud800-\udfff]")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")

# ICU refuses lone surrogates. A zero-width space stands in while breaks are sought: it is one code point too,
# and like a surrogate it joins neither neighbour (class Control of UAX #29).
_STAND_IN = "\u200b"


def units(text: str) -> int:
    """Length in UTF-16 code units; a lone surrogate counts one."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def graphemes(text: str) -> Iterator[str]:
    """What a reader calls characters, in order; joined they are `text` again. Lone surrogates stand alone."""
    start = 0
    for end in _ends(CharacterBreaker(_breakable(text), "en"), _positions(text)):
        yield text[start:end]
        start = end


def without_lone_surrogates(text: str) -> str:
    """`text` as UTF-8 can carry it: each lone surrogate becomes U+FFFD, the mark of an unreadable one."""
    return _SURROGATE.sub("\ufffd", text)


def split(text: str, limit_units: int) -> tuple[str, ...]:
    """Cut into parts of at most `limit_units` UTF-16 units; joined they are `text` again, and `""` has no
    parts.

    A cut falls at the last paragraph in the second half of what fits, else at the last sentence there, else
    at the last place where a line may break (in Khmer, Thai and Chinese too), else between graphemes. Only a
    grapheme that is itself longer than the limit is cut, between code points.

    Raises:
        ValueError: a limit under 2, which could not hold every code point.
    """
    if limit_units < 2:
        raise ValueError("a part must hold at least two units")
    if units(text) <= limit_units:
        return (text,) if text else ()
    return tuple(_parts(text, limit_units))


def _parts(text: str, limit: int) -> Iterator[str]:
    breakable = _breakable(text)
    positions = _positions(text)
    ends = _ends(CharacterBreaker(breakable, "en"), positions)
    preferences = tuple(
        sorted(set(found) & set(ends))
        for found in (
            [match.end() for match in _PARAGRAPH.finditer(breakable)],
            _ends(SentenceBreaker(breakable, "en"), positions),
            _ends(LineBreaker(breakable, "en"), positions),
        )
    )
    start = 0
    while start < len(text):
        furthest = bisect_right(positions, positions[start] + limit) - 1
        end = _cut(start, furthest, len(text), ends, preferences)
        yield text[start:end]
        start = end


def _cut(start: int, furthest: int, length: int, ends: list[int], preferences: Iterable[list[int]]) -> int:
    """Where the part that begins at `start` ends; it may reach `furthest`."""
    if furthest >= length:
        return length
    half = start + (furthest - start) // 2
    for wanted in preferences:
        best = _last(wanted, furthest)
        if best > half:
            return best
    whole = _last(ends, furthest)
    return whole if whole > start else furthest


def _last(sorted_ends: list[int], furthest: int) -> int:
    index = bisect_right(sorted_ends, furthest)
    return sorted_ends[index - 1] if index else 0


def _ends(breaker: BaseBreaker, positions: list[int]) -> list[int]:
    """Ends of a breaker's segments in code points: ICU counts UTF-16 units (measured)."""
    index = {position: number for number, position in enumerate(positions)}
    return [index[end] for _, end in breaker.segments()]


def _positions(text: str) -> list[int]:
    """UTF-16 position of each code point, and of the end."""
    positions = [0]
    for character in text:
        positions.append(positions[-1] + (2 if character > "\uffff" else 1))
    return positions


def _breakable(text: str) -> str:
    return _SURROGATE.sub(_STAND_IN, text)

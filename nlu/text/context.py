"""What stands around a phrase: is it denied, is it past, is it about another person, is it an idiom?

On doubt the answer is the one that raises: a denial counts only where it is close, unbroken and not weakened.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from nlu.text.units import Units

Polarity = Literal["asserted", "denied", "unsure"]
Time = Literal["now", "past", "threat", "unsure"]

LISTS = ("denials", "denials_after", "yet", "doubts", "breaks", "others", "past", "present")
"""The lists of a phrase file that change what its phrases mean."""

_DOUBT_AFTER = 4  # units after a phrase in which "yet" weakens a denial
_TIME_AROUND = 8
_OTHER_AROUND = 3
_LONGEST_DENIAL = 9  # units; "nobody" is that long in Khmer


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How far words of one language work, in units: a gap inside a phrase; a denial before a word; a denial after
    the phrase, where the language denies its verb behind it; "if" and "let" before a phrase."""

    gap: int
    denial: int
    denial_after: int = 1
    doubt: int = 6


class Context:
    """The words of a text that change what its phrases mean."""

    def __init__(
        self,
        units: Units,
        places: Mapping[str, Sequence[tuple[int, int, bool]]],
        reach: Reach,
        subjects: Collection[str],
    ) -> None:
        self._units = units
        self._reach = reach
        self._at = {name: _ends(places.get(f"@{name}", ())) for name in LISTS}
        self._subjects = {first for name in subjects for first, _, _ in places.get(name, ())}
        self._excused: dict[int, frozenset[int]] = {}

    def excuse(self, places: Sequence[tuple[int, int]]) -> None:
        """Note the units of a harmless phrase ("my battery is dying")."""
        phrase = frozenset(_positions(places))
        for position in phrase:
            longest = self._excused.get(position, phrase)
            self._excused[position] = phrase if len(phrase) > len(longest) else longest

    def is_harmless(self, places: Sequence[tuple[int, int]], *, literal: bool) -> bool:
        """Whether at least half of the letters of a phrase belong to harmless ones that say more than it does.

        A harmless phrase that is wholly a part of this one is no excuse: this one says the more. Where the two are
        the same words, the phrase wins only if it is `literal`, written out and not put together from sets.
        """
        if not self._excused:
            return False
        own = set(_positions(places))
        total = excused = 0
        for position in own:
            letters = len(self._units.words[position])
            total += letters
            harmless = self._excused.get(position)
            if harmless is not None and (harmless - own or (harmless == own and not literal)):
                excused += letters
        return excused * 2 >= total

    def polarity(self, places: Sequence[tuple[int, int]], opens_with_subject: bool) -> Polarity:
        """Whether a phrase is said, denied, or neither for sure.

        A denial before a phrase that opens with its subject ("no they hit me") belongs to something else.
        """
        gaps = [(first, after) for (_, first), (after, _) in pairwise(places) if after > first]
        if not opens_with_subject:
            gaps.append((0, places[0][0]))
        first, after = places[0][0], places[-1][1]
        behind = self._denied_after(after)
        if not behind and not any(self._denied(lowest, word) for lowest, word in gaps):
            return "asserted"
        inside = set(_positions(places))
        if self._any("yet", first - self._reach.doubt, after + _DOUBT_AFTER, inside):
            return "unsure"
        if self._any("doubts", first - self._reach.doubt, after + (_DOUBT_AFTER if behind else 0), inside):
            return "unsure"
        return "denied"

    def time(self, places: Sequence[tuple[int, int]], otherwise: Time) -> Time:
        """ "past" where a word of the past stands near and none of the present; else what the phrase says itself."""
        first, after = places[0][0] - _TIME_AROUND, places[-1][1] + _TIME_AROUND
        if otherwise != "threat" and self._any("past", first, after, ()) and not self._any("present", first, after, ()):
            return "past"
        return otherwise

    def names_another(self, places: Sequence[tuple[int, int]]) -> bool:
        """Whether a word for another person stands beside the phrase."""
        return self._any("others", places[0][0] - _OTHER_AROUND, places[-1][1] + _OTHER_AROUND, ())

    def _denied(self, lowest: int, word: int) -> bool:
        """Whether a denial ends within reach before `word`, with nothing between that ends its force."""
        at = word - 1
        furthest = max(lowest, word - self._reach.denial - _LONGEST_DENIAL)
        while at >= furthest:
            if at + 1 < len(self._units) and self._units.broken[at + 1]:
                return False
            if any(word - self._reach.denial <= end <= word for end in self._at["denials"].get(at, ())):
                return True
            if at in self._at["breaks"] or at in self._subjects:
                return False
            at -= 1
        return False

    def _denied_after(self, end: int) -> bool:
        """Whether a denial that stands behind its verb ("मारा नहीं", "때리지 않았다") begins within reach of `end`."""
        if not (denials := self._at["denials_after"]):
            return False
        for at in range(end, min(end + self._reach.denial_after + 1, len(self._units))):
            if self._units.broken[at] or (at not in denials and (at in self._at["breaks"] or at in self._subjects)):
                return False
            if at in denials:
                return True
        return False

    def _any(self, name: str, first: int, after: int, but: Collection[int]) -> bool:
        found = self._at[name]
        if not found:
            return False
        sentence = self._units.sentences
        middle = sentence[min(max((first + after) // 2, 0), len(sentence) - 1)]
        window = range(max(first, 0), min(after, len(sentence)))
        return any(i in found and i not in but and sentence[i] == middle for i in window)


def _ends(places: Iterable[tuple[int, int, bool]]) -> dict[int, tuple[int, ...]]:
    """First unit to the unit after each member that begins there."""
    ends: dict[int, tuple[int, ...]] = {}
    for first, after, _ in places:
        ends[first] = (*ends.get(first, ()), after)
    return ends


def _positions(places: Iterable[tuple[int, int]]) -> Iterator[int]:
    for first, after in places:
        yield from range(first, after)

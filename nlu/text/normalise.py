"""One way to write down what a person typed, so that two spellings of the same words compare equal.

Steps: invisible characters out, NFKC, casefold, traditional Chinese as simplified, Thai "เเ" as "แ", repeats
squeezed, white space to one space. Marks stay (in
Khmer, Thai or Hindi they are the vowels); `plain` drops them for Latin script, because phones in Vietnam
often do not type them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from nlu.text.han import simplified

_JOINS_ON = frozenset(range(0x1160, 0x1200)) | {0xFF9E, 0xFF9F}
"""Characters that are no marks but compose with the one before: Hangul vowels and finals, half-width kana
voicing."""

_SARA_E = "\u0e40"
_SARA_AE = "\u0e41"
"""Thai people type the first twice where the second is meant: they look the same."""

_STROKED = str.maketrans(dict(zip("đĐłŁøØıðÐħĦŧŦ", "dDlLoOidDhHtT", strict=True)))
"""Latin letters whose stroke is no combining mark, so that decomposition leaves them whole."""


@dataclass(frozen=True, kw_only=True)
class Normalised:
    """A normalised text and where each of its characters came from."""

    text: str
    starts: tuple[int, ...]  # for each character of `text`: where its source begins in the original
    ends: tuple[int, ...]  # and where that source ends (exclusive)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that `text[start:end]` was made from; (0, 0) for an empty span."""
        if start >= end:
            return 0, 0
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> str:
    """The comparable form of a text. Never raises; `normalise(normalise(x)) == normalise(x)`."""
    return trace(text).text


def trace(text: str) -> Normalised:
    """Like `normalise`, keeping for every character the span of the original that it came from."""
    current = _squeezed(*_folded(text))
    while not current.text.isascii():  # squeezing can bring characters together that compose: rarely a second round
        following = _squeezed(*_folded(current.text))
        if following.text == current.text:
            break
        current = Normalised(
            text=following.text,
            starts=tuple(current.starts[i] for i in following.starts),
            ends=tuple(current.ends[i - 1] for i in following.ends),
        )
    return current


def plain(text: str) -> str:
    """The text with the marks of Latin letters dropped ("cứu tôi" → "cuu toi"); other scripts keep theirs."""
    if text.isascii():
        return text
    kept: list[str] = []
    latin = False
    for character in unicodedata.normalize("NFD", text):
        if unicodedata.category(character) == "Mn":
            if not latin:
                kept.append(character)
            continue
        latin = _is_latin(character)
        kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_STROKED)


def sendable(text: str, limit: int) -> tuple[str, int]:
    """What may be handed to Rasa, and how many characters were cut off its front.

    Rasa obeys a text that begins with a slash ("/intent{slots}"), so every leading slash goes, whatever
    stands before it and whichever slash it is (NFKC turns the full-width one into "/"). What remains keeps
    its length, so that spans only need the offset added: NUL, lone surrogates and other controls become
    spaces.
    """
    readable = "".join(" " if _is_control(c) else c for c in text[: limit * 2])
    cut = 0
    while cut < len(readable) and _starts_a_command(readable[cut]):
        cut += 1
    return readable[cut : cut + limit], cut


def _starts_a_command(character: str) -> bool:
    if character.isspace() or is_invisible(character):
        return True
    return unicodedata.normalize("NFKC", character).strip().startswith("/") or character in "⁄∕⧸"


@lru_cache(maxsize=16384)
def is_invisible(character: str) -> bool:
    """Zero-width, bidi and other format characters, variation selectors, the soft hyphen, controls, lone
    surrogates."""
    if character.isspace():
        return False
    if "\ufe00" <= character <= "\ufe0f" or character in "\u034f\u17b4\u17b5\u115f\u1160\u3164\uffa0":
        return True
    return unicodedata.category(character) in {"Cf", "Cs", "Cc"}


def _is_control(character: str) -> bool:
    if character in "\n\r\t":
        return False
    return unicodedata.category(character) in {"Cc", "Cs"}


@lru_cache(maxsize=8192)
def _is_latin(character: str) -> bool:
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN")


@lru_cache(maxsize=16384)
def _continues(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or ord(character) in _JOINS_ON


@lru_cache(maxsize=8192)
def _fold(cluster: str) -> str:
    """One character with its marks, normalised. Repeated until it holds still: casefold can undo NFKC."""
    while True:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
        folded = sara_ae("".join(simplified(c) for c in folded if not is_invisible(c)))
        if folded == cluster:
            return folded
        cluster = folded


def doubled(text: str, visible: Sequence[int], n: int) -> bool:
    """Whether the n-th visible character is the second of two Thai sara e, which are one sara ae."""
    return text[visible[n]] == _SARA_E == text[visible[n - 1]]


def sara_ae(cluster: str) -> str:
    """The cluster with two sara e as the one vowel that they stand for."""
    return cluster.replace(_SARA_E * 2, _SARA_AE)


def _folded(text: str) -> tuple[str, list[int], list[int]]:
    """Every cluster of the text folded, with the span it came from."""
    if text.isascii() and text.isprintable():
        return text.casefold(), list(range(len(text))), list(range(1, len(text) + 1))
    visible = [i for i, c in enumerate(text) if not is_invisible(c)]
    firsts = [n for n, i in enumerate(visible) if n == 0 or not (_continues(text[i]) or doubled(text, visible, n))]
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for begin, after in pairwise([*firsts, len(visible)]):
        places = visible[begin:after]
        folded = _fold("".join(text[i] for i in places))
        characters.append(folded)
        if len(folded) != len(places):  # it was composed or taken apart: each part came from the whole
            starts.extend([places[0]] * len(folded))
            ends.extend([places[-1] + 1] * len(folded))
        else:
            starts.extend(places)
            ends.extend(i + 1 for i in places)
    return "".join(characters), starts, ends


_RUN = re.compile(r"(\D)\1{2,}|\s+", re.DOTALL)


def _squeezed(characters: str, starts: list[int], ends: list[int]) -> Normalised:
    """Three or more of the same become one ("pleaseee", "!!!!"; digits stay), white space one space, none at
    the ends."""
    kept = list(range(len(characters)))
    for run in reversed(list(_RUN.finditer(characters))):
        del kept[run.start() + 1 : run.end()]
    text = "".join(" " if (c := characters[i]).isspace() else c for i in kept)
    left = len(text) - len(text.lstrip())
    kept = kept[left : len(text.rstrip())]
    return Normalised(text=text.strip(), starts=tuple(starts[i] for i in kept), ends=tuple(ends[i] for i in kept))

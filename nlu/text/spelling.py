"""Which words of a list a typed word may stand for: marks left out, letters repeated, masked or mistyped.

All look-ups are in tables made once, so a word costs the same however long the list is.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from nlu.text.normalise import plain
from nlu.text.script import script_of

AGE = "\x00age"
NUMBER = "\x00number"
"""What a number in digits stands for in a phrase: `<age>` is 5 to 17, `<number>` is any."""

_LEET = (
    str.maketrans("0134578@$!|+", "oieastbasilt"),
    str.maketrans("0134578@$!|+", "olegstbasllt"),
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_UNTONED = dict.fromkeys((*range(0x0E48, 0x0E4C), *range(0x0EC8, 0x0ECC)))  # Thai, Lao
_LONGEST = 24  # letters; no phrase has a longer word
_SLIPS = frozenset({"Arabic", "Devanagari", "Bengali", "Tamil", "Ethiopic"})
_TYPO_FROM = 6  # letters a word must have before one slip is forgiven
_CACHED = 20_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listed word that a typed one may stand for; `loose` where letters or marks had to be guessed."""

    word: str
    loose: bool = False


@dataclass
class Vocabulary:
    """The words of one language's phrases. `plain_words` are never guessed to be another word."""

    words: frozenset[str]
    plain_words: frozenset[str] = frozenset()
    _by_variant: dict[str, tuple[str, ...]] = field(init=False, repr=False)
    _by_squeezed: dict[str, tuple[str, ...]] = field(init=False, repr=False)
    _by_deletion: dict[str, tuple[str, ...]] = field(init=False, repr=False)
    _by_mask: dict[str, tuple[str, ...]] = field(init=False, repr=False)
    _cache: dict[str, tuple[Candidate, ...]] = field(init=False, repr=False, default_factory=dict)
    _joined: dict[str, tuple[Candidate, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        spelt = [w for w in self.words if w[0].isalpha() and w.isprintable()]
        self._by_variant = _table((v, w) for w in spelt for v in variants(w))
        self._by_squeezed = _table((squeezed(plain_of(w)), w) for w in spelt if len(w) > 2)
        typed = [(plain_of(w), w) for w in spelt if _TYPO_FROM <= len(plain_of(w)) <= _LONGEST]
        self._by_deletion = _table((d, w) for p, w in typed if _may_slip(p) for d in (p, *deletions(p)))
        self._by_mask = _table(
            (f"{p[:i]}*{p[i + 1 :]}", w) for w in spelt if 4 <= len(p := plain_of(w)) <= 12 for i in range(1, len(p))
        )

    def candidates(self, word: str) -> tuple[Candidate, ...]:
        """The listed words that `word` may stand for, exact ones first; empty for nearly all words of a text."""
        found = self._cache.get(word)
        if found is None:
            if len(self._cache) > _CACHED:
                self._cache.clear()
            found = self._cache[word] = tuple(self._look_up(word))
        return found

    def joined(self, word: str) -> tuple[Candidate, ...]:
        """Like `candidates` for letters that were typed apart or around a symbol ("k i l l", "r@pe"): no typos."""
        found = self._joined.get(word)
        if found is None:
            if len(self._joined) > _CACHED:
                self._joined.clear()
            guesses = (*self._by_variant.get(word, ()), *self._disguised(word))
            exact = (Candidate(word),)
            found = exact if word in self.words else tuple(Candidate(w, loose=True) for w in guesses)
            self._joined[word] = found
        return found

    def _look_up(self, word: str) -> list[Candidate]:
        if word.isdecimal():
            return _numbers(word, word in self.words)
        found = [Candidate(word)] if word in self.words else []
        if word in self.plain_words or len(word) > _LONGEST * 4:
            return found
        found += [Candidate(w, loose=True) for w in self._by_variant.get(word, ()) if w != word]
        if not found:
            found = [Candidate(w, loose=True) for w in self._guessed(word)]
        return found

    def _guessed(self, word: str) -> tuple[str, ...]:
        short = squeezed(word)
        stretched = any(len(list(run)) > 2 for _, run in groupby(word))
        if stretched or len(short) >= 4:
            found = self._by_squeezed.get(short) or (self._by_variant.get(short) if stretched else None)
            if found:
                return found
        return self._disguised(word) or self._mistyped(word)

    def _disguised(self, word: str) -> tuple[str, ...]:
        if "*" in word:
            return self._by_mask.get(word, ())
        if word.isalpha():
            return ()
        for table in _LEET:
            shown = word.translate(table)
            if shown != word and shown.isalpha():
                found = (shown,) if shown in self.words else self._by_squeezed.get(squeezed(shown), ())
                if found:
                    return found
        return ()

    def _mistyped(self, word: str) -> tuple[str, ...]:
        if not (_TYPO_FROM - 1 <= len(word) <= _LONGEST and _may_slip(word)):
            return ()
        near = {w for d in (word, *deletions(word)) for w in self._by_deletion.get(d, ())}
        return tuple(sorted(w for w in near if word[0] == w[0] and one_slip(word, plain_of(w))))


def _may_slip(word: str) -> bool:
    """Whether a slip of the thumb is looked for in a word: of Latin letters, or of another script with spaces whose
    letters are about as many (a Hangul syllable is three; a Vietnamese word with its marks is never a slip away)."""
    if word.isascii():
        return word.isalpha()
    return script_of(word[0]) in _SLIPS


def variants(word: str) -> set[str]:
    """How a word with marks is typed: Vietnamese whole, without tone, without any mark, or with only "đ" kept; Thai and
    Lao without tone."""
    if not is_latin(word):
        return {word, word.translate(_UNTONED)}
    toneless = word.rstrip(_TONES)
    bare = plain_of(word)
    kept = "".join(c if c == "đ" else plain(c) for c in toneless)
    return {word, toneless, toneless.replace("đ", "d"), kept, bare}


def plain_of(word: str) -> str:
    """The word without any Latin mark."""
    if not is_latin(word):
        return word
    return plain(unicodedata.normalize("NFC", word)).rstrip(_TONES)


def is_latin(word: str) -> bool:
    """Whether a word is in Latin letters (Basic Latin to IPA, and Vietnamese), by its first."""
    return word[:1] < "\u0250" or "\u1e00" <= word[0] <= "\u1eff"


def squeezed(word: str) -> str:
    """Every run of one letter as one letter: "heeelpp" and "help" are "help"."""
    return word[:1] + "".join(b for a, b in pairwise(word) if a != b)


def deletions(word: str) -> set[str]:
    """The word with any one letter left out."""
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def one_slip(typed: str, meant: str) -> bool:
    """Whether one letter was left out, added, changed, or swapped with its neighbour."""
    if len(typed) > len(meant):
        typed, meant = meant, typed
    if len(meant) - len(typed) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), len(typed))
    if len(typed) < len(meant):
        return typed[at:] == meant[at + 1 :]
    swapped = typed[at + 1 : at + 2] + typed[at : at + 1] == meant[at : at + 2]
    return typed[at + 1 :] == meant[at + 1 :] or (swapped and typed[at + 2 :] == meant[at + 2 :])


def _numbers(word: str, listed: bool) -> list[Candidate]:
    found = [Candidate(word)] if listed else []
    if len(word) <= 9:
        found.append(Candidate(NUMBER))
    if len(word) <= 2 and 5 <= int(word) <= 17:
        found.append(Candidate(AGE))
    return found


def _table(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    gathered: defaultdict[str, set[str]] = defaultdict(set)
    for key, word in pairs:
        gathered[key].add(word)
    return {key: tuple(sorted(words)) for key, words in gathered.items()}

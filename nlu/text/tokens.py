"""Words, also where a script has no spaces: ICU's word breaker with the root locale (`nlu.md` §2)."""

from __future__ import annotations

from dataclasses import dataclass

from icu4py.breakers import WordBreaker


@dataclass(frozen=True)
class Token:
    """A word and its span (characters, end exclusive)."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text, in order; white space, punctuation and emoji are left out. Never raises."""
    safe = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    found: list[Token] = []
    for start, end in _segments(safe):
        word = safe[start:end]
        if any(c.isalnum() for c in word):
            found.append(Token(word, start, end))
    return found


def words(text: str) -> list[str]:
    """The words of a text without their places."""
    return [token.text for token in tokens(text)]


def _segments(text: str) -> list[tuple[int, int]]:
    """ICU counts in UTF-16 units; we count in characters."""
    segments = list(WordBreaker(text, "root").segments())
    if text.isascii() or max(text, default="") <= "\uffff":
        return segments
    place = [0]
    for index, character in enumerate(text):
        place.append(index + 1)
        if character > "\uffff":
            place.insert(-1, index)  # inside a pair: ICU never breaks here
    return [(place[start], place[end]) for start, end in segments]

"""Whole-message words: hide and stop, worded answers, digits. Nothing here reads a part of a longer message.

"stop he is killing me" is no stop and "hiding" is no hide (`screening.md` §4): only a message that is nothing but
the word counts, after case, marks, repeated letters, punctuation and emoji are set aside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal, cast

from nlu.phrasebook import every
from nlu.text.normalise import is_invisible
from nlu.text.spelling import plain_of
from nlu.text.units import words_of

_LONGEST = 80  # characters; a longer message is never one word

SafeWord = Literal["hide", "stop"]


def safe_word(text: str) -> SafeWord | None:
    """ "hide" or "stop" where the whole message is such a word, in any language. Never raises."""
    for key in _keys(text):
        if (found := _safe_words().get(key)) is not None:
            return found
    return None


def answer(text: str, language: str | None) -> str | None:
    """The name of the answer that the whole message is ("yes", "not_sure", …), in `language` first, then in any.

    None where no language knows it, or where others than `language` disagree on it. Never raises.
    """
    keys = _keys(text)
    books = _answers()
    own = [book for code, book in books.items() if language and code.split("-")[0] == language.split("-")[0]]
    for book in own:
        for key in keys:
            if key in book:
                return book[key]
    meant = {book[key] for book in books.values() for key in keys if key in book}
    return meant.pop() if len(meant) == 1 else None


def digit(text: str) -> int | None:
    """The number that the whole message is, in digits of any script: "１", "๑", "1.", "1️⃣", "(1)"; at most 99."""
    if len(text) > _LONGEST:
        return None
    digits = ""
    for character in unicodedata.normalize("NFKC", text):
        value = unicodedata.decimal(character, None)
        if value is not None:
            digits += str(value)
        elif (
            character.isalpha() or character in "-+%$€£" or (character.isspace() and digits and text.strip() == "")
        ) or (unicodedata.category(character) == "So" and unicodedata.digit(character, None) is not None):
            return None
    return int(digits) if 0 < len(digits) <= 2 and _together(text) else None


def _together(text: str) -> bool:
    """Whether the digits stand side by side: "1 2" and "1,2" are two answers, not twelve."""
    shown = [c for c in unicodedata.normalize("NFKC", text) if not is_invisible(c)]
    shown = [c for c in shown if not unicodedata.category(c).startswith("M")]
    places = [i for i, c in enumerate(shown) if c.isdecimal()]
    return places[-1] - places[0] == len(places) - 1


def _keys(text: str) -> list[str]:
    """How a message may be looked up: as written, without marks, and with its repeated letters squeezed."""
    if len(text) > _LONGEST:
        return []
    whole = " ".join(words_of(text)) or "".join(_signs(text))
    if not whole:
        return []
    keys = [whole, plain_of(whole), _calmed(whole), _calmed(plain_of(whole))]
    return list(dict.fromkeys(keys))


def _signs(text: str) -> Iterator[str]:
    """A message without any letter: its signs, without skin tones, so that "👍🏽" is "👍" and "??" is "?"."""
    last = ""
    for character in text:
        if character.isspace() or is_invisible(character) or "\U0001f3fb" <= character <= "\U0001f3ff":
            continue
        if character != last:
            yield character
        last = character


def _calmed(word: str) -> str:
    """Runs of three and more as one letter: "yesss" is "yes", "stopppp" is "stop"; "noo" stays."""
    kept: list[str] = []
    for index, character in enumerate(word):
        alike = word[max(0, index - 2) : index + 3]
        if kept and character == kept[-1] and character * 3 in alike:
            continue
        kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=1)
def _safe_words() -> Mapping[str, SafeWord]:
    found: dict[str, SafeWord] = {}
    for material in every().values():
        for name, spellings in material.get("safe_words", {}).items():
            for key in _listed(spellings):
                found.setdefault(key, cast(SafeWord, name))
    return found


@lru_cache(maxsize=1)
def _answers() -> Mapping[str, Mapping[str, str]]:
    books: dict[str, dict[str, str]] = {}
    for code, material in every().items():
        book = books.setdefault(code, {})
        for name, spellings in material.get("answers", {}).items():
            for key in _listed(spellings):
                book.setdefault(key, name)
    return books


def _listed(spellings: Iterable[str]) -> Iterator[str]:
    """Every key of the listed spellings: exact ones before those without marks, so that "có" and "cô" stay apart."""
    listed = [_keys(spelling) for spelling in spellings]
    yield from (keys[0] for keys in listed if keys)
    yield from (key for keys in listed for key in keys[1:])


def same_words(one: str, other: str) -> bool:
    """Whether two whole messages are the same words, apart from case, marks, repeats, punctuation. Never raises."""
    return bool(set(_keys(one)) & set(_keys(other)))

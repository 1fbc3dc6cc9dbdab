"""A phrase file compiled: its phrases as chains of sets of words, and one trie of all the words they list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nlu.text.context import LISTS, Time
from nlu.text.script import LATIN, script_of
from nlu.text.spelling import AGE, NUMBER
from nlu.text.units import words_of

About = Literal["me", "other", "unsure"]

_BUILT_IN = {"age": AGE, "number": NUMBER}
_GAPS = frozenset({"..", "...", "…"})


@dataclass(frozen=True)
class Item:
    """One part of a phrase: the name of the set of words that may stand there."""

    name: str
    after_gap: bool


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One phrase of a file and what it means."""

    trigger: str
    time: Time
    about: About
    sign: str  # which of several signs under one trigger ("documents"); "" where it does not matter
    whole: bool  # only where it is the whole message
    items: tuple[Item, ...]

    @property
    def literal(self) -> bool:
        """Whether it is written out word for word, with no set in it."""
        return not any("<" in item.name for item in self.items)


@dataclass
class Node:
    """A step in the trie of listed words; `sets` are the names of the sets that have a member ending here."""

    following: dict[str, Node] = field(default_factory=dict)
    sets: list[str] = field(default_factory=list)


class Patterns:
    """The compiled phrases of one language: `phrases`, `harmless` ones, and the trie from `root`.

    Raises:
        ValueError: the material names a set that does not exist, or says nothing where it must.
    """

    def __init__(self, material: Mapping[str, Any]) -> None:
        self._language: str = material["language"]
        self._sets: Mapping[str, Sequence[str]] = material.get("words") or {}
        self._endings: Mapping[str, Sequence[str]] = material.get("endings") or {}
        self._known: set[str] = set()
        self.root = Node()
        self.phrases = tuple(p for entry in material.get("phrases") or () for p in self._entry(entry))
        harmless = {"trigger": "harmless", "say": material.get("harmless") or ()}
        self.harmless = tuple(self._entry(harmless))
        for name in LISTS:
            self._list(f"@{name}", material.get(name) or ())
        self.words = frozenset(self._words_below(self.root))
        self.plain_words = frozenset(w for say in material.get("plain") or () for w in words_of(say))
        self.script = _script(self.words)

    def _entry(self, entry: Mapping[str, Any]) -> Iterable[Phrase]:
        for say in entry["say"]:
            try:
                yield self._phrase(say, entry)
            except ValueError as error:
                raise ValueError(f"{self._language}, {entry['trigger']}, {say!r}: {error}") from None

    def _phrase(self, say: str, entry: Mapping[str, Any]) -> Phrase:
        whole = say.startswith("=")
        parts = say.removeprefix("=").split()
        items: list[Item] = []
        gap = False
        for part in parts:
            if part in _GAPS:
                gap = bool(items)
                continue
            items.append(Item(self._set(part), gap))
            gap = False
        if not items:
            raise ValueError("it has no words")
        return Phrase(
            trigger=entry["trigger"],
            time=entry.get("time", "unsure"),
            about=entry.get("about", "unsure"),
            sign=entry.get("sign", ""),
            whole=whole,
            items=tuple(items),
        )

    def _set(self, part: str) -> str:
        """The name of the set of words that one part of a phrase stands for, listed on first use."""
        if part in self._known:
            return part
        for alternative in filter(None, part.split("|")):
            self._alternative(part, alternative)
        self._known.add(part)
        return part

    def _alternative(self, name: str, alternative: str) -> None:
        """A word, `<a set>`, or a set with letters around it: `<jump>lah` is every word of `jump` with "lah"."""
        before, opened, rest = alternative.partition("<")
        inner, closed, behind = rest.partition(">")
        if not (opened and closed):
            self._list(name, [alternative.replace("_", " ")])
            return
        if inner not in self._sets and inner not in _BUILT_IN:
            raise ValueError(f"there is no set <{inner}>")
        self._list(name, (f"{before}{member}{behind}" for member in self._sets.get(inner, ())))
        if inner in _BUILT_IN:
            self._add(name, (_BUILT_IN[inner],))

    def _list(self, name: str, members: Iterable[str]) -> None:
        for member in members:
            for spelling in (form for part in member.split("|") for form in self._forms(part)):
                words = self._words(spelling)
                if not words:
                    raise ValueError(f"{spelling!r} has no letters")
                self._add(name, words)

    def _forms(self, spelling: str) -> Iterable[str]:
        """A spelling with each of its endings: "அடிக்கிற~person" is the stem with every ending of `person`."""
        stem, marked, rest = spelling.partition("~")
        if not marked:
            return [spelling]
        named, space, behind = rest.partition(" ")
        if named not in self._endings:
            raise ValueError(f"there are no endings ~{named}")
        return [f"{stem}{end}{space}{further}" for end in self._endings[named] for further in self._forms(behind)]

    def _words(self, spelling: str) -> tuple[str, ...]:
        words: list[str] = []
        for part in spelling.split():
            built_in = _BUILT_IN.get(part.strip("<>")) if part.startswith("<") else None
            words += [built_in] if built_in else words_of(part)
        return tuple(words)

    def _add(self, name: str, words: Sequence[str]) -> None:
        node = self.root
        for word in words:
            node = node.following.setdefault(word, Node())
        if name not in node.sets:
            node.sets.append(name)

    def _words_below(self, node: Node) -> Iterable[str]:
        for word, child in node.following.items():
            yield word
            yield from self._words_below(child)


def _script(words: Iterable[str]) -> str:
    """The language's own script: whatever more than a third of its words are in besides Latin, for all romanise."""
    counted = Counter(script_of(word[0]) for word in words if word)
    counted.pop("", None)
    latin = counted.pop(LATIN, 0)
    own, number = max(counted.items(), key=lambda pair: pair[1], default=(LATIN, 0))
    return own if number * 2 > latin else LATIN

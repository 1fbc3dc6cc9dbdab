"""Names and quantities that a message mentions, found by list: no model, no network, any script.

Both the listed name and the text are normalised, and longer Latin names are also found without their marks. A name
in a script with spaces must stand alone ("Bavet", not "Bavetter"), but a digit may touch it ("500usd"); Khmer, Thai,
Lao, Burmese and Chinese write no spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nlu.text.found import Name
from nlu.text.normalise import normalise, plain, trace
from nlu.text.quantities import is_helper, quantities
from nlu.text.script import UNSPACED, script_of

_UNMARKED_FROM = 5
"""Letters from which a name is also found without its marks: "mẹ" (mother) is no "me"."""


@dataclass
class _Node:
    """A step in the trie of names; `ends` are the kinds and listed spellings of the names that end here."""

    following: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class NameFinder:
    """Finds listed names. `listed` maps a kind to its names, each normalised spelling to the spelling of the
    list."""

    listed: Mapping[str, Mapping[str, str]]
    _root: _Node = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        root = _Node()
        for kind, names in self.listed.items():
            for spelling, listed in names.items():
                node = root
                for character in spelling:
                    node = node.following.setdefault(character, _Node())
                node.ends.append((kind, listed))
        object.__setattr__(self, "_root", root)

    @classmethod
    def of(cls, tables: Mapping[str, Iterable[str]]) -> NameFinder:
        """A finder for tables of names as people write them."""
        listed: dict[str, dict[str, str]] = {}
        for kind in sorted(tables):
            spellings = listed.setdefault(kind, {})
            for name in sorted(set(tables[kind])):
                whole = normalise(name)
                spellings.setdefault(whole, name)
                if len(whole) >= _UNMARKED_FROM:
                    spellings.setdefault(plain(whole), name)
            spellings.pop("", None)
        return cls(listed)

    def find(self, text: str) -> list[Name]:
        """Every name and quantity in a text, the longest where several begin at one place; ordered by kind, then
        place."""
        found = list(self._names_in(text))
        named = [name for name in found if not is_helper(name.kind)]
        return sorted([*named, *quantities(text, found)], key=lambda n: (n.kind, n.start))

    def _names_in(self, text: str) -> Iterator[Name]:
        traced = trace(text)
        free: dict[str, int] = {}  # where the last name of each kind ended
        for start in range(len(traced.text)):
            for kind, (listed, end) in self._longest_at(traced.text, start).items():
                if start >= free.get(kind, 0):
                    free[kind] = end
                    yield Name(kind, listed, *traced.span(start, end))

    def _longest_at(self, text: str, start: int) -> dict[str, tuple[str, int]]:
        """The longest name of each kind that begins here: its listed spelling and its end."""
        longest: dict[str, tuple[str, int]] = {}
        if start and _is_letter(text[start - 1]) and not _is_unspaced(text[start]):
            return longest
        node: _Node | None = self._root
        at = start
        while node is not None:
            if node.ends and (at == len(text) or _is_unspaced(text[at - 1]) or not _is_letter(text[at])):
                longest.update({kind: (listed, at) for kind, listed in node.ends})
            node = node.following.get(text[at]) if at < len(text) else None
            at += 1
        return longest


def _is_letter(character: str) -> bool:
    return character.isalpha() or character == "_"


def _is_unspaced(character: str) -> bool:
    return script_of(character) in UNSPACED

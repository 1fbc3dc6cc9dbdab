"""Names that a message mentions (places, above all), found by list: no model, no network, any script.

Both the listed name and the text are normalised, and Latin names are also found without their marks. A name
in a script with spaces must stand alone ("Bavet", not "Bavetter"); Khmer, Thai, Lao, Burmese and Chinese
write no spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nlu.text.normalise import normalise, plain, trace
from nlu.text.script import script_of

_UNSPACED = frozenset({"Thai", "Khmer", "Lao", "Myanmar", "Han", "Hiragana", "Katakana"})

_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Name:
    """One name found: what kind, as it is listed, and its span in the text as given."""

    kind: str
    listed: str
    start: int
    end: int


@dataclass(frozen=True)
class NameFinder:
    """Finds listed names. `listed` maps a kind to its names, each normalised spelling to the spelling of the
    list."""

    listed: Mapping[str, Mapping[str, str]]
    _patterns: Mapping[str, re.Pattern[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        compiled = {kind: _pattern(names) for kind, names in self.listed.items()}
        object.__setattr__(self, "_patterns", compiled)

    @classmethod
    def of(cls, tables: Mapping[str, Iterable[str]]) -> NameFinder:
        """A finder for tables of names as people write them."""
        listed: dict[str, dict[str, str]] = {}
        for kind in sorted(tables):
            spellings = listed.setdefault(kind, {})
            for name in sorted(set(tables[kind])):
                whole = normalise(name)
                for spelling in (whole, plain(whole)):
                    if spelling:
                        spellings.setdefault(spelling, name)
        return cls(listed)

    def find(self, text: str) -> list[Name]:
        """Every name in a text, the longest where several begin at one place; ordered by kind, then place."""
        traced = trace(text)
        found: list[Name] = []
        for kind, pattern in self._patterns.items():
            for match in pattern.finditer(traced.text):
                start, end = traced.span(*match.span())
                found.append(Name(kind, self.listed[kind][match.group()], start, end))
        return found


def _pattern(names: Mapping[str, str]) -> re.Pattern[str]:
    """One alternation, the longest name first."""
    alternatives = [_bounded(name) for name in sorted(names, key=lambda n: (-len(n), n))]
    return re.compile("|".join(alternatives)) if alternatives else _NEVER


def _bounded(name: str) -> str:
    before = "" if script_of(name[0]) in _UNSPACED else r"(?<!\w)"
    after = "" if script_of(name[-1]) in _UNSPACED else r"(?!\w)"
    return f"{before}{re.escape(name)}{after}"

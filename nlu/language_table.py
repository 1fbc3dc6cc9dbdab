"""The languages there are: one file each in `nlu/languages/`, so that adding a language is adding files.

A file names the language, its scripts and its commonest words; `nlu/language_data/<code>.txt` may add sentences, and
`<code>-Latn.txt` sentences in Latin letters of a language that has another script. `docs/languages.md` explains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from nlu.text.script import LATIN

_HERE = Path(__file__).parent
ROMANISED = "-Latn"


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language, whether we answer in it or only know it when we see it."""

    code: str
    name: str  # English
    native: str
    scripts: tuple[str, ...]  # as `nlu.text.script` names them; the usual one first
    spaced: bool = True  # words have spaces between them
    nearest: tuple[str, ...] = ()  # what its speakers may read, best first, where it is not offered itself
    close_to: str | None = None  # told apart by few words: the two vouch for each other
    prior: float = 1.0  # how likely it is beside the others of its script, before a word is read
    langdetect: str | None = None
    apps: tuple[str, ...] = ()  # other codes that apps and browsers give it
    joints: tuple[str, ...] = ()  # words that join two wishes in one message ("and", "also")
    words: str = ""  # common words and short phrases, in no order
    sentences: tuple[str, ...] = ()
    romanised: tuple[str, ...] = ()  # sentences in Latin letters, if it has another script


@dataclass(frozen=True)
class Languages:
    """All languages by code, in a fixed order."""

    by_code: dict[str, Language]

    @classmethod
    def load(cls, table: Path, sentences: Path) -> Languages:
        """Read `table/<code>.yml` and, where they are, `sentences/<code>.txt` and `sentences/<code>-Latn.txt`.

        Raises:
            OSError, ValueError: a file cannot be read, or is no language.
        """
        return cls({path.stem: _read(path, sentences) for path in sorted(table.glob("*.yml"))})

    def __iter__(self) -> Iterator[Language]:
        return iter(self.by_code.values())

    def get(self, code: str | None) -> Language | None:
        """The language of a code of ours."""
        return self.by_code.get(code) if code else None

    def of_script(self, script: str) -> tuple[Language, ...]:
        """The languages written in a script."""
        return tuple(language for language in self if script in language.scripts)

    def close(self, code: str) -> frozenset[str]:
        """A language and the one it is hard to tell from."""
        language = self.get(code)
        return frozenset({code, language.close_to} if language and language.close_to else {code})

    def offered_for(self, code: str | None, offered: Collection[str]) -> str | None:
        """The language to answer a speaker of `code` in: itself, the nearest that is offered, or None."""
        language = self.get(code)
        nearest = (language.code, *language.nearest) if language else (code,)
        return next((name for name in nearest if name in offered), None)

    @cached_property
    def unspaced_scripts(self) -> frozenset[str]:
        """The scripts whose words have no spaces between them."""
        return frozenset(script for language in self if not language.spaced for script in language.scripts)

    @cached_property
    def _names(self) -> dict[str, str]:
        named = {name.lower(): language.code for language in self for name in language.apps}
        return named | {code.lower(): code for code in self.by_code}

    def canonical(self, code: str | None) -> str | None:
        """A language code from an app or a browser as we write it ("zh-CN" → "zh-Hans", "en-GB" → "en"); None if
        it is none."""
        if not code or not code.isascii():
            return None
        parts = code.replace("_", "-").lower().split("-")
        for length in range(len(parts), 0, -1):
            if known := self._names.get("-".join(parts[:length])):
                return known
        return parts[0] if parts[0].isalpha() and 2 <= len(parts[0]) <= 3 else None


@cache
def languages() -> Languages:
    """The committed languages."""
    return Languages.load(_HERE / "languages", _HERE / "language_data")


def language_files() -> list[Path]:
    """The files that the committed languages are made of, sorted."""
    return sorted([*(_HERE / "languages").glob("*.yml"), *(_HERE / "language_data").glob("*.txt")])


def _read(path: Path, sentences: Path) -> Language:
    read: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict) or not {"name", "native", "scripts"} <= read.keys():
        raise ValueError(f"{path.name} is no language")
    given: dict[str, Any] = {
        str(key): tuple(value) if isinstance(value, list) else value for key, value in read.items()
    }
    romanised = () if LATIN in given["scripts"] else _lines(sentences / f"{path.stem}{ROMANISED}.txt")
    return Language(code=path.stem, sentences=_lines(sentences / f"{path.stem}.txt"), romanised=romanised, **given)


def _lines(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))

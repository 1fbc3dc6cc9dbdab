"""The approved texts: `bot/locales/<language>.yml`, the same keys in each (design §2.6, §5).

A text is asked for by key and language, and by how hidden the screen is: in a low-trace view the key's own
`.quiet` wording is used, and a text without one is refused. A `.caution` travels with its text and cannot be
left out (facts.md: "every line shows its caution beside it").
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.core.errors import CatalogueError, NotApproved

MASTER = "en"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One approved text in one language."""

    text: str
    state: str  # "drafted" or "reviewed"
    source: str  # facts.md or screening.md id; the master's for every language
    quiet: bool  # the wording itself may stand on a watched phone


class Catalogue:
    """Every approved text. Built by `load`; refuses languages that are not complete."""

    def __init__(
        self, entries: Mapping[str, Mapping[str, Entry]], kits: Mapping[str, Mapping[str, Entry]] | None = None
    ) -> None:
        if MASTER not in entries:
            raise CatalogueError("The English master is missing.")
        kits = kits or {}
        self._entries = {**entries, **kits}
        self.languages = tuple(sorted(entries, key=lambda code: (code != MASTER, code)))
        self.kits = tuple(sorted(kits))
        """Languages that have the emergency kit alone (screening.md §12)."""

    @classmethod
    def load(cls, folder: Path) -> Catalogue:
        """Read every language file of the folder, and the emergency kits of `kit/` in it.

        Raises:
            CatalogueError: a file is malformed, or a language lacks or adds a key or a placeholder. A
                half-translated language is refused whole (design §2.11).
        """
        files = {path.stem: _read(path) for path in sorted(folder.glob("*.yml"))}
        master = files.get(MASTER)
        if master is None:
            raise CatalogueError("The English master is missing.")
        kit = {key: entry for key, entry in master.items() if entry.get("kit")}
        kits = {path.stem: _read(path) for path in sorted((folder / "kit").glob("*.yml"))}
        problems = [p for code, texts in files.items() for p in _differences(code, texts, master)]
        problems += [p for code, texts in kits.items() for p in _differences(code, texts, kit)]
        problems += [f"{code} has a catalogue and a kit" for code in files.keys() & kits.keys()]
        if problems:
            raise CatalogueError("; ".join(problems[:20]))
        return cls(
            {code: _entries(texts, master) for code, texts in files.items()},
            {code: _entries(texts, kit) for code, texts in kits.items()},
        )

    def has(self, key: str) -> bool:
        """Whether the key exists."""
        return key in self._entries[MASTER]

    def every_key(self) -> tuple[str, ...]:
        """Every key, in the master's order."""
        return self.keys_of(MASTER)

    def speaks(self, language: str | None) -> bool:
        """Whether anything at all can be said in a language: it has a full catalogue or the kit."""
        return language in self._entries

    def keys_of(self, language: str) -> tuple[str, ...]:
        """Every key of a language, in the master's order."""
        return tuple(self._entries[language])

    def entry(self, key: str, language: str) -> Entry:
        """The entry of a key.

        Raises:
            NotApproved: no such key or language.
        """
        try:
            return self._entries[language][key]
        except KeyError:
            raise NotApproved from None

    def text(self, key: str, language: str, *, quiet: bool = False, values: Mapping[str, str] | None = None) -> str:
        """The approved wording of a key, with its caution, in one language and view.

        Raises:
            NotApproved: no such key, no quiet wording in a quiet view, or a placeholder without a value.
        """
        words = self._wording(key, language, quiet)
        caution = f"{key}.caution"
        if self.has(caution):  # a kit that lacks it raises: no card without its caution
            words = f"{words}\n{self._wording(caution, language, quiet)}"
        try:
            return words.format_map(dict(values or {}))
        except (KeyError, IndexError, ValueError):
            raise NotApproved from None

    def may_stand_quiet(self, key: str) -> bool:
        """Whether a key has a wording for a watched phone."""
        return self.has(f"{key}.quiet") or (self.has(key) and self._entries[MASTER][key].quiet)

    def _wording(self, key: str, language: str, quiet: bool) -> str:
        if quiet and self.has(f"{key}.quiet"):
            return self.entry(f"{key}.quiet", language).text
        entry = self.entry(key, language)
        if quiet and not self._entries[MASTER][key].quiet:
            raise NotApproved
        return entry.text


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in a text."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice, which would silently drop an approved text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(k, deep=True) for k, _ in node.value]
        if len(keys) != len(set(keys)):
            raise CatalogueError(f"A key stands twice near line {node.start_mark.line + 1}.")
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """A YAML file, refusing doubled keys.

    Raises:
        CatalogueError: it is not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506  # a SafeLoader of ours
    except yaml.YAMLError:
        raise CatalogueError(f"{path.name} is not valid YAML.") from None


def _read(path: Path) -> dict[str, dict[str, Any]]:
    content = read_yaml(path)
    if not isinstance(content, dict) or content.get("language") != path.stem:
        raise CatalogueError(f"{path.name} does not name its language.")
    entries: dict[str, dict[str, Any]] = content.get("entries") or {}
    return entries


def _differences(code: str, texts: Mapping[str, Any], master: Mapping[str, Any]) -> list[str]:
    problems = [f"{code} lacks {key}" for key in master if key not in texts]
    problems += [f"{code} adds {key}" for key in texts if key not in master]
    for key in texts.keys() & master.keys():
        if not str(texts[key].get("text", "")).strip():
            problems.append(f"{code} has no text for {key}")
        elif placeholders(texts[key]["text"]) != placeholders(master[key]["text"]):
            problems.append(f"{code} has other placeholders in {key}")
    return problems


def _entries(texts: Mapping[str, Any], master: Mapping[str, Any]) -> dict[str, Entry]:
    return {
        key: Entry(
            text=texts[key]["text"],
            state=texts[key].get("state", "drafted"),
            source=master[key].get("source", ""),
            quiet=master[key].get("quiet") == "same",
        )
        for key in master
    }

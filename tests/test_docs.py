"""The pages say what is there: every setting and command, links that lead somewhere, nothing of one machine."""

from __future__ import annotations

import re
import subprocess
from functools import lru_cache
from pathlib import Path

import pytest
import typer.main

from bot.core.deployment import Deployment
from bot.core.settings import Settings
from bot.run.cli import app

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").glob("*.md")])
LARGEST_PICTURE = 120_000
"""Bytes: a page with pictures must open over a thin line."""

_ROW = re.compile(r"^\| `([A-Za-z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_IN_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)

# Put together here, so that this file does not hold what it forbids.
HOSTS = tuple(
    ".".join(parts)
    for parts in (("pypi", "org"), ("files", "pythonhosted"), ("npmjs", "org"), ("debian", "org"), ("docker", "io"))
)
_MACHINE = re.compile(r"(?<![\w.}~-])/(?:" + "|".join(("work", "root", "home/\\w+", "Users/\\w+")) + r")/\w")


@lru_cache(maxsize=1)
def _tracked() -> tuple[Path, ...]:
    """Every file that git knows, or would take; none where this is no checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(sorted({ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()}))


def _texts() -> list[tuple[Path, str]]:
    """The tracked text files; what is not UTF-8 is no text."""
    found = []
    for path in _tracked():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def _rows() -> dict[str, tuple[str, str]]:
    """The README's tables of settings: name → default, meaning."""
    return {name: (default, meaning) for name, default, meaning in _ROW.findall(README.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_readme_with_its_default(name: str) -> None:
    """A setting that nobody can find is a setting that is wrong on the day it matters."""
    default, _ = _rows()[f"HOTLINE_{name.upper()}"]
    value = Settings.model_fields[name].default
    if value is not None:
        assert default == f"`{value}`"


@pytest.mark.parametrize("name", Deployment.model_fields)
def test_every_field_of_the_deployment_stands_in_the_readme(name: str) -> None:
    """With its default, like a setting."""
    default, _ = _rows()[name]
    value = Deployment.model_fields[name].default
    assert default == ("none" if value is None else f"`{value}`")


def test_the_readme_names_no_setting_that_is_not_there() -> None:
    """What was renamed or removed must not be set in vain."""
    named = {name for name in _rows() if name.startswith("HOTLINE_")}
    assert named == {f"HOTLINE_{name.upper()}" for name in Settings.model_fields}


def _commands() -> list[str]:
    """Every command, those in groups too, as they are typed."""
    top = typer.main.get_command(app)
    found = []
    for name, command in top.commands.items():  # type: ignore[attr-defined]  # a group has commands
        inner = getattr(command, "commands", None)
        found += [f"{name} {each}" for each in inner] if inner else [name]
    return found


@pytest.mark.parametrize("command", _commands())
def test_every_command_stands_in_the_readme(command: str) -> None:
    """In its table of commands: `hotline x`, or `x` after another one of its group."""
    readme = README.read_text(encoding="utf-8")
    table = readme.split("## Every command")[1].split("\n## ")[0]
    assert re.search(rf"`(?:hotline )?{re.escape(command)}[ `]", table)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    """Relative links only; a link outside is somebody else's promise."""
    for link in _LINK.findall(_IN_CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def _anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_picture_is_shown_and_small() -> None:
    """A picture that no page shows is forgotten; a large one is not loaded."""
    shown = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert [picture.name for picture in pictures if picture.name not in shown] == []
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST_PICTURE] == []


def test_every_file_that_a_page_names_is_there() -> None:
    """`bot/flow/turn.py` in a sentence is a promise too."""
    named = re.compile(r"`((?:bot|nlu|actions|channels|escalation|tests|deploy|docs|tools)/[\w./-]+\.\w+)`")
    missing = {
        f"{page.name}: {path}"
        for page in PAGES
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists() and Path(path).name not in {"deployment.yml", ".env"}
    }
    assert missing == set()


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the machine's own business: locks name hashes, not hosts."""
    if not _tracked():
        pytest.skip("no git checkout")
    naming = {str(path.relative_to(ROOT)) for path, text in _texts() if any(host in text for host in HOSTS)}
    assert naming == set()


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    """It would work there only, and tells who wrote it."""
    if not _tracked():
        pytest.skip("no git checkout")
    holding = {f"{path.relative_to(ROOT)}: {m[0]}" for path, text in _texts() for m in _MACHINE.finditer(text)}
    assert holding == set()

"""The house's walls, kept by the standard library's own parser: who may import whom, who may commit, who may ask
the time, who may query, who may read the environment (design §5)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "nlu", "actions", "channels", "escalation")

MAY_IMPORT = {
    "bot.core": {"bot.core"},
    "bot.store": {"bot.core", "bot.store"},
    "nlu": {"nlu"},
    "nlu.understand": {"nlu", "bot.core"},
    "nlu.danger": {"nlu", "bot.core"},
    "nlu.evaluate": {"nlu", "bot.core"},
    "actions": {"actions"},
    "channels": {"bot.core", "channels"},
    "escalation.triage": {"bot.core", "escalation"},
    "escalation.risk": set(),
    "escalation.lines": {"bot.core", "escalation"},
    "escalation": {"bot.core", "bot.store", "escalation"},
    "bot.flow": {"bot.core", "bot.store", "nlu", "actions", "channels", "escalation", "bot.flow"},
    "escalation.console": {"bot.core", "bot.store", "actions", "escalation", "bot.flow"},
    "bot.run": {"bot.core", "bot.store", "nlu", "actions", "channels", "escalation", "bot.flow", "bot.run"},
}
"""A package, or a module with a rule of its own → what it may import of the house. The longest name wins."""

TRANSACTIONS = {
    "bot/flow/turn.py",
    "bot/flow/deliver.py",
    "bot/flow/sweep.py",
    "escalation/queue.py",
    "escalation/login.py",
}
"""The owners of `store.transaction()`; nobody else commits."""


def _files(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _rule(module: str) -> set[str]:
    names = [name for name in MAY_IMPORT if module == name or module.startswith(f"{name}.")]
    return MAY_IMPORT[max(names, key=len)]


def _calls(path: Path) -> Iterator[ast.Call]:
    return (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call))


@pytest.mark.parametrize("path", _files(*PACKAGES), ids=_module)
def test_imports_go_one_way(path: Path) -> None:
    if _module(path) == "bot":
        assert path.read_text() == "", "bot/__init__.py stays empty"
        return
    allowed = _rule(_module(path))
    houses = {name for name in _imports(path) if name.split(".")[0] in PACKAGES and name != "bot"}
    strangers = {name for name in houses if not any(name == a or name.startswith(f"{a}.") for a in allowed)}
    assert not strangers


def test_only_the_listed_owners_open_a_transaction() -> None:
    owners = {
        str(path.relative_to(ROOT))
        for path in _files(*PACKAGES)
        for call in _calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "transaction"
    }
    assert owners == TRANSACTIONS


def test_only_the_clock_asks_the_time() -> None:
    asked = {
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in _files(*PACKAGES)
        for call in _calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"now", "utcnow", "today"}
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"datetime", "date"}
    }
    assert asked == {f"bot/core/clock.py:{_line('bot/core/clock.py', 'datetime.now(UTC)')}"}


def _line(path: str, words: str) -> int:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_no_query_stands_outside_the_store() -> None:
    """SQL is written in bot/store only (the sweep's try-lock and screens' health go through it too)."""
    outside = {
        str(path.relative_to(ROOT))
        for path in _files(*PACKAGES)
        if not path.is_relative_to(ROOT / "bot" / "store")
        for name in _imports(path)
        if name in {"sqlalchemy.text", "sqlalchemy.select", "sqlalchemy.update", "sqlalchemy.insert", "psycopg"}
    }
    assert outside == set()


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in _files(*PACKAGES)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    training = {"nlu/places.py", "nlu/text/kept.py"}  # what Rasa's environment is made of
    assert readers <= {"bot/core/settings.py", "nlu/components/serve.py", *training}


def test_files_stay_short_enough_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _files(*PACKAGES)
        if (lines := sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())) > 270
        and "migrations" not in path.parts
        and path.name != "schema.py"  # one table after another, read from top to bottom
    }
    assert long == {}

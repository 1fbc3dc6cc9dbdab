"""`hotline understand`, `chat`, `cases`: what a person at a terminal asks for."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.core import logs
from bot.core import settings as core_settings
from bot.core.ladder import Level, highest
from bot.core.settings import ROOT
from bot.run.cli.common import parts_of

if TYPE_CHECKING:
    from bot.store.queue_rows import QueueRow


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(understand)
    app.command()(chat)
    app.command()(cases)
    app.command()(bench)


def understand() -> None:
    """Read one message a line (text, or JSON {"text", "language"}); print one JSON line each."""
    logs.configure(level=40)
    asyncio.run(_understand())


async def _understand() -> None:
    from bot.run.parts import understander
    from escalation.triage import level_of_findings

    settings = core_settings.load()
    if not settings.models_dir.is_absolute():
        settings = settings.model_copy(update={"models_dir": ROOT / settings.models_dir})
    brain, rasa = understander(settings)
    for text, language in _messages():
        said = await brain.understand(text, language)
        triggers = sorted(level_of_findings(said.findings, understanding=said))
        answer: dict[str, Any] = {
            "language": said.language,
            "language_confidence": round(said.language_confidence, 4),
            "script": said.script,
            "intent": said.intent,
            "confidence": round(said.confidence, 4),
            "entities": [{"entity": e.kind, "value": e.value, "start": e.start, "end": e.end} for e in said.entities],
            "danger": sorted({f.trigger for f in said.findings if f.polarity != "denied"}),
            "level": (highest(triggers) or Level.LOW).word,
            "triggers": triggers,
        }
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    if rasa is not None:
        await rasa.aclose()


def _messages() -> Iterator[tuple[str, str | None]]:
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        try:
            given = json.loads(line)
        except ValueError:
            given = None
        if isinstance(given, dict) and isinstance(given.get("text"), str):
            language = given.get("language")
            yield given["text"], language if isinstance(language, str) else None
        else:
            yield line, None


def chat(
    language: Annotated[str | None, typer.Option(help="Begin by choosing this language: en, id, th, …")] = None,
) -> None:
    """Talk to a running hotline in the terminal, as its web chat would."""
    from bot.run.chat import chat as run_chat

    asyncio.run(run_chat(core_settings.load(), language))


def cases(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="HOTLINE_DATA_DIR.")] = None,
) -> None:
    """Open cases in the order of the queue: no text, no names."""
    logs.configure(level=40)
    rows = asyncio.run(_cases(data_dir))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(*(rows[0] if rows else ("no open cases",)))
    for row in rows:
        table.add_row(*(", ".join(v) if isinstance(v, list) else str(v if v is not None else "") for v in row.values()))
    Console().print(table)


async def _cases(data_dir: Path | None) -> list[dict[str, Any]]:
    from bot.store.queue_rows import waiting_and_held

    async with parts_of(data_dir) as parts, parts.store.reading() as c:
        now = parts.clock.now()
        return [_case(row, now) for row in await waiting_and_held(c, now)]


def _case(row: QueueRow, now: datetime) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "level": row.level.word,
        "triggers": list(row.triggers),
        "channel": row.channel,
        "language": row.language,
        "mode": row.mode,
        "waiting_seconds": row.waiting_seconds(now),
        "state": row.state,
        "holder": row.holder,
    }


def bench() -> None:
    """Measure one message's way on this machine, beside the parse alone and a stock Rasa turn (needs a checkout)."""
    raise SystemExit(subprocess.call([sys.executable, "-m", "tests.bench.speed"], cwd=ROOT))  # our own module

"""`hotline operator …` and `hotline audit verify`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.core import logs
from bot.run.cli.common import parts_of

app = typer.Typer(no_args_is_help=True, help="The humans who take over.")
audit = typer.Typer(no_args_is_help=True, help="The audit chain.")


@app.callback()
def _operators() -> None:
    """The humans who take over."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="An alias; never a real name.")],
    role: Annotated[str, typer.Option(help="operator, supervisor or admin.")] = "operator",
    languages: Annotated[str, typer.Option(help="Languages they speak, with commas: id,en.")] = "en",
) -> None:
    """Add an operator and print their one-time set-up link."""
    logs.configure(level=40)
    spoken = [code.strip() for code in languages.split(",") if code.strip()]
    typer.echo(asyncio.run(_add(name, role, spoken)))


async def _add(name: str, role: str, languages: list[str]) -> str:
    from bot.run.console import login_of

    async with parts_of() as parts:
        token = await login_of(parts).create(name, role, languages)
        return f"{parts.settings.console_address}/setup#{token}"


@audit.callback()
def _audit() -> None:
    """The audit chain."""


@audit.command("verify")
def verify_audit() -> None:
    """Check the audit chain; non-zero at the first broken row."""
    logs.configure(level=40)
    broken = asyncio.run(_verify())
    typer.echo("The audit chain is whole." if broken is None else f"The audit chain breaks at row {broken}.")
    raise typer.Exit(0 if broken is None else 1)


async def _verify() -> int | None:
    from bot.store.audit import verify

    async with parts_of() as parts, parts.store.reading() as c:
        return await verify(c)

"""`hotline content check`: every approved text, in every language."""

from __future__ import annotations

import typer

from bot.core.catalogue import MASTER, Catalogue
from bot.core.settings import ROOT

app = typer.Typer(no_args_is_help=True, help="The approved texts.")


@app.command("check")
def check_content() -> None:
    """Keys, placeholders, cautions, quiet wordings, length, reading age, sources, review state. Non-zero on a gap."""
    from bot.run.content_check import check

    catalogue = Catalogue.load(ROOT / "bot" / "locales")
    problems = check(catalogue)
    for problem in problems:
        typer.echo(f"{problem.language} {problem.key}: {problem.what}")
    for language in (*catalogue.languages, *catalogue.kits):
        keys = catalogue.keys_of(language)
        reviewed = sum(catalogue.entry(key, language).state == "reviewed" for key in keys)
        kind = "emergency kit" if language in catalogue.kits else "texts"
        typer.echo(f"{language}: {len(keys)} {kind}, {reviewed} reviewed, {len(keys) - reviewed} drafted")
    typer.echo(f"{len(problems)} problems ({MASTER} is the master)")
    raise typer.Exit(1 if problems else 0)

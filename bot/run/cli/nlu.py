"""`hotline nlu …`: train, test, serve."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bot.core import settings as core_settings
from bot.core.errors import SettingsError
from bot.core.settings import ROOT, Settings
from escalation.triage import level_of_findings
from nlu.evaluate import crossed, public
from nlu.evaluate.run import evaluate
from nlu.evaluate.sets import SETS
from nlu.train import Paths, ensure_trained, serve_command
from nlu.understand import Understander
from nlu.weights import ModelFolder

app = typer.Typer(no_args_is_help=True, help="The model that understands.")


def _paths(settings: Settings) -> Paths:
    models = settings.models_dir if settings.models_dir.is_absolute() else ROOT / settings.models_dir
    models.mkdir(parents=True, exist_ok=True)
    return Paths.of(ROOT, models=models)


@app.command()
def train() -> None:
    """Train the model if the sentences or the pipeline changed."""
    paths = _paths(core_settings.load())
    state = paths.models / "training.progress"
    columns = (
        TextColumn("Training the model"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
    )
    try:
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=1.0)

            def tell(done: float, what: str) -> None:
                bar.update(task, completed=done, description=what)
                state.write_text(f"{done} {what}", encoding="utf-8")

            trained = ensure_trained(paths, tell)
    finally:
        state.unlink(missing_ok=True)
    typer.echo("The model is trained." if trained else "The model is up to date.")


@app.command(name="test")
def measure(
    cross: Annotated[bool, typer.Option(help="Cross-validate the training sentences instead: for writers.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this set: held_out, fresh, regression.")] = None,
) -> None:
    """How well messages are understood, per language; fails below the floors of nlu/evaluate/floors.yml."""
    settings = core_settings.load()
    paths = _paths(settings)
    ensure_trained(paths)
    if cross:
        typer.echo(crossed.text(paths))
        return
    understander = Understander(classifier=ModelFolder(paths.current))
    below = evaluate(
        understander,
        lambda said: level_of_findings(said.findings, understanding=said),
        root=ROOT / "nlu",
        written_to=paths.models,
        sets=tuple(only) if only else SETS,
        say=typer.echo,
    )
    if below:
        raise typer.Exit(1)


@app.command()
def compare(
    folder: Annotated[Path, typer.Argument(help="Where MASSIVE's <locale>.jsonl files are.", exists=True)],
    locale: Annotated[list[str] | None, typer.Option(help="Only this locale: en-US, km-KH, …")] = None,
    examples: Annotated[
        int | None, typer.Option(help="Training sentences of each intent and locale; all if not told.")
    ] = None,
    judged: Annotated[int, typer.Option(help="Test sentences of each locale.")] = 500,
) -> None:
    """The same pipeline on a public set of intents in many languages (MASSIVE), beside which others are published."""
    paths = _paths(core_settings.load())
    trained_on, rows = public.compare(paths, public.read(folder, locale or ()), examples=examples, judged=judged)
    typer.echo(public.text(trained_on, rows))


@app.command()
def serve() -> None:
    """Rasa alone, for a machine of its own; needs HOTLINE_NLU_TOKEN."""
    settings = core_settings.load()
    if settings.nlu_token is None:
        raise SettingsError("HOTLINE_NLU_TOKEN is not set: Rasa would answer anybody.")
    paths = _paths(settings)
    ensure_trained(paths)
    port = int(settings.nlu_url.rsplit(":", 1)[1].strip("/"))
    argv, environment = serve_command(paths, port, settings.nlu_token.get_secret_value())
    os.chdir(paths.models)
    os.execve(argv[0], argv, environment)  # noqa: S606  # becomes Rasa, so that signals reach it

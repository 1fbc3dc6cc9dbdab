"""The `hotline` command (design §6: other people's scripts use it)."""

from __future__ import annotations

import sys

import typer

from bot.core.errors import HotlineError
from bot.run.cli import content, nlu, operators, people, roles, telegram

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with locals would print what people wrote
    help="A multilingual hotline: Telegram and web chat, Rasa NLU, a queue of human operators.",
)
roles.register(app)
people.register(app)
app.add_typer(nlu.app, name="nlu")
app.add_typer(operators.app, name="operator")
app.add_typer(content.app, name="content")
app.add_typer(telegram.app, name="telegram")
app.add_typer(roles.database, name="db")
app.add_typer(operators.audit, name="audit")


def main() -> None:
    """Run the command; an error of ours is one sentence and exit code 1."""
    try:
        app()
    except HotlineError as error:
        print(f"hotline: {error}", file=sys.stderr)
        sys.exit(1)

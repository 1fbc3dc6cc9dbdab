"""`hotline telegram …`: the webhook's registration."""

from __future__ import annotations

import asyncio

import typer

from bot.core import logs
from bot.core.errors import SettingsError
from bot.run.cli.common import parts_of

app = typer.Typer(no_args_is_help=True, help="Telegram's side of the bot.")


@app.callback()
def _telegram() -> None:
    """Telegram's side of the bot."""


@app.command()
def register() -> None:
    """Tell Telegram where our webhook is (HOTLINE_PUBLIC_URL) and its secret."""
    logs.configure(level=40)
    asyncio.run(_register())


async def _register() -> None:
    from channels.telegram.registration import register_webhook

    async with parts_of() as parts:
        settings, telegram = parts.settings, parts.telegram
        if telegram is None or settings.telegram_webhook_secret is None or settings.public_url is None:
            raise SettingsError(
                "Set HOTLINE_TELEGRAM_TOKEN, HOTLINE_TELEGRAM_WEBHOOK_SECRET and HOTLINE_PUBLIC_URL first."
            )
        url = f"{settings.public_address}/webhooks/telegram"
        await register_webhook(telegram, url, settings.telegram_webhook_secret.get_secret_value())
        typer.echo(f"Telegram brings messages to {url}")


@app.command()
def state() -> None:
    """What Telegram says about the webhook."""
    logs.configure(level=40)
    asyncio.run(_state())


async def _state() -> None:
    from channels.telegram.registration import webhook_state

    async with parts_of() as parts:
        if parts.telegram is None:
            raise SettingsError("HOTLINE_TELEGRAM_TOKEN is not set.")
        typer.echo(await webhook_state(parts.telegram))

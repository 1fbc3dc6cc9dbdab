"""Telling Telegram where to bring messages. Every act here is a human's, by command; nothing does it at
start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.core.errors import SettingsError
from channels.telegram.channel import TelegramChannel
from channels.telegram.poller import KINDS

_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, kw_only=True)
class WebhookState:
    """Where Telegram brings messages now; another address than ours means that somebody has the token."""

    url: str  # "" while polling
    pending: int  # updates that wait
    last_error: bool  # Telegram could not deliver lately


async def register_webhook(channel: TelegramChannel, url: str, secret: str) -> None:
    """Have every kind of update brought to `url`; what waits is kept, never dropped.

    Raises:
        SettingsError: the address is not https, or the secret is short or has other characters than Telegram
        allows. SendError: with its fate.
    """
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in _LOOPBACK:
        raise SettingsError("HOTLINE_PUBLIC_URL must begin with https: Telegram brings messages nowhere else.")
    if not _SECRET.fullmatch(secret):
        raise SettingsError("HOTLINE_TELEGRAM_WEBHOOK_SECRET must be 32 to 256 of A-Z, a-z, 0-9, _ and -.")
    call = channel.bot.set_webhook(url, allowed_updates=KINDS, secret_token=secret, drop_pending_updates=False)
    await channel.call(call)


async def delete_webhook(channel: TelegramChannel) -> None:
    """Let polling read again; what waits is kept.

    Raises:
        SendError: with its fate.
    """
    await channel.call(channel.bot.delete_webhook(drop_pending_updates=False))


async def webhook_state(channel: TelegramChannel) -> WebhookState:
    """Ask Telegram where it brings messages.

    Raises:
        SendError: with its fate.
    """
    info = await channel.call(channel.bot.get_webhook_info())
    return WebhookState(url=info.url, pending=info.pending_update_count, last_error=info.last_error_date is not None)

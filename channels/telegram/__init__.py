"""Telegram: private chats with one bot."""

from channels.telegram.channel import PartlySent, TelegramChannel
from channels.telegram.poller import TelegramPoller
from channels.telegram.registration import WebhookState, delete_webhook, register_webhook, webhook_state
from channels.telegram.request import PollingConflict, TokenRefused

__all__ = [
    "PartlySent",
    "PollingConflict",
    "TelegramChannel",
    "TelegramPoller",
    "TokenRefused",
    "WebhookState",
    "delete_webhook",
    "register_webhook",
    "webhook_state",
]

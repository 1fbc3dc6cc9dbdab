"""The web chat: a page of our own that leaves nothing behind."""

from channels.webchat.app import router
from channels.webchat.channel import WebChatChannel
from channels.webchat.mailbox import Letter, Mailbox

__all__ = ["Letter", "Mailbox", "WebChatChannel", "router"]

"""A store for the web chat's tests, and what its page asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import httpx

from channels.webchat import Letter

EXIT = "https://weather.example/?a=1&b=2"


class Post:
    """Mailbox and intake of a test: letters by session, and what was accepted."""

    def __init__(self) -> None:
        self.kept: list[dict[str, object]] = []
        self.raws: list[bytes] = []
        self.boxes: dict[str, list[Letter] | None] = {}
        self.error: Exception | None = None
        self.news = asyncio.Event()
        self.waiting = asyncio.Event()
        self.left = asyncio.Event()

    async def accept(self, *, channel: str, account: str, raw: bytes) -> object:
        """Keep a message."""
        if self.error:
            raise self.error
        assert (channel, account) == ("webchat", "page")
        self.raws.append(raw)
        self.kept.append(json.loads(raw))
        if "left" in self.kept[-1]:
            self.left.set()
        return "stored"

    async def letters(self, address: str, after: int) -> Sequence[Letter] | None:
        """As the store would."""
        box = self.boxes.get(address, [])
        return None if box is None else [letter for letter in box if letter.number > after]

    async def wait(self, address: str, after: int, seconds: float) -> None:
        """Until news."""
        self.waiting.set()
        await asyncio.wait_for(self.news.wait(), seconds)

    def write(self, session: str, letter: Letter) -> None:
        """Put a letter into a session's box."""
        box = self.boxes.setdefault(session, [])
        assert box is not None
        box.append(letter)
        self.news.set()


async def begin(page: httpx.AsyncClient) -> str:
    """A new session."""
    return str((await page.post("/chat/session")).json()["session"])


async def say(page: httpx.AsyncClient, session: str, **posted: object) -> httpx.Response:
    """Post as the page does."""
    return await page.post("/chat/messages", json=posted, headers={"X-Chat-Session": session})


async def fetch(page: httpx.AsyncClient, session: str, after: object = 0) -> httpx.Response:
    """Fetch letters as the page does."""
    return await page.get("/chat/messages", params={"after": str(after)}, headers={"X-Chat-Session": session})

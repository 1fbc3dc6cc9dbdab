"""`hotline chat`: the web chat in a terminal, over the public app's own calls."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
from rich.console import Console

from bot.core.errors import HotlineError
from bot.core.settings import Settings


class NotRunning(HotlineError):
    """The public app does not answer. Is `hotline run` running?"""


async def chat(settings: Settings, language: str | None = None) -> None:
    """Talk until end of input. Digits press the buttons that are shown; `language` is what the page would say.

    Raises:
        NotRunning: nobody answers at the public address.
    """
    base = f"http://{settings.public_host}:{settings.public_port}"
    async with httpx.AsyncClient(base_url=base, timeout=30.0, trust_env=False) as http:
        try:
            session = (await http.post("/chat/session")).json()["session"]
        except (httpx.HTTPError, ValueError, KeyError):
            raise NotRunning from None
        talk = _Talk(http, session, language)
        listening = asyncio.create_task(talk.listen())
        try:
            async for line in _lines():
                await talk.send(line)
            await asyncio.sleep(2.0 if not sys.stdin.isatty() else 0.0)  # the last answer, when input was a file
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


class _Talk:
    def __init__(self, http: httpx.AsyncClient, session: str, language: str | None) -> None:
        self._http = http
        self._headers = {"X-Chat-Session": session}
        self._hint = {"language": language} if language else {}
        self._buttons: list[str] = []
        self._console = Console(highlight=False)

    async def send(self, line: str) -> None:
        body: dict[str, Any] = {"id": uuid.uuid4().hex, "text": line, **self._hint}
        if line.strip().isdigit() and 1 <= int(line) <= len(self._buttons):
            body = {"id": body["id"], "press": self._buttons[int(line) - 1]}
        answer = await self._http.post("/chat/messages", json=body, headers=self._headers)
        if answer.status_code != 200:
            self._console.print(f"(not sent: {answer.status_code})")

    async def listen(self) -> None:
        after = 0
        while True:
            answer = await self._http.get("/chat/messages", params={"after": after}, headers=self._headers)
            if answer.status_code == 410:
                self._console.print("(this chat is closed)")
                return
            if answer.status_code != 200:
                await asyncio.sleep(1.0)
                continue
            for letter in answer.json()["letters"]:
                after = max(after, letter["number"])
                self._show(letter)

    def _show(self, letter: dict[str, Any]) -> None:
        if letter["from_person"]:
            return
        self._console.print(letter["text"], style="bold", markup=False)
        if letter["buttons"]:
            self._buttons = [button["payload"] for button in letter["buttons"]]
            for number, button in enumerate(letter["buttons"], 1):
                self._console.print(f"  {number} {button['label']}", markup=False)


async def _lines() -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        yield line.rstrip("\n")

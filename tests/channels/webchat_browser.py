"""The web chat's page in Debian's Chromium, served by the real app on loopback."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page
from starlette.responses import Response

from bot.core.clock import SystemClock
from channels.webchat import router
from tests.channels.webchat_post import Post

CHROMIUM = shutil.which("chromium")
needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]


@dataclass
class Site:
    """The page's app on loopback, and what it stored."""

    address: str
    post: Post


@asynccontextmanager
async def served(post: Post) -> AsyncIterator[str]:
    """The app on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = FastAPI()
    app.include_router(router(post.accept, post, SystemClock(), address + "/weather"))

    async def weather() -> Response:
        return Response("<title>Weather</title>sunny", media_type="text/html")

    app.add_api_route("/weather", weather, methods=["GET"])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield address
    finally:
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def opened(browser: Browser, site: Site, locale: str = "en-US") -> AsyncIterator[tuple[BrowserContext, Page]]:
    """The page, open."""
    context = await browser.new_context(locale=locale, viewport={"width": 320, "height": 480})
    page = await context.new_page()
    await page.goto(site.address + "/chat")
    try:
        yield context, page
    finally:
        site.post.news.set()
        await context.close()


async def say(page: Page, text: str) -> None:
    """Write and send."""
    await page.fill("#text", text)
    await page.click("#send")


def session_of(site: Site) -> str:
    """The session of the first message."""
    return str(site.post.kept[0]["session"])

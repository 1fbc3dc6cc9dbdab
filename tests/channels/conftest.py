"""Every channel, ready to use, over the real library and a real server where there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright

from bot.core.clock import FakeClock
from channels.base import Channel
from channels.fake import FakeChannel
from channels.telegram import TelegramChannel
from channels.webchat import WebChatChannel, router
from tests.channels.webchat_browser import CHROMIUM, Site, served
from tests.channels.webchat_post import EXIT, Post
from tests.doubles.bot_api import BotApi, running

CHANNELS = ("telegram", "webchat", "fake")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """Telegram's side."""
    async with running() as api:
        yield api


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[TelegramChannel]:
    """Our side of Telegram; calls are given half a second, so that a hanging one is over soon."""
    channel = TelegramChannel(api.token, "main", api.address, call_limit=0.5)
    yield channel
    await channel.close()


def reader(name: str) -> Channel:
    """A channel that only reads: nothing listens on its provider's address."""
    if name == "telegram":
        return TelegramChannel("1:token", "main", "http://127.0.0.1:1")
    return WebChatChannel() if name == "webchat" else FakeChannel()


@pytest.fixture(scope="session")
def readers() -> dict[str, Channel]:
    """One reader of each channel."""
    return {name: reader(name) for name in CHANNELS}


@pytest.fixture
def post() -> Post:
    """The test's store."""
    return Post()


@pytest.fixture
def clock() -> FakeClock:
    """The test's time."""
    return FakeClock(datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
async def page(post: Post, clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app."""
    app = FastAPI()
    app.include_router(router(post.accept, post, clock, EXIT))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The app, answering."""
    post = Post()
    async with served(post) as address:
        yield Site(address=address, post=post)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()

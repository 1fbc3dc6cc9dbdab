"""What the web chat's page is made of: small, closed, and about nothing in particular."""

from __future__ import annotations

import re

import httpx
import pytest

from bot.core.clock import FakeClock
from bot.core.errors import SettingsError
from channels.webchat import router
from tests.channels.webchat_post import Post

# Words that must stand nowhere a captor could look: title, page, style, script, addresses.
TOPIC = (
    "help",
    "hotline",
    "rescue",
    "traffick",
    "victim",
    "police",
    "scam",
    "safe",
    "emergency",
    "ngo",
    "case",
    "sos",
)


FILES = ("/chat", "/chat/page.css", "/chat/page.js")


@pytest.mark.parametrize("path", FILES)
async def test_every_file_forbids_keeping_framing_indexing_and_telling_where_one_came_from(
    page: httpx.AsyncClient, path: str
) -> None:
    headers = (await page.get(path)).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "set-cookie" not in headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_the_page_weighs_less_than_25_kb_and_needs_nothing_from_elsewhere(
    page: httpx.AsyncClient,
) -> None:
    bodies = [(await page.get(path)).text for path in FILES]

    assert sum(len(body.encode()) for body in bodies) < 25_000
    assert "http" not in "".join(bodies).replace("https://weather.example", "").replace("XMLHttpRequest", "")


@pytest.mark.parametrize("path", FILES)
async def test_nothing_on_the_page_says_what_it_is_for(page: httpx.AsyncClient, path: str) -> None:
    body = (await page.get(path)).text.lower()

    assert [word for word in TOPIC if re.search(rf"\b{word}", body)] == []


async def test_the_way_out_comes_first_and_needs_no_script(page: httpx.AsyncClient) -> None:
    body = (await page.get("/chat")).text
    inside = body[body.index("<body>") :]

    assert inside.index("<a ") < inside.index("<textarea")
    assert 'href="https://weather.example/?a=1&amp;b=2"' in inside
    assert 'rel="noreferrer nofollow"' in inside
    assert "<title>Chat</title>" in body


async def test_the_script_is_es5_and_keeps_nothing_beyond_the_tab(page: httpx.AsyncClient) -> None:
    script = (await page.get("/chat/page.js")).text

    modern = ("=>", "let ", "const ", "fetch(", "`", "async ", "class ", "Promise", "...")
    stores = (
        "localStorage",
        "cookie",
        "indexedDB",
        "innerHTML",
        "outerHTML",
        "document.write",
        "eval(",
        "pushState",
    )
    assert [word for word in (*modern, *stores) if word in script] == []


@pytest.mark.parametrize("url", ["", "/news", "javascript:alert(1)", "weather.example", "https://"])
def test_a_way_out_that_leads_nowhere_is_refused_at_start(post: Post, clock: FakeClock, url: str) -> None:
    with pytest.raises(SettingsError):
        router(post.accept, post, clock, url)

"""A human takes over, on real parts: Telegram's double on one side, a real browser on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.core.catalogue import Catalogue
from tests.integration.line import ROOT, Line, eventually, running_line

CATALOGUE = Catalogue.load(ROOT / "bot" / "locales")
CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "a long enough pass phrase of ana"
WAIT = 30_000  # milliseconds

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line() -> AsyncIterator[Line]:
    """One hotline for this file."""
    async with running_line() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    async with async_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = await play.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield launched
        await launched.close()


async def _signed_in(line: Line, browser: Browser, name: str) -> Page:
    """A new operator, from the command's one-time link to the queue, on shift."""
    link = (await line.command("operator", "add", name, "--role", "operator", "--languages", "id,en")).strip()
    page = await (await browser.new_context()).new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Begin").click()
    await page.get_by_text("Cannot scan?").click()
    secret = (await page.locator("code.key").inner_text()).replace(" ", "")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password again").fill(PASSWORD)
    totp = pyotp.TOTP(secret)
    used = totp.now()
    await page.get_by_label("Code", exact=True).fill(used)
    await page.get_by_role("button", name="Finish").click()

    async def a_new_code() -> bool:
        return totp.now() != used

    await eventually(a_new_code, 40, "the next one-time code: each counts once")
    await page.goto(f"{line.console}/login")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Code from your app").fill(totp.now())
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Go on shift").click()
    await expect(page.get_by_role("button", name="Go off shift")).to_be_visible(timeout=WAIT)
    return page


async def test_a_threat_reaches_a_human_and_their_words_reach_the_person(line: Line, browser: Browser) -> None:
    """Given an operator on shift, when somebody is threatened, then a human is called, takes over, writes, closes."""
    page, other = await asyncio.gather(_signed_in(line, browser, "ana"), _signed_in(line, browser, "bo"))

    await line.post(line.update(7001, "mereka akan membunuh saya malam ini"))
    first = (await line.hears(7001, 1))[0]["text"]
    assert CATALOGUE.text("em.seen.on_shift", "id") in first, "somebody is on shift, so a person is being called"
    case = next(c for c in await line.cases() if c["level"] == "critical")

    # Without reload, on both screens.
    await page.locator(f'[data-case="{case["id"]}"] a').click(timeout=WAIT)
    await other.locator(f'[data-case="{case["id"]}"] a').click(timeout=WAIT)
    await expect(page.get_by_text("mereka akan membunuh saya malam ini")).to_be_visible()

    await page.get_by_role("button", name="Take this case").click()
    await expect(page.get_by_text("You hold this case now.")).to_be_visible(timeout=WAIT)
    await other.get_by_role("button", name="Take this case").click()
    await expect(other.get_by_role("alert").filter(has_text="ana holds this case.")).to_be_visible(timeout=WAIT)

    await line.post(line.update(7001, "halo?"))
    await expect(page.locator(".line.person", has_text="halo?")).to_be_visible(timeout=WAIT)
    assert len(line.heard(7001)) == 1, "the bot is silent while a human holds the conversation"

    await page.locator("#text").fill("Halo, saya manusia. Apakah kamu terluka?")
    await page.locator("#send").click()
    heard = await line.hears(7001, 3)
    assert heard[1]["text"] == CATALOGUE.text("op.joined", "id")
    assert heard[2]["text"] == "Halo, saya manusia. Apakah kamu terluka?"

    await page.get_by_label("How it ended").select_option("contact_made")
    await page.get_by_role("button", name="Close the case").click()
    left = (await line.hears(7001, 4))[3]["text"]
    assert left == CATALOGUE.text("op.left", "id")

    await line.post(line.update(7001, "halo lagi"))
    back = (await line.hears(7001, 5))[4]["text"]
    assert CATALOGUE.text("op.again", "id") in back, "a word after a close goes to the queue, not to the greeting"


async def test_the_web_chat_answers_on_a_page_without_reload(line: Line, browser: Browser) -> None:
    """A person on the web: first words, a button, the quick exit that leaves nothing."""
    page = await (await browser.new_context(locale="id-ID", viewport={"width": 360, "height": 640})).new_page()
    await page.goto(f"http://127.0.0.1:{line.public}/chat")
    box = page.locator("textarea, input[type=text]").first
    await box.fill("halo, paspor saya diambil bos")
    await page.get_by_role("button", name="Kirim").click()
    await expect(page.get_by_text(CATALOGUE.text("q.watched", "id"))).to_be_visible(timeout=WAIT)
    await page.get_by_role("button", name=CATALOGUE.text("a.no", "id"), exact=True).click()
    await expect(page.get_by_text(CATALOGUE.text("q.danger", "id"))).to_be_visible(timeout=WAIT)
    newest = page.get_by_role("button", name=CATALOGUE.text("a.nobody", "id"), exact=True)
    await expect(newest).to_be_in_viewport()
    assert await page.evaluate("localStorage.length") == 0

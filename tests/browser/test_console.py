"""The console in a real browser: a case appears without reload, is taken, answered and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.core.catalogue import Catalogue
from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.store.session import Store
from escalation.login import Login
from escalation.queue import Queue
from tests.escalation.seeds import Seeds, quick_passwords
from tests.escalation.site import PASSWORD, Site, serving

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
WORDS = "mereka akan membunuh saya malam ini"
WAIT = 30_000  # milliseconds; a bound for a busy machine, not a measure


@pytest.fixture
async def site(store: Store, keyring: Keyring, clock: FakeClock, root: Path, database_url: str) -> AsyncIterator[Site]:
    """A running console whose screens beat each second."""
    catalogue = Catalogue.load(root / "bot" / "locales")
    seeds = Seeds(store, keyring, clock, catalogue)
    queue = Queue(store, keyring, clock, catalogue)
    login = Login(store, keyring, clock, passwords=quick_passwords())
    async with serving(seeds, queue, login, database_url=database_url, beat=1.0) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    async with async_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = await play.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield launched
        await launched.close()


async def test_a_new_operator_sets_up_and_signs_in(site: Site, browser: Browser) -> None:
    """From the one-time link to the queue, by hand; the link's token never stands in an address that is sent."""
    token = await site.login.create("Chan", "operator", ["km"])
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.goto(f"{site.address}/setup#{token}")
    await page.get_by_role("button", name="Begin").click()
    await page.get_by_text("Cannot scan?").click()
    secret = await page.locator("code.key").inner_text()
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("Password again").fill(PASSWORD)
    await page.get_by_label("Code", exact=True).fill(site.code(secret))
    await page.get_by_role("button", name="Finish").click()
    site.seeds.clock.advance(seconds=30)
    await _sign_in(site, page, "Chan", secret)

    await expect(page.get_by_role("heading", name="Queue")).to_be_visible(timeout=WAIT)
    assert not [url for url in asked if token in url.split("#")[0]]


async def test_a_case_comes_without_reload_and_is_taken_answered_and_closed(site: Site, browser: Browser) -> None:
    """The whole way of a human, with the words sealed into the outbox at its end."""
    page, problems = await _on_shift(site, browser)
    talk, case_id = await _danger(site)

    await page.locator(f'[data-case="{case_id}"] a').click(timeout=WAIT)
    await expect(page.get_by_text(WORDS)).to_be_visible()
    await page.get_by_role("button", name="Take this case").click()
    await expect(page.get_by_text("You hold this case now.")).to_be_visible()
    await page.locator("#text").fill("Halo. Apakah kamu terluka?")
    await page.locator("#send").click()
    await expect(page.locator(".line.operator", has_text="Apakah kamu terluka?")).to_be_visible()
    await site.seeds.says(talk, "tidak")
    await expect(page.locator(".line.person", has_text="tidak")).to_be_visible(timeout=WAIT)
    await page.get_by_label("How it ended").select_option("contact_made")
    await page.get_by_role("button", name="Close the case").click()
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()

    rows = await site.seeds.outbox(talk)
    assert [list(row.keys) for row in rows] == [["op.joined"], [], ["op.left"]]
    assert await site.seeds.one("SELECT speaker FROM conversation WHERE id = :id", id=talk) == "bot"
    assert problems == []


async def test_a_new_critical_case_rings(site: Site, browser: Browser) -> None:
    """The title and a bar say it on every page, until a hand is felt; the page counts as shown."""
    page, _ = await _on_shift(site, browser)
    await _danger(site)

    await expect(page.locator("#alert")).to_have_text("1 critical case is waiting", timeout=WAIT)
    await page.wait_for_function("document.title.includes('CRITICAL')", timeout=WAIT)
    await page.keyboard.press("Shift")
    assert await page.title() == "Queue"
    async with page.expect_response("**/api/here", timeout=WAIT):
        pass
    assert await site.seeds.one("SELECT state FROM page") == "shown"


async def test_the_loser_of_a_claim_sees_who_won(site: Site, browser: Browser) -> None:
    """Bo takes the case while Ana looks at it; her screen says so without reload, and her click as well."""
    page, _ = await _on_shift(site, browser)
    _, case_id = await _danger(site)
    await page.goto(f"{site.address}/cases/{case_id}")

    await site.queue.claim(case_id, await site.seeds.operator("Bo"))

    await expect(page.locator(".state")).to_have_text("held by Bo", timeout=WAIT)
    await expect(page.get_by_text(WORDS)).to_have_count(0)
    await page.get_by_role("button", name="Take this case").click()
    await expect(page.get_by_role("alert").filter(has_text="Bo holds this case.")).to_be_visible()


async def test_a_disabled_operators_screen_goes_dark(site: Site, browser: Browser) -> None:
    """The stream ends and the page with the words on it is left (C26)."""
    page, _ = await _on_shift(site, browser)
    _, case_id = await _danger(site)
    await page.goto(f"{site.address}/cases/{case_id}")
    await expect(page.get_by_text(WORDS)).to_be_visible()

    await site.login.disable((await site.find("Ana")).id, by=None)

    await page.wait_for_url("**/login?done=ended", timeout=WAIT)
    await expect(page.get_by_text(WORDS)).to_have_count(0)


async def test_nothing_comes_back_after_signing_out(site: Site, browser: Browser) -> None:
    """Neither the Back button nor the browser's storage shows what was read (C18)."""
    page, _ = await _on_shift(site, browser)
    _, case_id = await _danger(site)
    await page.goto(f"{site.address}/cases/{case_id}")
    await expect(page.get_by_text(WORDS)).to_be_visible()

    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/login?done=signed_out")
    await page.go_back()

    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=WAIT)
    assert await page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert await page.context.cookies() == []


async def test_the_keyboard_is_enough(site: Site, browser: Browser) -> None:
    """From the queue into a case and to its button without a mouse."""
    page, _ = await _on_shift(site, browser)
    _, case_id = await _danger(site)
    link = page.locator(f'[data-case="{case_id}"] a')
    await expect(link).to_be_visible(timeout=WAIT)

    await link.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/cases/{case_id}")
    await page.locator("#claim").focus()
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("You hold this case now.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_no_page_is_wider_than_the_screen(site: Site, browser: Browser, width: int, theme: str) -> None:
    """Queue, case and phrasebook, with long words in four scripts."""
    context = await browser.new_context(
        viewport={"width": width, "height": 740},
        color_scheme=theme,  # type: ignore[arg-type]  # one of two words
    )
    page = await context.new_page()
    await _sign_in(site, page, "Ana", await site.staff("Ana"))
    for language, words in (("km", "ជួយខ្ញុំផងគេចាក់សោខ្ញុំ" * 8), ("th", "ช่วยด้วยผมออกไปไม่ได้" * 8), ("zh-Hans", "救" * 200)):
        talk = await site.seeds.person(language)
        await site.seeds.says(talk, words + "x" * 120)
        await site.seeds.alarm(talk, "C1", "H1")
    case_id = (await site.queue.open_cases())[0].id
    await site.queue.claim(case_id, await site.find("Ana"))

    for path in ("/", f"/cases/{case_id}"):
        await page.goto(site.address + path)
        for summary in await page.locator("summary").all():
            await summary.click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def _on_shift(site: Site, browser: Browser) -> tuple[Page, list[str]]:
    page = await browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    await _sign_in(site, page, "Ana", await site.staff("Ana"))
    await page.get_by_role("button", name="Go on shift").click()
    await expect(page.locator("#connection.good")).to_be_visible(timeout=WAIT)
    async with page.expect_response("**/api/here", timeout=WAIT):
        pass  # the screen knows what is waiting now, so that what comes is news
    return page, problems


async def _sign_in(site: Site, page: Page, name: str, secret: str) -> None:
    await page.goto(f"{site.address}/login")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Code from your app").fill(site.code(secret))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{site.address}/")


async def _danger(site: Site) -> tuple[UUID, UUID]:
    talk = await site.seeds.person()
    await site.seeds.says(talk, WORDS)
    return talk, await site.seeds.alarm(talk, "C12", "H1", mode="trapped")

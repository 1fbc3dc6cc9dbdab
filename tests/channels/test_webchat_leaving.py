"""The page in a real browser: leaving, coming back, and idling leave nothing to see."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from channels.webchat import Letter
from tests.channels.webchat_browser import Site, needs_chromium, opened, say, session_of

pytestmark = needs_chromium


async def test_leaving_blanks_the_page_forgets_the_session_and_cannot_be_gone_back_on(
    browser: Browser, site: Site
) -> None:
    async with opened(browser, site) as (_, page):
        await say(page, "SENT-secret")
        await expect(page.locator(".mark")).to_have_text("Sent")
        await page.click("#leave")
        await page.wait_for_url("**/weather")
        await page.go_back()

        assert page.url != site.address + "/chat"
        await page.goto(site.address + "/chat")
        assert await page.evaluate("sessionStorage.length + localStorage.length + document.cookie.length") == 0
        assert "SENT-secret" not in await page.content()
        await site.post.left.wait()
        assert {"session": session_of(site), "id": "left", "left": True} in site.post.kept


async def test_three_escapes_leave_too_and_one_does_not(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as (_, page):
        await page.keyboard.press("Escape")
        await page.keyboard.press("a")
        assert page.url.endswith("/chat")

        for _ in range(3):
            await page.keyboard.press("Escape")

        await page.wait_for_url("**/weather")


async def test_the_way_out_is_first_by_keyboard_and_works_without_script(browser: Browser, site: Site) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site.address + "/chat")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/weather")
    await context.close()


async def test_a_living_session_is_drawn_again_after_reload_and_a_dead_one_is_not(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as (_, page):
        await say(page, "tolong")
        await expect(page.locator(".mark")).to_have_text("Sent")
        session = session_of(site)
        site.post.write(session, Letter(number=1, text="tolong", from_person=True))
        site.post.write(session, Letter(number=2, text="Aman?"))
        await expect(page.locator(".said")).to_have_text(["tolong", "Aman?"])

        await page.reload()
        await expect(page.locator(".said")).to_have_text(["tolong", "Aman?"])

        site.post.boxes[session] = None
        await page.reload()
        await expect(page.locator("#state")).to_have_text("This chat is closed.")
        assert await page.locator(".said").count() == 0
        assert await page.evaluate("sessionStorage.length") == 0


async def test_words_written_to_a_dead_session_begin_a_new_one_and_are_not_lost(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as (_, page):
        await page.route("**/chat/messages?after=*", lambda route: route.abort())  # the page does not know yet
        await say(page, "old")
        await expect(page.locator(".mark")).to_have_text("Sent")
        site.post.boxes[session_of(site)] = None

        await say(page, "new")
        await expect(page.locator(".said")).to_have_text(["new"])
        await expect(page.locator(".mark")).to_have_text("Sent")

        sessions = [entry["session"] for entry in site.post.kept]
        assert len(set(sessions)) == 2


async def test_after_fifteen_idle_minutes_nothing_is_left_to_see_not_even_what_was_not_sent(
    browser: Browser, site: Site
) -> None:
    async with opened(browser, site) as (_, page):
        await page.clock.install()
        await page.reload()
        await say(page, "tolong")
        await expect(page.locator(".mark")).to_have_text("Sent")
        await page.fill("#text", "half a sentence")

        await page.clock.fast_forward("15:06")

        await expect(page.locator("#state")).to_have_text("This chat is closed.")
        assert await page.locator(".said").count() == 0
        assert await page.input_value("#text") == ""
        assert await page.evaluate("sessionStorage.length") == 0

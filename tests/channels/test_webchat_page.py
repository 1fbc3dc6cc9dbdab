"""The page in a real browser: it sends, shows, and sends again what was lost."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Route, expect

from bot.core.values import Button
from channels.webchat import Letter
from tests.channels.webchat_browser import Site, needs_chromium, opened, say, session_of

pytestmark = needs_chromium


async def test_a_message_is_sent_and_answered_with_buttons_as_text_never_as_markup(
    browser: Browser, site: Site
) -> None:
    async with opened(browser, site) as (_, page):
        await say(page, "<b>tolong</b> ខ្ញុំ")
        await expect(page.locator(".mark")).to_have_text("Sent")
        buttons = (
            Button(label="<i>Ya</i>", payload="signed-yes"),
            Button(label="Tidak", payload="signed-no"),
        )
        site.post.write(
            session_of(site), Letter(number=1, text="<img src=x onerror=alert(1)> ปลอดภัยไหม", buttons=buttons)
        )

        await expect(page.locator(".line:not(.mine) .said")).to_have_text("<img src=x onerror=alert(1)> ปลอดภัยไหม")
        await expect(page.locator(".mine .said")).to_have_text("<b>tolong</b> ខ្ញុំ")
        await page.click("text=<i>Ya</i>")
        await expect(page.locator(".choices button").nth(1)).to_be_disabled()
        await expect(page.locator(".mark").nth(1)).to_have_text("Sent")

        assert await page.locator("#log b, #log i, #log img").count() == 0
        assert [entry.get("press") for entry in site.post.kept] == [None, "signed-yes"]


async def test_what_could_not_be_sent_says_so_and_goes_again_by_itself_as_one_message(
    browser: Browser, site: Site
) -> None:
    """Given an answer that is lost on the way, when the page sends again, then both carry one name."""
    async with opened(browser, site) as (_, page):
        lost = 0

        async def lose_the_answer(route: Route) -> None:
            nonlocal lost
            if route.request.method == "POST" and lost == 0:
                lost += 1
                await route.fetch()
                await route.abort()
                return
            await route.continue_()

        await page.route("**/chat/messages*", lose_the_answer)
        await say(page, "tolong")
        await expect(page.locator(".mark")).to_have_text("Not sent. Tap to try again.")
        await expect(page.locator("#state")).to_have_text("No connection")
        await expect(page.locator(".mark")).to_have_text("Sent")
        await expect(page.locator("#state")).to_be_hidden()

        assert len(site.post.raws) == 2
        assert site.post.raws[0] == site.post.raws[1]
        assert await page.locator(".said").count() == 1


async def test_a_portal_s_page_in_place_of_an_answer_is_not_taken_for_sent(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as (_, page):
        await page.route("**/chat/session", lambda route: route.fulfill(status=200, body="<html>Log in</html>"))

        await say(page, "tolong")

        await expect(page.locator(".mark")).to_have_text("Not sent. Tap to try again.")
        assert site.post.kept == []


async def test_messages_keep_their_order_however_fast_they_are_written(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as (_, page):
        for number in range(5):
            await say(page, f"message {number}")
        await expect(page.locator(".mark").last).to_have_text("Sent")

        assert [entry["text"] for entry in site.post.kept] == [f"message {number}" for number in range(5)]


@pytest.mark.parametrize(
    ("locale", "lang", "send"),
    [
        ("id-ID", "id", "Kirim"),
        ("th-TH", "th", "ส่ง"),
        ("vi-VN", "vi", "Gửi"),
        ("km-KH", "km", "ផ្ញើ"),
        ("zh-CN", "zh-Hans", "发送"),
        ("sw-KE", "en", "Send"),
    ],
)
async def test_labels_are_in_the_phone_s_language(
    browser: Browser, site: Site, locale: str, lang: str, send: str
) -> None:
    async with opened(browser, site, locale) as (_, page):
        await expect(page.locator("#send")).to_have_text(send)
        await expect(page.locator("html")).to_have_attribute("lang", lang)


async def test_the_browser_finds_nothing_to_complain_about(browser: Browser, site: Site) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    await page.goto(site.address + "/chat")
    await say(page, "tolong")
    await expect(page.locator(".mark")).to_have_text("Sent")

    assert complaints == []
    assert all(url.startswith(site.address) or url == "data:," for url in asked)
    site.post.news.set()
    await context.close()

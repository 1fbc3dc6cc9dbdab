"""The calls of the web chat's page, with a small mailbox in memory."""

from __future__ import annotations

import asyncio
import json
import logging

import httpx
import pytest

from bot.core.clock import FakeClock
from bot.core.errors import SpoolUnavailable
from bot.core.values import Button
from channels.webchat import Letter, WebChatChannel
from channels.webchat.allowance import BURST
from tests.channels.payloads import NUL_AND_SURROGATE
from tests.channels.webchat_post import Post, begin, fetch, say


async def test_a_message_becomes_bytes_that_the_channel_reads(page: httpx.AsyncClient, post: Post) -> None:
    session = await begin(page)

    assert (await say(page, session, id="m1", text="tolong")).status_code == 200

    (arrival,) = WebChatChannel().parse(post.raws[0])
    assert (arrival.address, arrival.text, arrival.at) == (session, "tolong", None)


async def test_a_message_sent_again_is_the_same_bytes_and_the_same_name(page: httpx.AsyncClient, post: Post) -> None:
    session = await begin(page)

    for _ in range(2):
        await say(page, session, id="m1", text="tolong")

    assert post.raws[0] == post.raws[1]


async def test_two_sessions_never_share_a_name(page: httpx.AsyncClient, post: Post) -> None:
    first, second = await begin(page), await begin(page)
    for session in (first, second):
        await say(page, session, id="m1", text="x")

    assert first != second
    assert len({WebChatChannel().parse(raw)[0].provider_id for raw in post.raws}) == 2


async def test_nul_and_lone_surrogates_pass_both_ways(page: httpx.AsyncClient, post: Post) -> None:
    session = await begin(page)
    body = json.dumps({"id": "m1", "text": NUL_AND_SURROGATE}).encode("ascii")
    headers = {"X-Chat-Session": session, "Content-Type": "application/json"}

    assert (await page.post("/chat/messages", content=body, headers=headers)).status_code == 200
    post.write(session, Letter(number=1, text=NUL_AND_SURROGATE))

    assert post.kept[0]["text"] == NUL_AND_SURROGATE
    assert json.loads((await fetch(page, session)).content)["letters"][0]["text"] == NUL_AND_SURROGATE


@pytest.mark.parametrize(
    ("posted", "status"),
    [
        ({"id": "m1", "text": "x" * 4000}, 200),
        ({"id": "m1", "text": "ប" * 4000}, 200),
        ({"id": "m1", "text": "😀" * 4000}, 200),
        ({"id": "m1", "text": "x" * 4001}, 413),
        ({"id": "m1", "text": "x" * 1_000_000}, 413),
        ({"id": "m1", "press": "signed"}, 200),
        ({"id": "m1", "press": "x" * 65}, 400),
        ({"id": "m1", "text": " \n"}, 400),
        ({"id": "m1"}, 400),
        ({"id": "m1", "text": "x", "press": "y"}, 400),
        ({"id": "m1", "text": 7}, 400),
        ({"id": "", "text": "x"}, 400),
        ({"id": "x" * 65, "text": "x"}, 400),
        ({"text": "x"}, 400),
    ],
)
async def test_only_what_our_page_sends_is_taken(
    page: httpx.AsyncClient, post: Post, posted: dict[str, object], status: int
) -> None:
    response = await say(page, await begin(page), **posted)

    assert response.status_code == status
    assert len(post.kept) == (status == 200)
    if status == 413:
        assert response.json() == {"error": "too_long", "limit": 4000}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 40_000])
async def test_broken_json_is_a_400(page: httpx.AsyncClient, post: Post, body: bytes) -> None:
    headers = {"X-Chat-Session": await begin(page), "Content-Type": "application/json"}

    assert (await page.post("/chat/messages", content=body, headers=headers)).status_code == 400
    assert post.kept == []


@pytest.mark.parametrize("session", ["", "short", "x" * 44, "x" * 42 + "/", "é" * 43, "x" * 42 + "'"])
async def test_without_a_session_of_our_making_nothing_is_read_or_kept(
    page: httpx.AsyncClient, post: Post, session: str
) -> None:
    headers = [(b"X-Chat-Session", session.encode())]

    answers = (
        await page.post("/chat/messages", json={"id": "m1", "text": "x"}, headers=headers),
        await page.get("/chat/messages", headers=headers),
        await page.post("/chat/leave", content=session),
    )

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert post.kept == []


async def test_a_form_from_another_site_is_refused(page: httpx.AsyncClient, post: Post) -> None:
    headers = {"X-Chat-Session": await begin(page), "Content-Type": "text/plain"}

    assert (await page.post("/chat/messages", content=b'{"id":"1","text":"x"}', headers=headers)).status_code == 415
    assert post.kept == []


async def test_letters_come_in_order_from_the_one_asked_for(page: httpx.AsyncClient, post: Post) -> None:
    session = await begin(page)
    post.write(session, Letter(number=1, text="tolong", from_person=True))
    post.write(session, Letter(number=2, text="Aman?", buttons=(Button(label="Ya", payload="signed"),)))

    assert (await fetch(page, session, 1)).json() == {
        "letters": [
            {
                "number": 2,
                "text": "Aman?",
                "from_person": False,
                "buttons": [{"label": "Ya", "payload": "signed"}],
            }
        ]
    }
    assert len((await fetch(page, session)).json()["letters"]) == 2


async def test_a_held_poll_is_answered_as_soon_as_there_is_a_letter(page: httpx.AsyncClient, post: Post) -> None:
    session = await begin(page)
    held = asyncio.create_task(fetch(page, session))
    await post.waiting.wait()

    post.write(session, Letter(number=1, text="x"))

    assert [letter["text"] for letter in (await held).json()["letters"]] == ["x"]


async def test_a_session_never_sees_another_s_letters(page: httpx.AsyncClient, post: Post) -> None:
    mine, theirs = await begin(page), await begin(page)
    post.write(theirs, Letter(number=1, text="theirs"))

    assert (await fetch(page, mine)).json() == {"letters": []}


async def test_a_dead_session_tells_the_page_to_clear_itself_and_takes_nothing(
    page: httpx.AsyncClient, post: Post
) -> None:
    session = await begin(page)
    post.boxes[session] = None

    assert (await fetch(page, session)).status_code == 410
    assert (await say(page, session, id="m1", text="x")).status_code == 410
    assert post.kept == []


async def test_a_session_that_dies_while_a_poll_is_held_ends_it(page: httpx.AsyncClient, post: Post) -> None:
    session = await begin(page)
    held = asyncio.create_task(fetch(page, session))
    await post.waiting.wait()

    post.boxes[session] = None
    post.news.set()

    assert (await held).status_code == 410


async def test_leaving_tells_intake_that_nothing_can_be_read_there_any_more(
    page: httpx.AsyncClient, post: Post
) -> None:
    session = await begin(page)

    assert (await page.post("/chat/leave", content=session)).status_code == 200

    assert post.kept == [{"session": session, "id": "left", "left": True}]


async def test_a_flood_from_one_page_waits_and_other_pages_do_not(
    page: httpx.AsyncClient, post: Post, clock: FakeClock
) -> None:
    flood, other = await begin(page), await begin(page)
    for number in range(BURST):
        assert (await say(page, flood, id=f"m{number}", text="x")).status_code == 200

    refused = await say(page, flood, id="more", text="x")

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert (await say(page, other, id="m1", text="x")).status_code == 200
    clock.advance(seconds=2)
    assert (await say(page, flood, id="more", text="x")).status_code == 200


async def test_with_the_mailbox_away_a_message_still_reaches_intake(
    page: httpx.AsyncClient, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(address: str, after: int) -> None:
        raise ConnectionError("SENT-secret")

    monkeypatch.setattr(post, "letters", away)
    session = await begin(page)

    assert (await say(page, session, id="m1", text="x")).status_code == 200
    assert (await fetch(page, session)).status_code == 503
    assert len(post.kept) == 1


async def test_what_could_not_be_kept_is_not_called_sent_and_no_word_of_it_is_logged(
    page: httpx.AsyncClient, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="channels")
    session = await begin(page)

    for error in (SpoolUnavailable(), RuntimeError("SENT-secret")):
        post.error = error
        response = await say(page, session, id="m1", text="SENT-secret")
        assert (response.status_code, response.content) == (503, b"")

    assert "SENT-secret" not in caplog.text
    assert session not in caplog.text


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 30, "١"])
async def test_a_strange_number_is_a_400_that_repeats_nothing(page: httpx.AsyncClient, after: str) -> None:
    response = await fetch(page, await begin(page), after)

    assert (response.status_code, response.content) == (400, b"")

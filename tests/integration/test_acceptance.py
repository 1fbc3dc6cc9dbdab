"""One message, all the way, on real parts and real processes (no mocks inside)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.core.catalogue import Catalogue
from tests.integration.line import ROOT, SECRET, Line, eventually, running_line

CATALOGUE = Catalogue.load(ROOT / "bot" / "locales")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line() -> AsyncIterator[Line]:
    """One hotline for this file; each test has chats of its own."""
    async with running_line(extra={"HOTLINE_LOG_LEVEL": "debug"}) as started:
        yield started


pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize(
    ("secret", "status"), [(None, 401), ("", 403), ("wrong", 403), (SECRET + "x", 403), (SECRET.upper(), 403)]
)
async def test_a_wrong_or_missing_secret_is_refused_and_nothing_is_stored(
    line: Line, secret: str | None, status: int
) -> None:
    before = await line.rows("SELECT count(*) FROM receipt")
    assert await line.post(line.update(11, "hello"), secret=secret) in {status, 401}
    assert await line.rows("SELECT count(*) FROM receipt") == before


async def test_a_threat_is_answered_in_indonesian_and_a_critical_case_stands(line: Line) -> None:
    assert await line.post(line.update(21, "mereka akan membunuh saya malam ini")) == 200
    heard = await line.hears(21, 1)
    assert CATALOGUE.text("em.seen.nobody", "id") in heard[0]["text"]
    assert heard[0]["text"].startswith(CATALOGUE.text("m.test", "id"))
    case = next(c for c in await line.cases() if c["level"] == "critical" and c["language"] == "id")
    assert "C12" in case["triggers"]
    assert case["channel"] == "telegram"
    assert case["state"] == "waiting"


async def test_the_same_update_posted_five_times_at_once_is_handled_once(line: Line) -> None:
    update = line.update(22, "they will kill me tonight")
    assert await asyncio.gather(*(line.post(update) for _ in range(5))) == [200] * 5
    await line.hears(22, 1)
    # What is sent twice would be sent by now: another person's later message is answered after it.
    await line.post(line.update(23, "hello"))
    await line.hears(23, 1)
    assert len(line.heard(22)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"{not json",
        b"[]",
        b'{"update_id": 1, "a_kind_of_next_year": {"chat": {"id": 31, "type": "private"}}}',
        b'{"update_id": 2, "message": {"message_id": 1, "date": 1, "chat": {"id": 31, "type": "private"},'
        b' "text": "a\\u0000b \\ud83d"}}',
        b"\x00\xff\xfe\xfd",
    ],
)
async def test_what_cannot_be_read_is_answered_and_kept(line: Line, body: bytes) -> None:
    before = await line.rows("SELECT (SELECT count(*) FROM inbound) + (SELECT count(*) FROM quarantine)")
    assert await line.post(body) == 200
    after = await line.rows("SELECT (SELECT count(*) FROM inbound) + (SELECT count(*) FROM quarantine)")
    assert after[0][0] == before[0][0] + 1


async def test_a_text_of_one_megabyte_is_stored_or_refused_and_nothing_falls_over(line: Line) -> None:
    small = line.update(32, "x" * 900_000)
    big = line.update(32, "x" * 1_100_000)
    assert await line.post(small) == 200
    assert await line.post(big) == 413
    await line.hears(32, 1)
    assert (await line.http.get("/healthz")).status_code == 200


async def test_a_message_three_hours_late_makes_a_case_and_no_reply_until_the_next_word(line: Line) -> None:
    update = line.update(33, "they took my passport")
    update["message"]["date"] -= 3 * 3600
    assert await line.post(update) == 200

    async def handled() -> bool:
        rows = await line.rows("SELECT count(*) FROM inbound WHERE late AND state = 'handled'")
        return bool(rows[0][0] >= 1)

    await eventually(handled, 30, "the late message had its turn")
    assert line.heard(33) == []
    rows = await line.rows(
        "SELECT i.received_at - i.provider_at > interval '2 hours' FROM case_file f"
        " JOIN inbound i USING (conversation_id) WHERE i.late"
    )
    assert (True,) in rows
    await line.post(line.update(33, "hello?"))
    assert len(await line.hears(33, 1)) == 1


async def test_nothing_that_a_person_wrote_reaches_a_log_a_job_or_an_address(line: Line) -> None:
    """Sentinels in text and name; the token and the secret too; PostgreSQL's own log among those read."""
    await line.post(line.update(34, "SENTINELTEXT please help me"))
    await line.hears(34, 1)
    await line.post(b'{"broken": "SENTINELTEXT"')
    texts = line.logs()
    jobs = json.dumps([str(row) for row in await line.rows("SELECT args FROM procrastinate_jobs")])
    from tests.doubles.bot_api import TOKEN

    for secret in ("SENTINELTEXT", "SENTINELNAME", "membunuh", TOKEN, TOKEN.split(":")[1], SECRET):
        assert secret not in texts
        assert secret not in jobs


@pytest.mark.nlu
@pytest.mark.parametrize("language", CATALOGUE.languages)
async def test_free_text_gets_the_right_card_in_each_language(line: Line, language: str) -> None:
    words = {
        "en": "they took my passport and wont give it back",
        "id": "paspor saya diambil sama bos",
        "th": "เขายึดพาสปอร์ตของฉันไว้",
        "vi": "họ giữ hộ chiếu của tôi",
        "km": "គេដកយកលិខិតឆ្លងដែនរបស់ខ្ញុំ",
        "zh-Hans": "他们扣了我的护照",
    }[language]
    chat = 4000 + CATALOGUE.languages.index(language)
    await line.post(line.update(chat, words))
    first = (await line.hears(chat, 1))[0]
    assert CATALOGUE.text("q.watched", language) in first["text"]
    await line.post(line.update(chat, "1"))
    await line.hears(chat, 2)
    await line.post(line.update(chat, "3"))
    card = (await line.hears(chat, 3))[2]["text"]
    assert CATALOGUE.text("card.documents", language) in card

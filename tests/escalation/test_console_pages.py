"""The console over HTTP: what its pages show, keep to themselves, and leave nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from bot.core.clock import FakeClock
from escalation.console.alert import sound
from escalation.console.words import EVENTS, OUTCOMES, TRIGGERS
from tests.escalation.seeds import Seeds
from tests.escalation.site import PASSWORD, Screen, Site

SECRET_WORDS = "mereka akan membunuh saya malam ini"


async def test_the_loser_of_a_race_is_told_who_holds_it(site: Site, ana: Screen, seeds: Seeds) -> None:
    """409, with the alias, and nothing of what was written."""
    talk = await seeds.person()
    await seeds.says(talk, SECRET_WORDS)
    case_id = await seeds.alarm(talk, "C1")
    await site.queue.claim(case_id, await seeds.operator("Bo"))

    answer = await ana.post(f"/cases/{case_id}/claim")

    assert answer.status_code == 409
    assert "Bo holds this case." in answer.text
    assert SECRET_WORDS not in answer.text


async def test_words_that_could_not_be_sent_stay_in_the_box(site: Site, ana: Screen, seeds: Seeds) -> None:
    """Losing a case between writing and sending loses no words."""
    case_id = await _held_by_ana(site, ana, seeds)
    await site.queue.release(case_id, await site.find("Ana"))
    await site.queue.claim(case_id, await site.find("Ana"))
    talk = await seeds.one("SELECT conversation_id FROM case_file")
    await seeds.one("UPDATE conversation SET view = 'hidden' WHERE id = :id RETURNING id", id=talk)

    answer = await ana.post(f"/cases/{case_id}/reply", text="Apakah kamu aman?", client_id=str(uuid4()))

    assert answer.status_code == 409
    assert "Apakah kamu aman?</textarea>" in answer.text
    assert "nothing was sent" in answer.text


async def test_an_erased_person_is_said_to_be_erased(ana: Screen, seeds: Seeds) -> None:
    """The case stays; what was written does not open any more."""
    case_id = await seeds.alarm(await seeds.person(), "C1")
    await seeds.one("UPDATE contact SET key_wrapped = NULL RETURNING id")

    answer = await ana.client.get(f"/cases/{case_id}")

    assert answer.status_code == 410
    assert "erased" in answer.text


async def test_markup_in_a_message_is_only_text(site: Site, ana: Screen, seeds: Seeds) -> None:
    """What a person writes is escaped wherever it is shown."""
    talk = await seeds.person()
    await seeds.says(talk, '<img src=x onerror="alert(1)">')
    case_id = await seeds.alarm(talk, "C1")

    page = (await ana.client.get(f"/cases/{case_id}")).text

    assert "<img" not in page
    assert "&lt;img src=x" in page


async def test_the_json_holds_no_text(ana: Screen, seeds: Seeds) -> None:
    """The fields of `hotline cases --json`, and no word of the person."""
    talk = await seeds.person()
    await seeds.says(talk, SECRET_WORDS)
    await seeds.alarm(talk, "C12", mode="trapped")

    answer = (await ana.client.get("/api/cases")).json()

    assert set(answer[0]) == {
        "id",
        "level",
        "triggers",
        "channel",
        "language",
        "mode",
        "view",
        "waiting_seconds",
        "state",
        "holder",
    }
    assert answer[0]["level"] == "critical"
    assert SECRET_WORDS not in json.dumps(answer)


async def test_both_times_of_a_late_message_are_shown(ana: Screen, seeds: Seeds, clock: FakeClock) -> None:
    """When it was written and when it reached us."""
    talk = await seeds.person()
    written = clock.now() - timedelta(hours=3)
    await seeds.says(talk, "halo", at=written, late=True)
    case_id = await seeds.alarm(talk, "H16")

    page = (await ana.client.get(f"/cases/{case_id}")).text

    assert f'datetime="{written.isoformat()}"' in page
    assert f'reached us <time datetime="{clock.now().isoformat()}"' in page
    assert "nothing can be sent" in page


@pytest.mark.parametrize("path", ["/cases/1", "/cases/%00", f"/cases/{uuid4()}", "/static/..%2fapp.py", "/docs"])
async def test_what_is_not_there_is_404(ana: Screen, path: str) -> None:
    """And says nothing else."""
    assert (await ana.client.get(path)).status_code == 404


async def test_the_stream_tells_of_changes_and_ends_with_the_session(site: Site, ana: Screen, seeds: Seeds) -> None:
    """A case raised elsewhere arrives as a change; a disabled operator's stream ends within beats (C26)."""
    async with ana.client.stream("GET", "/api/stream") as stream:
        events = _events(stream.aiter_lines())
        assert (await anext(events))[0] == "beat"
        talk = await seeds.person()
        await seeds.alarm(talk, "C1")
        async with asyncio.timeout(20):
            while not _tells_of(await anext(events), talk):
                pass
            await site.login.disable((await site.find("Ana")).id, by=None)
            names = [name async for name, _ in events]
    assert names[-1] == "ended"
    assert (await ana.client.get("/api/cases")).status_code == 401


def _tells_of(event: tuple[str, str], talk: UUID) -> bool:
    return event[0] == "change" and str(talk) in event[1]


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str]]:
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, line.removeprefix("data: ")


async def test_a_screen_by_itself_does_not_keep_a_session_alive(site: Site, ana: Screen, clock: FakeClock) -> None:
    """What scripts fetch counts as a live screen, not as a human; a hand on the mouse does."""
    clock.advance(minutes=10)
    assert (await ana.client.post("/api/here", headers={"x-form-mark": ana.mark})).status_code == 204
    assert (await site.find("Ana")).seen_at == clock.now()
    clock.advance(minutes=4)
    active = {"active": "yes"}
    assert (await ana.client.post("/api/here", data=active, headers={"x-form-mark": ana.mark})).is_success
    clock.advance(minutes=14)
    assert (await ana.client.get("/queue")).status_code == 200
    clock.advance(minutes=2)

    assert (await ana.client.get("/queue")).status_code == 401


async def test_no_word_reaches_a_log(site: Site, ana: Screen, seeds: Seeds, caplog: pytest.LogCaptureFixture) -> None:
    """Reading, writing, failing to write: every logger at DEBUG, and neither words nor tokens in it."""
    reply = "apakah kamu terluka parah"
    with caplog.at_level(logging.DEBUG):
        case_id = await _held_by_ana(site, ana, seeds)
        await ana.client.get(f"/cases/{case_id}")
        await ana.post(f"/cases/{case_id}/reply", text=reply, client_id=str(uuid4()))
        await ana.post(f"/cases/{case_id}/reply", text=reply, client_id="no id")
        await ana.post(f"/cases/{case_id}/close", outcome="unknown")

    server_side = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    everything = "\n".join(server_side)
    for secret in (SECRET_WORDS, reply, PASSWORD, ana.mark, *ana.client.cookies.values()):
        assert secret not in everything


def test_every_trigger_and_outcome_has_plain_words() -> None:
    """The ladder's ids, the outcomes, and the sound."""
    from bot.core.ladder import TRIGGERS as LADDER
    from bot.store.cases import OUTCOMES as STORED

    assert set(TRIGGERS) == LADDER
    assert tuple(OUTCOMES) == STORED
    assert {"opened", "raised", "claimed", "released", "returned", "closed"} <= set(EVENTS)
    assert sound()[:4] == b"RIFF"


async def _held_by_ana(site: Site, ana: Screen, seeds: Seeds) -> UUID:
    talk = await seeds.person()
    await seeds.says(talk, SECRET_WORDS)
    case_id = await seeds.alarm(talk, "C1")
    answer = await ana.post(f"/cases/{case_id}/claim")
    assert answer.status_code == 303
    return case_id

"""The console over HTTP: shut by default, forms only from our own pages, nothing left behind."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from bot.core.clock import FakeClock
from bot.store.changes import Changes
from escalation.console.alert import sound
from escalation.console.app import create_app
from escalation.console.guard import RULES
from escalation.console.words import EVENTS, OUTCOMES, TRIGGERS
from escalation.login import Login
from escalation.queue import Queue
from tests.escalation.seeds import Seeds
from tests.escalation.site import PASSWORD, Site, serving

SECRET_WORDS = "mereka akan membunuh saya malam ini"


@pytest.fixture
async def site(seeds: Seeds, queue: Queue, login: Login, database_url: str) -> AsyncIterator[Site]:
    """A running console whose streams beat ten times a second."""
    async with serving(seeds, queue, login, database_url=database_url, beat=0.1) as running:
        yield running


class Screen:
    """One operator's browser, as far as HTTP goes."""

    def __init__(self, site: Site, client: httpx.AsyncClient) -> None:
        self.site = site
        self.client = client
        self.mark = ""

    async def sign_in(self, name: str, secret: str) -> None:
        """Sign in and learn the mark of the forms."""
        form = {"name": name, "password": PASSWORD, "code": self.site.code(secret)}
        answer = await self.client.post("/login", data=form)
        assert answer.status_code == 303, answer.text
        self.site.seeds.clock.advance(seconds=30)
        page = await self.client.get("/")
        found = re.search(r'data-mark="(\w+)"', page.text)
        assert found
        self.mark = found[1]

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form of ours."""
        return await self.client.post(path, data={"mark": self.mark, **form})


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that says where its forms come from."""
    async with httpx.AsyncClient(base_url=site.address, headers={"origin": site.address}) as made:
        yield made


@pytest.fixture
async def ana(site: Site, client: httpx.AsyncClient) -> Screen:
    """Ana, signed in."""
    screen = Screen(site, client)
    await screen.sign_in("Ana", await site.staff("Ana"))
    return screen


def test_every_route_has_a_rule_and_every_rule_a_route(queue: Queue, login: Login, seeds: Seeds) -> None:
    """A new route without a rule fails here, and is shut anyhow (C20)."""
    app = create_app(
        queue=queue,
        login=login,
        changes=Changes(""),
        clock=seeds.clock,
        catalogue=seeds.catalogue,
        address="http://localhost:8090",
        demo=True,
    )
    walked = {(method, path) for path, methods in _routes(app.routes) for method in methods - {"HEAD"}}

    assert walked == set(RULES)


def _routes(routes: Sequence[object]) -> list[tuple[str, set[str]]]:
    found: list[tuple[str, set[str]]] = []
    for route in routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if inner is not None:
            found += _routes(list(inner))
        else:
            found.append((route.path, set(route.methods)))  # type: ignore[attr-defined]  # any kind of route
    return found


async def test_each_role_meets_the_rule_of_each_route(site: Site, seeds: Seeds) -> None:
    """Route × role: whoever is not named by the rule gets a door, not an answer."""
    case_id = await seeds.alarm(await seeds.person(), "C1")
    wrong: list[str] = []
    for role in ("anonymous", "operator", "supervisor", "admin"):
        async with httpx.AsyncClient(base_url=site.address, headers={"origin": site.address}) as client:
            screen = Screen(site, client)
            for (method, path), rule in sorted(RULES.items()):
                if path == "/api/stream":  # never ends; it is read in a test of its own
                    continue
                if role != "anonymous" and not screen.mark:
                    await screen.sign_in(role, await site.staff(role, role))
                concrete = path.format(case_id=case_id, operator_id=uuid4(), name="console.css")
                if method == "GET":
                    answer = await client.get(concrete)
                else:
                    answer = await screen.post(concrete, on="no", client_id=str(uuid4()))
                to_the_door = answer.headers.get("location", "") == "/login"
                shut = answer.status_code in {401, 403} or to_the_door
                if path in {"/login", "/setup/begin", "/setup/finish"} and method == "POST":
                    shut = False  # these say 403 themselves to a wrong name or link
                if shut is (role in rule.roles):
                    wrong.append(f"{role} {method} {path}: {answer.status_code}")
                if path == "/logout" and role != "anonymous":
                    screen.mark = ""
                    client.cookies.clear()
                    await _again(site, screen, role)
    assert wrong == []


async def _again(site: Site, screen: Screen, name: str) -> None:
    async with site.seeds.store.transaction() as c:
        from sqlalchemy import text

        sealed = (await c.execute(text("SELECT id, totp_sealed FROM operator WHERE name = :n"), {"n": name})).one()
    secret = site.seeds.keyring.open_intake(sealed.totp_sealed, f"operator/{sealed.id}/totp").decode()
    await screen.sign_in(name, secret)


FOREIGN = [
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_no_form_of_another_site_changes_anything(
    site: Site, ana: Screen, seeds: Seeds, headers: dict[str, str]
) -> None:
    """Every mutating route, with the right cookie and the right mark, from a wrong origin: 403."""
    case_id = await seeds.alarm(await seeds.person(), "C1")
    cookies = dict(ana.client.cookies)
    async with httpx.AsyncClient(base_url=site.address, cookies=cookies) as client:
        for method, path in RULES:
            if method == "POST":
                concrete = path.format(case_id=case_id, operator_id=uuid4())
                form = {"mark": ana.mark, "client_id": str(uuid4()), "outcome": "unknown", "on": "yes"}
                answer = await client.post(concrete, data=form, headers=headers)
                assert answer.status_code == 403, path
    assert await seeds.one("SELECT state FROM case_file") == "waiting"


@pytest.mark.parametrize("mark", ["", "0" * 64, "ü"])
async def test_no_form_without_its_mark_changes_anything(ana: Screen, seeds: Seeds, mark: str) -> None:
    """Every mutating route for the signed-in, from our own origin but without the session's mark: 403."""
    case_id = await seeds.alarm(await seeds.person(), "C1")
    for (method, path), rule in RULES.items():
        if method == "POST" and "anonymous" not in rule.roles and "operator" in rule.roles:
            answer = await ana.client.post(path.format(case_id=case_id), data={"mark": mark})
            assert answer.status_code == 403, path
    assert await seeds.one("SELECT state FROM case_file") == "waiting"


async def test_a_browser_under_no_referrer_may_send_our_forms(site: Site, ana: Screen) -> None:
    """It says `Origin: null` and, in words of its own, that the form is ours."""
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}

    answer = await ana.client.post("/shift", data={"mark": ana.mark, "on": "yes"}, headers=headers)

    assert answer.status_code == 303
    assert (await site.find("Ana")).on_shift


async def test_every_answer_carries_the_headers(ana: Screen) -> None:
    """Pages, parts, errors, files: nothing is stored, framed, sniffed or loaded from elsewhere."""
    for path in (
        "/",
        "/login",
        "/queue",
        "/api/cases",
        "/static/console.css",
        "/nothing",
        f"/cases/{uuid4()}",
    ):
        headers = (await ana.client.get(path)).headers
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
            " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )


@pytest.mark.parametrize(
    ("address", "cookie"),
    [
        ("https://console.example", "__Host-session=.*; HttpOnly; Path=/; SameSite=strict; Secure"),
        ("http://localhost:8090", "console_session=.*; HttpOnly; Path=/; SameSite=strict"),
    ],
)
async def test_the_cookie_fits_the_scheme(seeds: Seeds, queue: Queue, login: Login, address: str, cookie: str) -> None:
    """Over https it is bound to the host and secure; it never outlives the browser and no script reads it."""
    app = create_app(
        queue=queue,
        login=login,
        changes=Changes(""),
        clock=seeds.clock,
        catalogue=seeds.catalogue,
        address=address,
        demo=False,
    )
    site = Site(address=address, login=login, queue=queue, seeds=seeds)
    form = {"name": "Ana", "password": PASSWORD, "code": site.code(await site.staff("Ana"))}
    form["code"] = site.code(await _secret(seeds, "Ana"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address) as client:
        answer = await client.post("/login", data=form, headers={"origin": address})

    assert re.fullmatch(cookie, answer.headers["set-cookie"])


async def _secret(seeds: Seeds, name: str) -> str:
    sealed = await seeds.one("SELECT totp_sealed FROM operator WHERE name = :n", n=name)
    operator_id = await seeds.one("SELECT id FROM operator WHERE name = :n", n=name)
    return seeds.keyring.open_intake(sealed, f"operator/{operator_id}/totp").decode()


async def test_another_host_name_is_refused(ana: Screen) -> None:
    """A name that somebody points at this machine is not ours (DNS rebinding)."""
    answer = await ana.client.get("/", headers={"host": "elsewhere.example"})

    assert answer.status_code == 421


@pytest.mark.parametrize(
    "length", ["content-length: 65537", "content-length: 1000000000", "transfer-encoding: chunked"]
)
async def test_an_endless_form_is_refused_unread(site: Site, length: str) -> None:
    """By its length alone, or for want of one."""
    port = int(site.address.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST /login HTTP/1.1\r\nhost: localhost:{port}\r\n{length}\r\n\r\n".encode())

    first_line = await reader.readline()

    writer.close()
    assert b" 413 " in first_line


async def test_signing_out_has_the_browser_forget(ana: Screen) -> None:
    """Cookie, cache and storage go; the next look meets the door."""
    answer = await ana.post("/logout")

    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert (await ana.client.get("/")).headers["location"] == "/login"


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

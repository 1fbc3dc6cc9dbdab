"""The console over HTTP: shut by default, and forms only from our own pages (C18, C20)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest

from bot.store.changes import Changes
from escalation.console.app import create_app
from escalation.console.guard import RULES
from escalation.login import Login
from escalation.queue import Queue
from tests.escalation.seeds import Seeds
from tests.escalation.site import PASSWORD, Screen, Site


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

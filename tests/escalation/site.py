"""The console on a real port, for browsers and HTTP clients."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pyotp
import uvicorn

from bot.store.changes import Changes
from bot.store.operators import Operator
from bot.store.session import libpq_dsn
from escalation.console.app import create_app
from escalation.login import Login
from escalation.queue import Queue
from tests.escalation.seeds import Seeds

PASSWORD = "four words that rhyme badly"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running console."""

    address: str
    login: Login
    queue: Queue
    seeds: Seeds

    async def staff(self, name: str, role: str = "operator", languages: tuple[str, ...] = ("en",)) -> str:
        """A new operator who has set up; returns the secret of their codes."""
        token = await self.login.create(name, role, languages)
        form = await self.login.begin_setup(token)
        await self.login.finish_setup(token, PASSWORD, self.code(form.secret))
        self.seeds.clock.advance(seconds=30)
        return form.secret

    def code(self, secret: str) -> str:
        """The code of this moment."""
        return pyotp.TOTP(secret).at(self.seeds.clock.now())

    async def find(self, name: str) -> Operator:
        """An operator by alias."""
        return next(o for o in await self.login.everyone() if o.name == name)


@asynccontextmanager
async def serving(
    seeds: Seeds, queue: Queue, login: Login, *, database_url: str, beat: float = 10.0
) -> AsyncIterator[Site]:
    """The console, on a free port of this machine, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://localhost:{listener.getsockname()[1]}"
    app = create_app(
        queue=queue,
        login=login,
        changes=Changes(libpq_dsn(database_url)),
        clock=seeds.clock,
        catalogue=seeds.catalogue,
        address=address,
        demo=True,
        beat=beat,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0)
        yield Site(address=address, login=login, queue=queue, seeds=seeds)
    finally:
        server.should_exit = True
        await task


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

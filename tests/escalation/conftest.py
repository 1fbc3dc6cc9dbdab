"""Fixtures of the human side's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.core.catalogue import Catalogue
from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.store.session import Store
from escalation.login import Login
from escalation.queue import Queue
from tests.escalation.seeds import Seeds, quick_passwords
from tests.escalation.site import Screen, Site, serving


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The approved texts, those languages of them that are complete."""
    return Catalogue.load(Path(__file__).parents[2] / "bot" / "locales")


@pytest.fixture
def seeds(store: Store, keyring: Keyring, clock: FakeClock, catalogue: Catalogue) -> Seeds:
    """What happened before."""
    return Seeds(store, keyring, clock, catalogue)


@pytest.fixture
def queue(store: Store, keyring: Keyring, clock: FakeClock, catalogue: Catalogue) -> Queue:
    """The queue under test."""
    return Queue(store, keyring, clock, catalogue)


@pytest.fixture
def login(store: Store, keyring: Keyring, clock: FakeClock) -> Login:
    """Sign-in under test."""
    return Login(store, keyring, clock, passwords=quick_passwords())


@pytest.fixture
async def site(seeds: Seeds, queue: Queue, login: Login, database_url: str) -> AsyncIterator[Site]:
    """A running console whose streams beat ten times a second."""
    async with serving(seeds, queue, login, database_url=database_url, beat=0.1) as running:
        yield running


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

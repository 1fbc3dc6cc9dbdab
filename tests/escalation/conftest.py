"""Fixtures of the human side's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.catalogue import Catalogue
from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.store.session import Store
from escalation.login import Login
from escalation.queue import Queue
from tests.escalation.seeds import Seeds, quick_passwords


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

"""A person to talk with, on real parts and a fake channel."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.clock import FakeClock
from bot.core.crypto import Keyring
from bot.store.session import Store
from tests.conversations.talk import Talk


@pytest.fixture
def talk(store: Store, keyring: Keyring, clock: FakeClock, tmp_path: Path) -> Talk:
    """One person's conversation, live mode."""
    return Talk(store, keyring, clock, tmp_path / "spool")


@pytest.fixture
def demo_talk(store: Store, keyring: Keyring, clock: FakeClock, tmp_path: Path) -> Talk:
    """One person's conversation with a test line."""
    return Talk(store, keyring, clock, tmp_path / "spool", demo=True)

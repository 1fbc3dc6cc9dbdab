"""Nothing is lost and nothing is done twice (design §2.1, §2.2)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.core.errors import SpoolUnavailable, StoreUnavailable
from bot.flow.intake import Accepted
from bot.flow.spool import Spool
from channels.fake import fake_bytes
from tests.conversations.talk import Talk


async def test_the_same_update_five_times_at_once_is_one_message_one_turn_one_case_one_reply(
    talk: Talk,
) -> None:
    raw = fake_bytes("text", "anna", "1", talk.clock.now(), text="they will kill me tonight")
    outcomes = await asyncio.gather(*(talk.intake(channel="fake", account="test", raw=raw) for _ in range(5)))
    await talk.run()
    assert sorted(outcomes) == [Accepted.DUPLICATE] * 4 + [Accepted.STORED]
    for table in ("inbound", "case_file", "outbound"):
        assert await talk.value(f"SELECT count(*) FROM {table}") == 1
    assert len(talk.channel.journal.delivered) == 1


async def test_the_same_id_with_other_words_is_a_new_message_and_marked(talk: Talk) -> None:
    for words in ("hello", "hello there"):
        raw = fake_bytes("text", "anna", "1", talk.clock.now(), text=words)
        assert await talk.intake(channel="fake", account="test", raw=raw) is Accepted.STORED
    assert [row["doubled"] for row in await talk.rows("SELECT doubled FROM inbound ORDER BY seq")] == [
        False,
        True,
    ]


@pytest.mark.parametrize("raw", [b"", b"{", b"null", b"[1]", b"\x00\xff\xfe", b'{"kind": "text"}', b"9" * 5000])
async def test_bytes_that_cannot_be_read_are_kept_for_a_human(talk: Talk, raw: bytes) -> None:
    assert await talk.intake(channel="fake", account="test", raw=raw) is Accepted.QUARANTINED
    assert await talk.value("SELECT count(*) FROM quarantine") == 1


@pytest.mark.parametrize(
    "words", ["a\x00b", "broken \ud83d emoji", "\u202eright to left", "x" * 100_000, "👩‍👩‍👧‍👦" * 500]
)
async def test_odd_text_is_stored_and_read_back_as_it_came(talk: Talk, words: str) -> None:
    await talk.says(words)
    rows = await talk.rows("SELECT state FROM inbound")
    assert [row["state"] for row in rows] == ["handled"]


async def test_messages_wait_in_the_spool_while_the_database_is_away_and_keep_their_order(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Accepted:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(talk.intake, "_store_now", away)
        assert await talk.writes("first") is Accepted.SPOOLED
    assert await talk.writes("second") is Accepted.SPOOLED, "a new message joins what waits"
    assert await talk.intake.drain() == 2
    assert await talk.writes("third") is Accepted.STORED
    numbers = await talk.rows("SELECT seq, provider_at FROM inbound ORDER BY seq")
    assert len(numbers) == 3


async def test_the_spool_is_sealed_on_disk(talk: Talk, tmp_path: object) -> None:
    spool = talk.intake._spool
    spool.put(channel="fake", account="test", raw=b"they will kill me", received_at=talk.clock.now())
    contents = b"".join(path.read_bytes() for path in spool._folder.glob("*.sealed"))
    assert b"kill" not in contents
    assert b"fake" not in contents


async def test_a_spool_that_cannot_be_written_is_no_start(talk: Talk, tmp_path: object) -> None:
    with pytest.raises(SpoolUnavailable):
        Spool(Path("/proc/nowhere"), talk.keyring)


async def test_a_message_that_fails_three_times_is_set_aside_and_the_next_goes_on(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear = talk.turn._ear.hear

    async def poisoned(arrival: object, **rest: object) -> object:
        if getattr(arrival, "text", "") == "poison":
            raise RuntimeError("poison")
        return await hear(arrival, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(talk.turn._ear, "hear", poisoned)
    await talk.writes("poison")
    await talk.writes("hello")
    for _ in range(3):  # the sweep wakes it again after a moment
        await talk.run()
    case = await talk.case()
    assert [r["state"] for r in await talk.rows("SELECT state FROM inbound ORDER BY seq")] == [
        "set_aside",
        "handled",
    ]
    assert case is not None
    assert "H16" in case["triggers"]
    assert len(talk.channel.journal.delivered) == 1


async def test_two_workers_never_run_one_conversation(talk: Talk) -> None:
    for number in range(6):
        await talk.writes(f"message {number}")
    conversation = await talk.conversation_id()
    handled = await asyncio.gather(*(talk.turn.run(conversation) for _ in range(3)))
    assert sum(handled) == 6
    assert len({*await asyncio.gather(talk.value("SELECT version FROM conversation"))}) == 1

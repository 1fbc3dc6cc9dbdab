"""Reading Telegram is total, and agrees with the library on all that the library can read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from bot.core.errors import Unreadable
from channels.telegram.reading import read_update
from tests.channels.payloads import (
    INBOUND,
)

GROUP = {"id": -100123, "type": "supergroup", "title": "A group"}


@pytest.mark.parametrize("said", ["text", "photo", "location", "contact", "edit", "nul_and_surrogate"])
def test_we_read_what_the_library_reads(said: str) -> None:
    """The library is the oracle for everything that it can read."""
    raw = INBOUND[said]["telegram"]
    assert isinstance(raw, bytes)
    theirs = Update.de_json(json.loads(raw), None).effective_message
    assert theirs is not None

    (ours,) = read_update(raw)

    assert (ours.address, ours.message_ref) == (str(theirs.chat.id), str(theirs.message_id))
    assert ours.text == (theirs.text or theirs.caption or "")
    assert ours.at == (theirs.edit_date or theirs.date)
    assert [part.reference for part in ours.attachments if part.kind == "photo"] == [
        size.file_id for size in theirs.photo[-1:]
    ]
    place = theirs.location
    assert ours.coordinates == (None if place is None else (place.latitude, place.longitude))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
names = st.sampled_from(
    (
        "message",
        "chat",
        "id",
        "from",
        "date",
        "text",
        "photo",
        "location",
        "contact",
        "data",
        "message_id",
        "type",
    )
)
things = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)


@given(
    st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll", "dream"]),
    things,
)
def test_any_json_is_read_or_unreadable_and_nothing_else_happens(kind: str, body: object) -> None:
    raw = json.dumps({"update_id": 1, kind: body}).encode()
    try:
        arrivals = read_update(raw)
    except Unreadable:
        return
    assert arrivals == read_update(raw) or "nan" in raw.decode().lower()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    try:
        read_update(raw)
    except Unreadable:
        return

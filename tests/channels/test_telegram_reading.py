"""Telegram's own traps: groups, restarted numbers, parts the library cannot read, hostile JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from telegram import Update

from bot.core.values import ArrivalKind
from channels.telegram.reading import read_update
from tests.channels.payloads import (
    BLOCKED,
    CHAT,
    DATE,
    PERSON,
    PLACE,
    PRESS,
    PRIVATE,
    REACTION,
    VOICE,
    message,
    update,
)

GROUP = {"id": -100123, "type": "supergroup", "title": "A group"}


def test_the_number_of_an_update_names_nothing_because_it_restarts_at_random() -> None:
    body = json.loads(message(text="tolong"))["message"]

    assert read_update(update("message", body, 5)) == read_update(update("message", body, 6))


@pytest.mark.parametrize("change", ["message_id", "date", "edit_date"])
def test_each_part_of_a_message_s_name_tells_two_messages_apart(change: str) -> None:
    first = json.loads(message("edited_message", text="x", edit_date=DATE + 1))["edited_message"]

    second = {**first, change: first[change] + 1}

    names = {read_update(update("edited_message", body))[0].provider_id for body in (first, second)}
    assert len(names) == 2


@pytest.mark.parametrize(
    "raw",
    [
        message(chat=GROUP, text="hello all"),
        message("edited_message", chat=GROUP, text="hello all", edit_date=DATE),
        update("channel_post", {"message_id": 1, "date": DATE, "chat": {"id": -1001, "type": "channel"}}),
        update("callback_query", {**PRESS, "message": {"message_id": 9, "date": DATE, "chat": GROUP}}),
        update("my_chat_member", {**BLOCKED, "chat": GROUP}),
        update("story_told", {"chat": GROUP, "date": DATE}),
    ],
)
def test_a_group_is_a_signal_and_nothing_of_it_is_read(raw: bytes) -> None:
    (arrival,) = read_update(raw)

    assert arrival.kind is ArrivalKind.SIGNAL
    assert (arrival.text, arrival.press, arrival.attachments) == ("", None, ())


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"voice": VOICE}, "voice"),
        ({"video": {**VOICE, "width": 1, "height": 1}}, "video"),
        ({"video_note": {**VOICE, "length": 1}}, "video_note"),
        ({"audio": VOICE}, "audio"),
        ({"document": VOICE}, "document"),
        ({"sticker": {**VOICE, "type": "regular", "width": 1, "height": 1}}, "sticker"),
        ({"animation": {**VOICE, "width": 1, "height": 1}, "document": VOICE}, "animation"),
    ],
)
def test_every_kind_of_file_keeps_its_id(parts: dict[str, Any], kind: str) -> None:
    (arrival,) = read_update(message(**parts))

    assert arrival.kind is ArrivalKind.MEDIA
    assert [(part.kind, part.reference) for part in arrival.attachments] == [(kind, "voice-1")]


def test_a_live_place_that_moves_is_an_edit_so_it_never_opens_the_window() -> None:
    live = {**PLACE, "live_period": 900, "heading": 10}

    first, moved = (
        read_update(message(location=live))[0],
        read_update(message("edited_message", location=live, edit_date=DATE + 30))[0],
    )

    assert (first.kind, moved.kind) == (ArrivalKind.LOCATION, ArrivalKind.EDIT)
    assert moved.coordinates == (10.609, 103.529)


def test_a_venue_is_a_place() -> None:
    (arrival,) = read_update(message(location=PLACE, venue={"location": PLACE, "title": "KTV", "address": "x"}))

    assert arrival.kind is ArrivalKind.LOCATION


@pytest.mark.parametrize("bad", [{"latitude": 91, "longitude": 0}, {"latitude": "1", "longitude": 0}, "here", {}])
def test_a_place_that_is_nowhere_is_unknown_not_lost(bad: object) -> None:
    (arrival,) = read_update(message(location=bad))

    assert (arrival.kind, arrival.coordinates) == (ArrivalKind.UNKNOWN, None)


def test_an_exotic_part_that_the_library_cannot_read_costs_no_words() -> None:
    raw = message(text="tolong", reply_to_message={"message_id": 3}, entities=[{"no": 1}], gift={"x": []})
    with pytest.raises((KeyError, TypeError, AttributeError)):
        Update.de_json(json.loads(raw), None)

    (arrival,) = read_update(raw)

    assert (arrival.kind, arrival.text, arrival.reply_to_ref) == (ArrivalKind.TEXT, "tolong", "3")


def test_words_in_a_rich_message_are_text() -> None:
    blocks = [{"type": "paragraph", "text": ["they ", {"type": "bold", "text": "lock"}, " us in"]}]

    (arrival,) = read_update(message(rich_message={"blocks": blocks}))

    assert arrival.kind is ArrivalKind.TEXT
    assert "lock" in arrival.text


def test_words_inside_an_unknown_kind_of_message_are_still_heard() -> None:
    (arrival,) = read_update(message(checklist={"title": "list", "tasks": [{"id": 1, "text": "help me"}]}))

    assert arrival.kind is ArrivalKind.UNKNOWN
    assert "help me" in arrival.text
    assert "Person" not in arrival.text


@pytest.mark.parametrize("part", ["pinned_message", "message_auto_delete_timer_changed", "chat_background_set"])
def test_what_an_app_writes_by_itself_is_a_signal(part: str) -> None:
    service: dict[str, Any] = {part: {"text": "x"}}

    assert read_update(message(**service))[0].kind is ArrivalKind.SIGNAL


def test_an_unknown_kind_of_update_of_a_person_is_unknown_with_its_address() -> None:
    (arrival,) = read_update(update("dream", {"from": PERSON, "date": DATE}))

    assert (arrival.kind, arrival.address) == (ArrivalKind.UNKNOWN, str(CHAT))


def test_a_message_without_number_or_date_is_still_text_with_a_stable_name() -> None:
    raw = update("message", {"chat": PRIVATE, "text": "tolong"})

    first, again = read_update(raw)[0], read_update(raw)[0]

    assert (first.kind, first.text, first.at) == (ArrivalKind.TEXT, "tolong", None)
    assert first.provider_id == again.provider_id


@pytest.mark.parametrize("date", [0, -1, 10**18, "soon", None, True])
def test_an_impossible_date_is_no_date(date: object) -> None:
    assert read_update(message(date=date, text="x"))[0].at in (
        None,
        read_update(message(date=1, text="x"))[0].at,
    )


def test_a_block_and_a_return_have_different_names() -> None:
    back = {
        **BLOCKED,
        "old_chat_member": BLOCKED["new_chat_member"],
        "new_chat_member": BLOCKED["old_chat_member"],
    }

    names = {read_update(update("my_chat_member", body))[0].provider_id for body in (BLOCKED, back)}

    assert len(names) == 2


def test_what_the_person_answers_and_their_app_s_language_are_kept() -> None:
    (arrival,) = read_update(message(text="ya", reply_to_message={"message_id": 44, "date": DATE, "chat": PRIVATE}))

    assert (arrival.reply_to_ref, arrival.language_hint) == ("44", "id")
    assert read_update(update("message_reaction", REACTION))[0].reply_to_ref == "99"

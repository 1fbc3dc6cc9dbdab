"""One table for every channel: what is said must be read the same, whatever brought it."""

from __future__ import annotations

import pytest

from bot.core.errors import Unreadable
from bot.core.values import Arrival, ArrivalKind
from channels.base import Channel
from tests.channels.conftest import CHANNELS
from tests.channels.payloads import (
    BROKEN,
    CHAT,
    DATE,
    INBOUND,
    LATER,
    NUL_AND_SURROGATE,
    SESSION,
    NotOnThisChannel,
    message,
    rows,
)

KINDS = {
    "text": ArrivalKind.TEXT,
    "press": ArrivalKind.PRESS,
    "photo": ArrivalKind.MEDIA,
    "location": ArrivalKind.LOCATION,
    "contact": ArrivalKind.CONTACT_CARD,
    "edit": ArrivalKind.EDIT,
    "reaction": ArrivalKind.SIGNAL,
    "blocked": ArrivalKind.BLOCKED,
    "unknown": ArrivalKind.UNKNOWN,
    "nul_and_surrogate": ArrivalKind.TEXT,
}


def read(readers: dict[str, Channel], channel: str, said: str) -> Arrival:
    """The one arrival of a row."""
    raw = INBOUND[said][channel]
    assert not isinstance(raw, NotOnThisChannel)
    (arrival,) = readers[channel].parse(raw)
    return arrival


@pytest.mark.parametrize(("channel", "said"), rows())
def test_everything_said_is_read_as_its_kind_with_its_address(
    readers: dict[str, Channel], channel: str, said: str
) -> None:
    arrival = read(readers, channel, said)

    assert arrival.kind is KINDS[said]
    assert arrival.address == (SESSION if channel == "webchat" else str(CHAT))


@pytest.mark.parametrize(("channel", "said"), rows())
def test_a_repeated_message_has_the_same_name(readers: dict[str, Channel], channel: str, said: str) -> None:
    assert read(readers, channel, said) == read(readers, channel, said)


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_two_things_said_share_a_name(readers: dict[str, Channel], channel: str) -> None:
    different = ("text", "press", "photo", "edit", "reaction", "blocked", "unknown")
    raws = [INBOUND[said][channel] for said in different]

    names = [readers[channel].parse(raw)[0].provider_id for raw in raws if isinstance(raw, bytes)]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("broken", BROKEN)
def test_bytes_that_cannot_be_read_are_unreadable_and_say_nothing_of_themselves(
    readers: dict[str, Channel], channel: str, broken: str
) -> None:
    with pytest.raises(Unreadable) as raised:
        readers[channel].parse(BROKEN[broken])

    assert str(raised.value) == Unreadable.__doc__
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


@pytest.mark.parametrize(("channel", "said"), rows("nul_and_surrogate"))
def test_nul_and_lone_surrogates_survive_exactly(readers: dict[str, Channel], channel: str, said: str) -> None:
    assert read(readers, channel, said).text == NUL_AND_SURROGATE


@pytest.mark.parametrize(("channel", "said"), rows("press"))
def test_a_press_carries_what_was_signed_and_what_to_answer_and_no_invented_time(
    readers: dict[str, Channel], channel: str, said: str
) -> None:
    press = read(readers, channel, said)

    assert (press.press, press.press_ref) == ("signed", "press-1")
    assert channel == "fake" or press.at is None


@pytest.mark.parametrize(("channel", "said"), rows("photo"))
def test_a_photo_keeps_its_caption_and_its_largest_file(readers: dict[str, Channel], channel: str, said: str) -> None:
    photo = read(readers, channel, said)

    assert photo.text == "the gate"
    assert [(part.kind, part.reference, part.size) for part in photo.attachments] == [("photo", "large", 90_000)]


@pytest.mark.parametrize(("channel", "said"), rows("location"))
def test_a_place_is_degrees_of_latitude_then_longitude(readers: dict[str, Channel], channel: str, said: str) -> None:
    assert read(readers, channel, said).coordinates == (10.609, 103.529)


@pytest.mark.parametrize(("channel", "said"), rows("contact"))
def test_a_shared_contact_keeps_number_and_name(readers: dict[str, Channel], channel: str, said: str) -> None:
    assert read(readers, channel, said).attachments[0].reference == "+62 812 000 000 Dewi S"


@pytest.mark.parametrize(("channel", "said"), rows("edit"))
def test_an_edit_has_the_time_of_the_edit_and_the_name_of_a_new_event(
    readers: dict[str, Channel], channel: str, said: str
) -> None:
    edit = read(readers, channel, said)

    assert edit.at == LATER
    assert edit.message_ref == read(readers, channel, "text").message_ref
    assert edit.provider_id != read(readers, channel, "text").provider_id
    assert not edit.kind.is_a_word_of_the_person


def test_messages_out_of_order_keep_their_own_times_and_names(readers: dict[str, Channel]) -> None:
    second, first = message(number=8, text="2"), message(number=7, text="1")

    arrivals = [readers["telegram"].parse(raw)[0] for raw in (second, first)]

    assert [arrival.message_ref for arrival in arrivals] == ["8", "7"]
    assert all(arrival.at is not None and arrival.at.timestamp() == DATE for arrival in arrivals)

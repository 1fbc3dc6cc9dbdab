"""What providers bring, as named constants: the same things said on every channel, in each one's bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from channels.fake import fake_bytes

CHAT = 4815162342
SESSION = "s" * 43
DATE = 1_790_000_000
AT = datetime.fromtimestamp(DATE, UTC)
LATER = datetime.fromtimestamp(DATE + 60, UTC)
NUL_AND_SURROGATE = "a\x00b \ud83d c"

PERSON: dict[str, Any] = {"id": CHAT, "is_bot": False, "first_name": "Person", "language_code": "id"}
PRIVATE: dict[str, Any] = {"id": CHAT, "type": "private", "first_name": "Person"}


@dataclass(frozen=True)
class NotOnThisChannel:
    """This cannot be said on this channel, and why."""

    why: str


Said = bytes | NotOnThisChannel


def update(kind: str, body: object, update_id: int = 9) -> bytes:
    """One Telegram update."""
    return json.dumps({"update_id": update_id, kind: body}).encode("ascii")


def message(kind: str = "message", number: int = 100, **parts: Any) -> bytes:
    """One Telegram message in a private chat."""
    return update(kind, {"message_id": number, "date": DATE, "chat": PRIVATE, "from": PERSON, **parts})


def posted(number: str = "m1", **parts: Any) -> bytes:
    """What the web chat's app makes of a posted message."""
    return json.dumps({"session": SESSION, "id": number, **parts}).encode("ascii")


def faked(kind: str, number: str = "100", **parts: Any) -> bytes:
    """What the fake's provider brings."""
    return fake_bytes(kind, str(CHAT), number, AT, **parts)


PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 90, "file_size": 1000},
    {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 900, "file_size": 90_000},
]
VOICE = {
    "file_id": "voice-1",
    "file_unique_id": "v",
    "duration": 3,
    "mime_type": "audio/ogg",
    "file_size": 9000,
}
PLACE = {"latitude": 10.609, "longitude": 103.529}
CARD = {"phone_number": "+62 812 000 000", "first_name": "Dewi", "last_name": "S"}
MEMBER = {"user": {"id": 7, "is_bot": True, "first_name": "Bot"}, "status": "member"}
KICKED = {"user": MEMBER["user"], "status": "kicked", "until_date": 0}
BLOCKED = {
    "chat": PRIVATE,
    "from": PERSON,
    "date": DATE,
    "old_chat_member": MEMBER,
    "new_chat_member": KICKED,
}
REACTION = {
    "chat": PRIVATE,
    "user": PERSON,
    "message_id": 99,
    "date": DATE,
    "old_reaction": [],
    "new_reaction": [{"type": "emoji", "emoji": "👍"}],
}
PRESS = {
    "id": "press-1",
    "from": PERSON,
    "chat_instance": "1",
    "data": "signed",
    "message": {"message_id": 99, "date": DATE - 5, "chat": PRIVATE, "text": "?"},
}

_PAGE_ONLY_WRITES = NotOnThisChannel("the page can only write and press")

# What is said → how it comes, channel by channel.
INBOUND: dict[str, dict[str, Said]] = {
    "text": {
        "telegram": message(text="tolong"),
        "webchat": posted(text="tolong"),
        "fake": faked("text", text="tolong"),
    },
    "press": {
        "telegram": update("callback_query", PRESS),
        "webchat": posted("press-1", press="signed"),
        "fake": faked("press", "press-1", press="signed", press_ref="press-1"),
    },
    "photo": {
        "telegram": message(number=101, photo=PHOTO, caption="the gate", media_group_id="1"),
        "webchat": _PAGE_ONLY_WRITES,
        "fake": faked(
            "media",
            text="the gate",
            attachments=[{"kind": "photo", "reference": "large", "mime": None, "size": 90_000}],
        ),
    },
    "location": {
        "telegram": message(location=PLACE),
        "webchat": _PAGE_ONLY_WRITES,
        "fake": faked("location", coordinates=[10.609, 103.529]),
    },
    "contact": {
        "telegram": message(contact=CARD),
        "webchat": _PAGE_ONLY_WRITES,
        "fake": faked("contact_card", attachments=[{"kind": "contact_card", "reference": "+62 812 000 000 Dewi S"}]),
    },
    "edit": {
        "telegram": message("edited_message", text="tolong!", edit_date=DATE + 60),
        "webchat": _PAGE_ONLY_WRITES,
        "fake": fake_bytes("edit", str(CHAT), "100", LATER, text="tolong!"),
    },
    "reaction": {
        "telegram": update("message_reaction", REACTION),
        "webchat": _PAGE_ONLY_WRITES,
        "fake": faked("signal", reply_to_ref="99"),
    },
    "blocked": {
        "telegram": update("my_chat_member", BLOCKED),
        "webchat": posted("left", left=True),
        "fake": faked("blocked"),
    },
    "unknown": {
        "telegram": message(number=102, hologram={"text": "they lock us in"}),
        "webchat": posted("m9", hologram=1),
        "fake": faked("hologram"),
    },
    "nul_and_surrogate": {
        "telegram": message(text=NUL_AND_SURROGATE),
        "webchat": posted(text=NUL_AND_SURROGATE),
        "fake": faked("text", text=NUL_AND_SURROGATE),
    },
}


def rows(*said: str) -> list[tuple[str, str]]:
    """Channel and row, for each of these rows (all, if none is named) that a channel has."""
    return [
        (channel, row)
        for row in said or INBOUND
        for channel, raw in INBOUND[row].items()
        if not isinstance(raw, NotOnThisChannel)
    ]


# Bytes that no channel can read: they are quarantined, and answered 200.
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "cut": b'{"update_id": 1, "message": {"mess',
    "not_utf8": b'{"update_id": 1, "message": "\xff"}',
    "array": b"[]",
    "null": b"null",
    "number": b"1" * 5000,
    "deep": b"[" * 100_000,
    "no_chat": b'{"update_id": 1, "message": {"text": "x"}}',
    "string_message": b'{"update_id": 1, "message": "x"}',
    "only_number": b'{"update_id": 1}',
}

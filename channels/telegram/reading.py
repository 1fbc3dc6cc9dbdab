"""Reads Telegram's bytes into arrivals: pure, and total for everything that names a chat.

Identity. `update_id` restarts at random after a quiet week (security.md §3.1), so it names nothing here. A
message is named by (kind, chat, message id, date, edit date), a press by its callback id, everything else by
what it says.

Text is kept exactly, NULs and lone surrogates included; whoever stores it encodes it with `surrogatepass`,
and whoever sends it again puts U+FFFD for them. A press has no time of its own: `message.date` is that of the
message under the button, so its `at` is None and our receipt time counts.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from bot.core.errors import Unreadable
from bot.core.values import Arrival, ArrivalKind
from channels.telegram.content import Json, read_content

# Updates that no hand of a person in a private chat with us made by writing.
_SIGNALS = frozenset(
    (
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    )
)
# Where an update keeps the chat or, in a private chat the same number, the person; the first found counts.
_ADDRESSES = (("chat", "id"), ("message", "chat", "id"), ("from", "id"), ("user", "id"), ("user_chat_id",))


def read_update(raw: bytes) -> tuple[Arrival, ...]:
    """Read one update.

    Raises:
        Unreadable: not JSON, not an update, or nothing in it says which chat it belongs to.
    """
    update = _decode(raw)
    if update is None:
        raise Unreadable
    return tuple(_read(kind, body) for kind, body in update.items() if isinstance(body, dict)) or _nothing()


def _nothing() -> tuple[Arrival, ...]:
    raise Unreadable


def _decode(raw: bytes) -> Json | None:
    try:
        update = json.loads(raw.decode("utf-8-sig", "surrogatepass"))
    except (ValueError, RecursionError):  # the exception quotes what it read: it goes no further
        return None
    return update if isinstance(update, dict) else None


def _read(kind: str, body: Json) -> Arrival:
    if kind in {"message", "edited_message"}:
        return _message(kind, body)
    if kind == "callback_query":
        return _press(kind, body)
    if kind == "my_chat_member" and _private(body):
        return _signal(ArrivalKind.BLOCKED, kind, body)
    known = kind in _SIGNALS or not _private(body)
    return _signal(ArrivalKind.SIGNAL if known else ArrivalKind.UNKNOWN, kind, body)


def _message(kind: str, body: Json) -> Arrival:
    if not _private(body):
        return _signal(ArrivalKind.SIGNAL, kind, body)
    content = read_content(body)
    edited = kind == "edited_message"
    reply = body.get("reply_to_message")
    return Arrival(
        kind=ArrivalKind.EDIT if edited else content.kind,
        address=_address(body),
        provider_id=_message_name(kind, body),
        at=_time(body.get("edit_date" if edited else "date")),
        text=content.text,
        message_ref=_id(body.get("message_id")),
        reply_to_ref=_id(reply.get("message_id")) if isinstance(reply, dict) else None,
        attachments=content.attachments,
        language_hint=_language(body),
        coordinates=content.coordinates,
    )


def _press(kind: str, body: Json) -> Arrival:
    press_ref = body.get("id")
    if not isinstance(press_ref, str) or not _private(body):
        return _signal(ArrivalKind.SIGNAL, kind, body)
    press = body.get("data")
    message = body.get("message")
    return Arrival(
        kind=ArrivalKind.PRESS,
        address=_address(body),
        provider_id=f"{kind}:{press_ref}",
        at=None,
        press=press if isinstance(press, str) else "",
        press_ref=press_ref,
        reply_to_ref=_id(message.get("message_id")) if isinstance(message, dict) else None,
        language_hint=_language(body),
    )


def _signal(arrival: ArrivalKind, kind: str, body: Json) -> Arrival:
    return Arrival(
        kind=arrival,
        address=_address(body),
        provider_id=_name_by_content(kind, body),
        at=_time(body.get("date")),
        reply_to_ref=_id(body.get("message_id")) if kind == "message_reaction" else None,
    )


def _address(body: Json) -> str:
    for path in _ADDRESSES:
        node: object = body
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        if (address := _id(node)) is not None:
            return address
    raise Unreadable


def _private(body: Json) -> bool:
    """Whether this comes from one person's chat with us; where nothing says so, the sign of the id does."""
    holder = body.get("message") if "chat" not in body else body
    chat = holder.get("chat") if isinstance(holder, dict) else None
    kind = chat.get("type") if isinstance(chat, dict) else None
    return kind == "private" if isinstance(kind, str) else not _address(body).startswith("-")


def _message_name(kind: str, body: Json) -> str:
    numbers = [_id(body.get(field)) for field in ("message_id", "date")]
    if None in numbers:
        return _name_by_content(kind, body)
    return ":".join((kind, _address(body), *map(str, numbers), _id(body.get("edit_date")) or "0"))


def _name_by_content(kind: str, body: Json) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f"{kind}:{hashlib.sha256(canonical.encode('ascii')).hexdigest()}"


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _time(value: object) -> datetime | None:
    if not isinstance(value, int) or value <= 0:  # 0 is Telegram's date of a message it can no longer show
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _language(body: Json) -> str | None:
    sender = body.get("from")
    code = sender.get("language_code") if isinstance(sender, dict) else None
    return code if isinstance(code, str) and len(code) <= 35 else None

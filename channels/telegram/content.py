"""What a Telegram message holds: words, files, a place, a person's card, or something newer than this file.

Read from the raw JSON and not through the library: its reader raises on parts that a newer Bot API added
(pitfalls.md), and one such part must never cost us the words beside it. A test keeps both readings equal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.values import ArrivalKind, Attachment

Json = dict[str, object]

# In this order: an animation also comes as a document, a live photo also as a photo.
_FILES = ("live_photo", "photo", "voice", "video", "video_note", "audio", "animation", "document", "sticker")

# Messages that an app writes by itself when something is done to the chat. Nobody said anything.
_SERVICE = frozenset(
    (
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "chat_shared",
        "connected_website",
        "delete_chat_photo",
        "boost_added",
        "checklist_tasks_added",
        "checklist_tasks_done",
        "direct_message_price_changed",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "gift_upgrade_sent",
        "giveaway_completed",
        "giveaway_created",
        "group_chat_created",
        "left_chat_member",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "paid_message_price_changed",
        "passport_data",
        "pinned_message",
        "poll_option_added",
        "poll_option_deleted",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "supergroup_chat_created",
        "users_shared",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "write_access_allowed",
    )
)

# Where newer kinds of message keep words: rich messages, checklists, polls, places, files.
_WORDY = frozenset(
    (
        "text",
        "caption",
        "title",
        "question",
        "summary",
        "label",
        "alternative_text",
        "expression",
        "credit",
        "option",
        "address",
        "name",
    )
)
_DEEPEST = 40


@dataclass(frozen=True, kw_only=True)
class Content:
    """The inside of one message. `text` is as received."""

    kind: ArrivalKind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    coordinates: tuple[float, float] | None = None


def read_content(message: Json) -> Content:
    """Read what a message holds; never raises. What is not known is UNKNOWN, with any words found in it."""
    text = message.get("text")
    if isinstance(text, str):
        return Content(kind=ArrivalKind.TEXT, text=text)
    caption = message.get("caption")
    words = caption if isinstance(caption, str) else ""
    if attachment := _file(message):
        return Content(kind=ArrivalKind.MEDIA, text=words, attachments=(attachment,))
    if place := _coordinates(message.get("location")):
        return Content(kind=ArrivalKind.LOCATION, text=words, coordinates=place)
    if card := _card(message.get("contact")):
        return Content(kind=ArrivalKind.CONTACT_CARD, text=words, attachments=(card,))
    if _SERVICE & message.keys():
        return Content(kind=ArrivalKind.SIGNAL)
    words = words or _words(message)
    rich = "rich_message" in message and bool(words)
    return Content(kind=ArrivalKind.TEXT if rich else ArrivalKind.UNKNOWN, text=words)


def _file(message: Json) -> Attachment | None:
    for kind in _FILES:
        found = message.get(kind)
        if isinstance(found, list) and found:  # sizes of one photo, the largest last
            found = found[-1]
        if isinstance(found, dict) and isinstance(reference := found.get("file_id"), str):
            mime, size = found.get("mime_type"), found.get("file_size")
            return Attachment(
                kind=kind,
                reference=reference,
                mime=mime if isinstance(mime, str) else None,
                size=size if isinstance(size, int) else None,
            )
    return None


def _coordinates(location: object) -> tuple[float, float] | None:
    if not isinstance(location, dict):
        return None
    latitude, longitude = location.get("latitude"), location.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return float(latitude), float(longitude)


def _card(contact: object) -> Attachment | None:
    """A shared contact: number and name are the reference, which is sealed like any file's."""
    if not isinstance(contact, dict) or not isinstance(contact.get("phone_number"), str):
        return None
    parts = (contact.get(field) for field in ("phone_number", "first_name", "last_name"))
    return Attachment(kind="contact_card", reference=" ".join(p for p in parts if isinstance(p, str) and p))


def _words(message: Json) -> str:
    """Words inside a kind of message we do not know, so that a danger phrase in them is still heard."""
    about = {
        "chat",
        "from",
        "sender_chat",
        "via_bot",
        "forward_origin",
        "reply_to_message",
        "external_reply",
        "quote",
    }
    inside = {key: part for key, part in message.items() if key not in about}
    return "\n".join(_strings(inside, said=False, depth=0))


def _strings(node: object, *, said: bool, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(node, str):
        if said and node.strip():
            yield node
    elif isinstance(node, list):
        for part in node:
            yield from _strings(part, said=said, depth=depth + 1)
    elif isinstance(node, dict):
        for key, part in node.items():
            yield from _strings(part, said=key in _WORDY, depth=depth + 1)

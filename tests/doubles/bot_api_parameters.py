"""What the Bot API double lets a method be called with; all else is a 400, so that no typo passes a test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.text import units

KINDS = frozenset(
    (
        "message",
        "edited_message",
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
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    )
)


class BadParameter(Exception):
    """Told to the caller as Telegram would: 400 with a description."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter: how it is read, and whether it must be there."""

    read: Callable[[object], object]
    required: bool = False


def read_parameters(method: str, given: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a call, read and checked.

    Raises:
        BadParameter: unknown, missing, or of the wrong form.
    """
    known = METHODS[method]
    if strange := sorted(given.keys() - known.keys()):
        raise BadParameter(f"Bad Request: unknown parameter {strange[0]}")
    for name, parameter in known.items():
        if parameter.required and name not in given:
            raise BadParameter(f"Bad Request: parameter {name} is missing")
    return {name: known[name].read(value) for name, value in given.items()}


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    raise BadParameter("Bad Request: a number was expected")


def _within(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not low <= (number := _whole(value)) <= high:
            raise BadParameter("Bad Request: a number is out of range")
        return number

    return read


def _flag(value: object) -> bool:
    if value in {True, "true", "True"}:
        return True
    if value in {False, "false", "False"}:
        return False
    raise BadParameter("Bad Request: true or false was expected")


def _chat(value: object) -> int:
    if (chat := _whole(value)) == 0:
        raise BadParameter("Bad Request: chat not found")
    return chat


def _nested(value: object) -> object:
    """A JSON-serialised value, as forms carry it, or the value itself, as JSON bodies do."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise BadParameter("Bad Request: can't parse a JSON-serialized object") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadParameter("Bad Request: message text is empty")
    if units(value) > 4096:
        raise BadParameter("Bad Request: message is too long")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise BadParameter("Bad Request: a string was expected")
    return value


def _preview(value: object) -> object:
    options = _nested(value)
    if not isinstance(options, dict) or not options.keys() <= {"is_disabled", "url"}:
        raise BadParameter("Bad Request: can't parse link preview options")
    return options


def _keyboard(value: object) -> object:
    markup = _nested(value)
    if not isinstance(markup, dict) or markup.keys() != {"inline_keyboard"}:
        raise BadParameter("Bad Request: object expected as reply markup")
    for row in markup["inline_keyboard"]:
        for button in row:
            size = len(button.get("callback_data", "").encode())
            if button.keys() != {"text", "callback_data"} or not button["text"] or not 1 <= size <= 64:
                raise BadParameter("Bad Request: BUTTON_DATA_INVALID")
    return markup


def _message_ids(value: object) -> object:
    numbers = _nested(value)
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
        raise BadParameter("Bad Request: 1 to 100 message identifiers expected")
    return [_whole(number) for number in numbers]


def _kinds(value: object) -> object:
    kinds = _nested(value)
    if not isinstance(kinds, list) or not set(kinds) <= KINDS:
        raise BadParameter("Bad Request: unknown update type")
    return kinds


def _secret(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value):
        raise BadParameter("Bad Request: secret token contains unallowed characters")
    return value


METHODS: dict[str, dict[str, Parameter]] = {
    "getMe": {},
    "sendMessage": {
        "chat_id": Parameter(read=_chat, required=True),
        "text": Parameter(read=_text, required=True),
        "disable_notification": Parameter(read=_flag),
        "protect_content": Parameter(read=_flag),
        "link_preview_options": Parameter(read=_preview),
        "reply_markup": Parameter(read=_keyboard),
    },
    "deleteMessages": {
        "chat_id": Parameter(read=_chat, required=True),
        "message_ids": Parameter(read=_message_ids, required=True),
    },
    "answerCallbackQuery": {
        "callback_query_id": Parameter(read=_string, required=True),
        "text": Parameter(read=_string),
        "show_alert": Parameter(read=_flag),
        "cache_time": Parameter(read=_within(0, 86_400)),
    },
    "setWebhook": {
        "url": Parameter(read=_string, required=True),
        "max_connections": Parameter(read=_within(1, 100)),
        "allowed_updates": Parameter(read=_kinds),
        "drop_pending_updates": Parameter(read=_flag),
        "secret_token": Parameter(read=_secret),
    },
    "getWebhookInfo": {},
    "deleteWebhook": {"drop_pending_updates": Parameter(read=_flag)},
    "getUpdates": {
        "offset": Parameter(read=_whole),
        "limit": Parameter(read=_within(1, 100)),
        "timeout": Parameter(read=_within(0, 50)),
        "allowed_updates": Parameter(read=_kinds),
    },
}

"""Answers to the open question: by button, by digit, by label or by an everyday word. No NLU is needed (design §7)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from actions.base import Question
from bot.core.catalogue import Catalogue
from bot.core.crypto import Keyring
from bot.core.values import Button
from nlu.words import answer as worded_answer
from nlu.words import digit, same_words


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question that was put to a person. It is open only once its row was sent (design §3)."""

    question: Question
    outbound_id: UUID
    language: str
    quiet: bool


def buttons(
    question: Question,
    outbound_id: UUID,
    label: Callable[[str], str],
    keyring: Keyring,
    conversation_id: UUID,
) -> tuple[Button, ...]:
    """A question's choices as buttons; each payload is signed for this conversation and this row."""
    return tuple(
        Button(label=label(key), payload=press_payload(outbound_id, value, conversation_id, keyring))
        for value, key in question.choices
    )


def press_payload(outbound_id: UUID, value: str, conversation_id: UUID, keyring: Keyring) -> str:
    """At most 64 bytes of ASCII: row, value, signature."""
    row = base64.urlsafe_b64encode(outbound_id.bytes).decode().rstrip("=")
    return f"{row}.{value_code(value)}.{keyring.press_mark(f'{conversation_id}/{row}/{value_code(value)}')}"


def value_code(value: str) -> str:
    """A choice's value as it stands in a payload: its first 20 characters, enough to tell choices apart."""
    return value[:20]


def pressed(payload: str, asked: OpenQuestion | None, conversation_id: UUID, keyring: Keyring) -> str | None:
    """The value a press chose, if it is ours and belongs to the question that is open now."""
    row, _, rest = payload.partition(".")
    code, _, mark = rest.rpartition(".")
    if asked is None or not keyring.press_is_ours(f"{conversation_id}/{row}/{code}", mark):
        return None
    if row != base64.urlsafe_b64encode(asked.outbound_id.bytes).decode().rstrip("="):
        return None
    return next((value for value, _key in asked.question.choices if value_code(value) == code), None)


def typed(text: str, asked: OpenQuestion, catalogue: Catalogue) -> str | None:
    """The value that typed words chose: a digit, a label in the question's language, or an everyday word."""
    choices = asked.question.choices
    number = digit(text)
    if number is not None:
        return choices[number - 1][0] if 1 <= number <= len(choices) else None
    for value, key in choices:
        if same_words(text, catalogue.text(key, asked.language, quiet=asked.quiet)):
            return value
    word = worded_answer(text, asked.language)
    return asked.question.words.get(word) if word else None

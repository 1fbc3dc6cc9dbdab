"""The view: what may be shown (design §2.13). Says become one message, in the conversation's language and view.

The most hidden mode that the person chose wins. On a phone that may be checked, choices are digits and every text
has a quiet wording or is not said at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from actions.base import Question, questions
from bot.core.catalogue import Catalogue
from bot.core.crypto import Keyring
from bot.core.errors import NotApproved
from bot.core.values import Button, MessageClass, Say
from bot.flow.answers import OpenQuestion, buttons

OPEN, LOW_TRACE, HIDDEN = "open", "low_trace", "hidden"

_SAFETY = ("em.", "su.", "human.", "q.emergency", "q.jump", "op.")
_NEUTRAL = frozenset({"m.neutral", "m.neutral_ok", "watched.now", "m.stop"})


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """One message, ready for the outbox."""

    outbound_id: UUID
    text: str
    buttons: tuple[Button, ...]
    keys: tuple[str, ...]
    message_class: MessageClass
    asked: OpenQuestion | None


def render(
    says: Sequence[Say],
    *,
    outbound_id: UUID,
    conversation_id: UUID,
    language: str,
    view: str,
    with_buttons: bool,
    catalogue: Catalogue,
    keyring: Keyring,
) -> Rendered | None:
    """One message of all the says, with the last question's choices under it; None where there is nothing to say.

    Raises:
        NotApproved: a text has no wording for this view.
    """
    if not says:
        return None
    quiet = view != OPEN
    if view == HIDDEN and any(say.key not in _NEUTRAL for say in says):
        raise NotApproved
    parts = [catalogue.text(say.key, language, quiet=quiet, values=say.values) for say in says]
    question = next((questions()[say.question] for say in reversed(says) if say.question), None)
    shown: tuple[Button, ...] = ()
    asked = None
    if question is not None:
        asked = OpenQuestion(question=question, outbound_id=outbound_id, language=language, quiet=quiet)

        def label(key: str) -> str:
            return catalogue.text(key, language, quiet=quiet)

        if with_buttons and not quiet:
            shown = buttons(question, outbound_id, label, keyring, conversation_id)
        else:
            parts.append(_numbered(question, label))
    keys = tuple(say.key for say in says)
    return Rendered(
        outbound_id=outbound_id,
        text="\n".join(parts),
        buttons=shown,
        keys=keys,
        message_class=message_class(keys),
        asked=asked,
    )


def message_class(keys: Sequence[str]) -> MessageClass:
    """Safety-critical texts are sent again after a doubt, others could expose and are not (security.md §4.0)."""
    return MessageClass.SAFETY if any(key.startswith(_SAFETY) for key in keys) else MessageClass.DISCREET


def _numbered(question: Question, label: object) -> str:
    name = label if callable(label) else str
    return "\n".join(f"{number} {name(key)}" for number, (_value, key) in enumerate(question.choices, 1))

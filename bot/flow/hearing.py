"""Hearing one message: settle what needs no model, ask NLU for the rest. Outside any transaction, changes nothing.

Danger does not wait for the model: phrases are scanned here whatever happens, digits, buttons and safe words are
settled without it (design §3).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from actions.base import questions
from bot.core.catalogue import Catalogue
from bot.core.crypto import Keyring
from bot.core.values import Arrival, ArrivalKind, Finding, Understanding
from bot.flow.answers import OpenQuestion, pressed, typed
from channels.base import Channel, SendError
from nlu.words import safe_word


class Understands(Protocol):
    """What the turn needs of NLU."""

    async def understand(
        self,
        text: str,
        language_hint: str | None = None,
        language_evidence: Mapping[str, float] | None = None,
        before: str = "",
    ) -> Understanding:
        """Understand a message; never raises."""


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """What one message means, before anything is decided."""

    understanding: Understanding
    findings: tuple[Finding, ...]
    safe_word: str | None
    answer: str | None
    asked: OpenQuestion | None


_SILENT = Understanding(language=None, language_confidence=0.0, script="", intent=None, confidence=0.0)


_REMEMBERED = 1000


class Ear:
    """Hears messages of any channel."""

    def __init__(self, *, understander: Understands, catalogue: Catalogue, keyring: Keyring) -> None:
        self._understander = understander
        self._catalogue = catalogue
        self._keyring = keyring
        self._taken: OrderedDict[str, bool] = OrderedDict()  # presses answered, for a turn that is run again

    async def hear(
        self,
        arrival: Arrival,
        *,
        conversation_id: UUID,
        asked: OpenQuestion | None,
        language: str | None,
        channel: Channel,
        evidence: Mapping[str, float] | None = None,
        before: str = "",
    ) -> Hearing:
        """Hear an arrival; `asked` is the open question, `language` the conversation's, `evidence` what its messages
        so far said of it, `before` the person's words of the last minutes.

        A press counts only if the provider took our answer to it: a press older than that is a late word.
        """
        silent = replace(_SILENT, language=language, language_confidence=1.0 if language else 0.0)
        if arrival.kind is ArrivalKind.PRESS:
            answer = await self._press(arrival, conversation_id, asked, channel)
            return Hearing(understanding=silent, findings=(), safe_word=None, answer=answer, asked=asked)
        word = safe_word(arrival.text) if arrival.kind is ArrivalKind.TEXT else None
        answer = typed(arrival.text, asked, self._catalogue) if asked and arrival.text and not word else None
        if word == "hide" and asked and asked.question.id == "q.emergency":
            # "hide" and "hiding" are one word in Thai and Khmer; while this line is open it answers it
            # (screening.md §4), and only a word of the person's own choosing would hide.
            word, answer = None, "hiding"
        if word:  # the word alone is a wish about the screen; "hide" in Thai is also "hiding", and no alarm
            return Hearing(understanding=silent, findings=(), safe_word=word, answer=None, asked=asked)
        if answer is not None:  # what the choice means raises the alarm, not the words of its label
            return Hearing(understanding=silent, findings=(), safe_word=None, answer=answer, asked=asked)
        if not arrival.text.strip():
            return Hearing(understanding=silent, findings=(), safe_word=None, answer=None, asked=asked)
        hint = language or arrival.language_hint
        understood = await self._understander.understand(arrival.text, hint, evidence, before)
        return Hearing(understanding=understood, findings=understood.findings, safe_word=None, answer=None, asked=asked)

    async def _press(
        self, arrival: Arrival, conversation_id: UUID, asked: OpenQuestion | None, channel: Channel
    ) -> str | None:
        value = pressed(arrival.press or "", asked, conversation_id, self._keyring)
        if arrival.press_ref is None:
            return value
        if arrival.press_ref not in self._taken:
            try:
                self._taken[arrival.press_ref] = await channel.acknowledge(arrival.press_ref)
            except SendError:
                return None
            if len(self._taken) > _REMEMBERED:
                self._taken.popitem(last=False)
        return value if self._taken[arrival.press_ref] else None


def open_question(state: Mapping[str, Any]) -> OpenQuestion | None:
    """The question that the conversation's state says was put; whether its row was sent is asked of the store."""
    saved = state.get("question")
    if not saved or saved["id"] not in questions():
        return None
    return OpenQuestion(
        question=questions()[saved["id"]],
        outbound_id=UUID(saved["outbound"]),
        language=saved["language"],
        quiet=bool(saved["quiet"]),
    )


def saved_question(asked: OpenQuestion | None) -> dict[str, Any] | None:
    """How a question is kept in the state."""
    if asked is None:
        return None
    return {
        "id": asked.question.id,
        "outbound": str(asked.outbound_id),
        "language": asked.language,
        "quiet": asked.quiet,
    }

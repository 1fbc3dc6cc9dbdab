"""The values that travel through the hotline. All are frozen; a naive time is refused.

A message comes in as an `Arrival` (what a channel read from a provider's bytes), is understood as an
`Understanding`, and is answered by `Say`s: names of approved texts, never words (design §2.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from bot.core.clock import aware


class ArrivalKind(StrEnum):
    """What kind of thing a provider brought us."""

    TEXT = "text"
    PRESS = "press"  # a button of ours
    EDIT = "edit"  # a new wording of an earlier message: alarm only
    MEDIA = "media"
    LOCATION = "location"
    CONTACT_CARD = "contact_card"
    BLOCKED = "blocked"  # the person blocked us, or came back: no message
    SIGNAL = "signal"  # a reaction, a read mark, a member change: stored, never opens the live window
    UNKNOWN = "unknown"  # a kind that did not exist when this was written: stored, and said so

    @property
    def is_a_word_of_the_person(self) -> bool:
        """Whether it came from the person's own hand now, so that it opens the live window."""
        return self not in {ArrivalKind.BLOCKED, ArrivalKind.SIGNAL, ArrivalKind.EDIT}


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file, photo, voice note or pin as the provider described it; its bytes are fetched later, by a job."""

    kind: str  # "photo", "voice", "video", "document", "sticker", …
    reference: str  # the provider's file id; sealed at rest
    mime: str | None = None
    size: int | None = None  # bytes, as the provider claims


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message, press or signal of one person, read from a provider's bytes. Reading is pure: no store, no time."""

    kind: ArrivalKind
    address: str  # where the person can be reached on this channel: a chat id, a number, a web-chat session
    provider_id: str  # names this event for ever on this channel and account; judged as a receipt
    at: datetime | None  # the provider's time of the person's act; None where only our receipt time is known
    text: str = ""  # as received, never edited; empty for media without a caption
    message_ref: str | None = None  # the provider's id of the message itself, needed to delete it
    press: str | None = None  # the signed payload of a button
    press_ref: str | None = None  # what the provider wants answered for a press
    reply_to_ref: str | None = None  # the provider's id of the message this one answers
    attachments: tuple[Attachment, ...] = ()
    language_hint: str | None = None  # what the person's app says its language is
    coordinates: tuple[float, float] | None = None  # latitude, longitude in degrees; always "claimed"

    def __post_init__(self) -> None:
        if self.at is not None:
            object.__setattr__(self, "at", aware(self.at))


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason for an alarm, with its why: the operator's meaning card is built from it (`nlu.md`, issue 9)."""

    trigger: str  # an id of the ladder, "C12"
    voice: Literal["phrase", "model", "flow"]
    start: int = 0  # span in the text as received, in characters; end is exclusive
    end: int = 0
    time: Literal["now", "past", "threat", "unsure"] = "unsure"
    about: Literal["me", "other", "unsure"] = "unsure"
    polarity: Literal["asserted", "denied", "unsure"] = "asserted"
    sign: str = ""  # which of several signs under one trigger ("documents"); "" where it does not matter


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A thing named in a message: a place, a sum, a document."""

    kind: str
    value: str  # canonical, e.g. "Preah Sihanouk"
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What one message says, as far as a machine can tell. `intent` is None where it is not sure."""

    language: str | None  # one of the catalogue's codes or another ISO code; None = unsure
    language_confidence: float  # 0..1
    script: str  # Unicode script name of most letters: "Latin", "Thai", "Han", …; "" without letters
    intent: str | None
    confidence: float  # 0..1, of the best intent even where it was refused
    ranking: tuple[tuple[str, float], ...] = ()
    also: tuple[str, ...] = ()  # what else it asks for or tells, in the order of its clauses
    entities: tuple[Entity, ...] = ()
    findings: tuple[Finding, ...] = ()
    source: Literal["rasa", "worker", "none"] = "none"
    language_evidence: Mapping[str, float] = field(default_factory=dict)  # see `nlu.language.LanguageGuess`


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that a person may give by button or digit."""

    value: str  # what the question's branch is keyed by: "yes", "no", "later", a language code, …
    key: str  # catalogue key of its label


@dataclass(frozen=True, kw_only=True)
class Say:
    """One approved text to say: a catalogue key, its placeholders' values, and the choices under it."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    question: str | None = None  # id of the question this opens, if it is one
    language: str | None = None  # other than the conversation's, for the language menu


class MessageClass(StrEnum):
    """What to do with a message whose sending is in doubt (`security.md` §4.0)."""

    SAFETY = "safety"  # said by the bot in danger: sent again once inside the live window
    DISCREET = "discreet"  # anything that could expose: never sent again blindly
    OPERATOR = "operator"  # a person's words: shown to the operator as "maybe sent"


@dataclass(frozen=True, kw_only=True)
class Button:
    """A button as a channel draws it."""

    label: str
    payload: str  # signed by us, at most 64 bytes of ASCII (Telegram's limit)


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One rendered message on its way to one person. Made from the message it answers; nothing can redirect it."""

    outbound_id: UUID
    address: str
    text: str
    buttons: tuple[Button, ...] = ()
    not_after: datetime
    silent: bool = True  # no sound on the phone

    def __post_init__(self) -> None:
        object.__setattr__(self, "not_after", aware(self.not_after))


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A provider took a message."""

    message_refs: tuple[str, ...]  # the provider's ids, one for each part

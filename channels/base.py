"""The contract every channel keeps, and the errors of sending, each of which states its own fate.

A channel reads bytes and sends text. It knows no dialogue and no store (design §5): it is handed parcels and
hands back arrivals. `channels/fake.py` keeps the same contract for tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from bot.core.errors import HotlineError
from bot.core.values import Arrival, Parcel, Sent


@dataclass(frozen=True, kw_only=True)
class Features:
    """What a channel can do, so that the dialogue asks in a way that can be answered there."""

    buttons: bool  # else digits
    deletes: bool  # it can take back messages on the person's phone
    silent: bool  # it can send without a sound


class SendError(HotlineError):
    """A message was not sent."""

    retryable: ClassVar[bool] = False  # try again later, inside the live window
    in_doubt: ClassVar[bool] = False  # the provider may have taken it
    ends_contact: ClassVar[bool] = False  # never write to this address again until the person writes
    for_operator: ClassVar[str] = "operator.send_failed"  # catalogue key of a sentence for the operator

    def __init__(self, message: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds that the provider asks us to wait


class NotReached(SendError):
    """The provider was not reached, so it surely has nothing of ours."""

    retryable = True
    for_operator = "operator.not_reached"


class Throttled(SendError):
    """The provider asks us to wait."""

    retryable = True
    for_operator = "operator.throttled"


class ProviderFault(SendError):
    """The provider answered with an error of its own (5xx) and did not take the message."""

    retryable = True
    for_operator = "operator.provider_fault"


class MaybeSent(SendError):
    """The connection broke after the message was handed over: the provider may have taken it."""

    in_doubt = True
    for_operator = "operator.maybe_sent"


class Blocked(SendError):
    """The person blocked us or is gone from the channel."""

    ends_contact = True
    for_operator = "operator.blocked"


class Refused(SendError):
    """The provider refused this message (4xx); sending it again would be refused again."""

    for_operator = "operator.refused"


class Channel(Protocol):
    """One way for words to travel. `name` and `account` name it in receipts, contacts and settings."""

    name: str
    account: str  # which of our bots or numbers, as a short name that is no secret
    features: Features

    def parse(self, raw: bytes) -> tuple[Arrival, ...]:
        """Read a provider's bytes: pure, same bytes same arrivals.

        Raises:
            Unreadable: not a message of this provider (the caller quarantines the bytes and answers 200).
        """

    async def send(self, parcel: Parcel) -> Sent:
        """Hand a parcel to the provider within this channel's own time limit (`call_limit`).

        Raises:
            SendError: with its fate; any other exception counts as in doubt.
        """

    @property
    def call_limit(self) -> float:
        """Seconds after which `send` gives up; the outbox keeps this much of the live window free."""

    async def delete(self, address: str, message_refs: tuple[str, ...]) -> None:
        """Take messages back on the person's phone where the channel can (ours and theirs), else nothing.

        Raises:
            SendError: with its fate.
        """

    async def acknowledge(self, press_ref: str) -> bool:
        """Answer a button press silently; True only if the provider took the answer (the press then counts)."""

    async def close(self) -> None:
        """Let go of connections."""

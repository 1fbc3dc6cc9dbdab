"""A channel without a provider, kept in step with the real ones by the same tests (tests/channels)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.errors import Unreadable
from bot.core.values import Arrival, ArrivalKind, Attachment, Parcel, Sent
from channels.base import Features, SendError


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """A parcel that the pretended provider took, and the id it gave."""

    parcel: Parcel
    message_ref: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What the next send does instead of succeeding."""

    error: SendError
    taken: bool = False  # the provider took it and then failed: what "in doubt" is about


@dataclass(kw_only=True)
class Journal:
    """Everything the pretended provider was asked, oldest first."""

    delivered: list[Delivered] = field(default_factory=list)
    deleted: list[tuple[str, str]] = field(default_factory=list)  # address, message ref
    acknowledged: list[str] = field(default_factory=list)


class FakeChannel:
    """Keeps a journal, and fails as it is told, in order.

    Its bytes are JSON: `{"kind", "address", "id", "at", …}` with the names of an `Arrival`'s fields; see
    `fake_bytes`.
    """

    name = "fake"
    features = Features(buttons=True, deletes=True, silent=True)

    def __init__(self, account: str = "test", *, call_limit: float = 10.0) -> None:
        self.account = account
        self.journal = Journal()
        self.stale_presses: set[str] = set()  # presses that the provider no longer takes an answer for
        self._limit = call_limit
        self._failures: list[Failure] = []
        self._numbers: dict[str, int] = {}

    @property
    def call_limit(self) -> float:
        """Seconds, as a real channel would say."""
        return self._limit

    def fail(self, error: SendError, *, taken: bool = False, times: int = 1) -> None:
        """Script the next `times` calls of send or delete to fail; `taken`: after the provider took the
        message.
        """
        self._failures += [Failure(error=error, taken=taken)] * times

    def parse(self, raw: bytes) -> tuple[Arrival, ...]:
        """Read bytes of `fake_bytes`.

        Raises:
            Unreadable: anything else.
        """
        try:
            told = json.loads(raw.decode("utf-8", "surrogatepass"))
            return (_arrival(told),)
        except (ValueError, KeyError, TypeError, RecursionError):
            told = None
        raise Unreadable

    async def send(self, parcel: Parcel) -> Sent:
        """Take the parcel, or fail as scripted."""
        failure = self._failures.pop(0) if self._failures else None
        if failure and not failure.taken:
            raise failure.error
        self._numbers[parcel.address] = number = self._numbers.get(parcel.address, 0) + 1
        self.journal.delivered.append(Delivered(parcel=parcel, message_ref=str(number)))
        if failure:
            raise failure.error
        return Sent(message_refs=(str(number),))

    async def delete(self, address: str, message_refs: tuple[str, ...]) -> None:
        """Note what was deleted, or fail as scripted."""
        if self._failures:
            raise self._failures.pop(0).error
        self.journal.deleted += [(address, ref) for ref in message_refs]

    async def acknowledge(self, press_ref: str) -> bool:
        """Note it; False for a stale press."""
        if press_ref in self.stale_presses:
            return False
        self.journal.acknowledged.append(press_ref)
        return True

    async def close(self) -> None:
        """Nothing is held."""


def fake_bytes(kind: str, address: str, number: str, at: datetime | None, **fields: object) -> bytes:
    """What the pretended provider would bring; `fields` are more of an `Arrival`'s fields."""
    told = {"kind": kind, "address": address, "id": number, "at": at and at.isoformat(), **fields}
    return json.dumps(told).encode("ascii")


def _arrival(told: dict[str, object]) -> Arrival:
    kind = str(told["kind"])
    at = told.get("at")
    attachments = told.get("attachments")
    coordinates = told.get("coordinates")
    return Arrival(
        kind=ArrivalKind(kind) if kind in set(ArrivalKind) else ArrivalKind.UNKNOWN,
        address=str(told["address"]),
        provider_id=f"{kind}:{told['id']}",
        at=datetime.fromisoformat(at) if isinstance(at, str) else None,
        text=str(told.get("text", "")),
        message_ref=str(told["id"]),
        press=_text(told.get("press")),
        press_ref=_text(told.get("press_ref")),
        reply_to_ref=_text(told.get("reply_to_ref")),
        attachments=tuple(Attachment(**part) for part in attachments) if isinstance(attachments, list) else (),
        language_hint=_text(told.get("language_hint")),
        coordinates=(float(coordinates[0]), float(coordinates[1])) if isinstance(coordinates, list) else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

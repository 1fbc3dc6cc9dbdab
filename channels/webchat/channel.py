"""The web chat as a channel: the person's page fetches what we say, so sending is done once it is stored."""

from __future__ import annotations

import json
from datetime import datetime

from bot.core.errors import Unreadable
from bot.core.values import Arrival, ArrivalKind, Parcel, Sent
from channels.base import Features


class WebChatChannel:
    """One page of ours. Its bytes are made by `channels.webchat.app` from what the page posted.

    They are JSON: `{"session", "id", "text" | "press" | "left", "at"?}`. The app leaves `at` out, so that a
    message sent again is the same bytes; the time that counts is when the bytes arrived (design §3).
    """

    name = "webchat"
    features = Features(buttons=True, deletes=False, silent=True)

    def __init__(self, account: str = "page") -> None:
        self.account = account

    @property
    def call_limit(self) -> float:
        """Seconds: nobody is called."""
        return 0.0

    def parse(self, raw: bytes) -> tuple[Arrival, ...]:
        """Read what a page posted. Text is kept exactly, NULs and lone surrogates included.

        A page that was left (quick exit, idle) is a BLOCKED: nothing more can be read there.

        Raises:
            Unreadable: not what our page sends.
        """
        posted = _decode(raw)
        session, number = posted.get("session"), posted.get("id")
        if not (isinstance(session, str) and session and isinstance(number, str) and number):
            raise Unreadable
        text, press = posted.get("text"), posted.get("press")
        if isinstance(press, str):
            kind = ArrivalKind.PRESS
        elif isinstance(text, str):
            kind = ArrivalKind.TEXT
        else:
            kind = ArrivalKind.BLOCKED if posted.get("left") is True else ArrivalKind.UNKNOWN
        return (
            Arrival(
                kind=kind,
                address=session,
                provider_id=f"{session}:{number}",
                at=_time(posted.get("at")),
                text=text if kind is ArrivalKind.TEXT and isinstance(text, str) else "",
                message_ref=number,
                press=press if isinstance(press, str) else None,
                press_ref=number if isinstance(press, str) else None,
                language_hint=language if isinstance(language := posted.get("language"), str) else None,
            ),
        )

    async def send(self, parcel: Parcel) -> Sent:
        """Nothing to do: the page fetches its letters from the `Mailbox`."""
        return Sent(message_refs=(str(parcel.outbound_id),))

    async def delete(self, address: str, message_refs: tuple[str, ...]) -> None:
        """Nothing to do: a page clears itself when its mailbox says that the session is dead."""

    async def acknowledge(self, press_ref: str) -> bool:
        """True: a press on our own page waits for no answer."""
        return True

    async def close(self) -> None:
        """Nothing is held."""


def _decode(raw: bytes) -> dict[str, object]:
    try:
        posted = json.loads(raw.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        posted = None
    if not isinstance(posted, dict):
        raise Unreadable
    return posted


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None

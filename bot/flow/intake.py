"""Intake: a provider's bytes become a stored message before the provider is answered.

Verify is the channel's webhook; here: parse, seal, store in one statement with receipt and wake-up. What cannot be
parsed is quarantined and still answered 200: a repeating error for one message would block that person's chat for a
day (`security.md` finding 3). With the database away the bytes go to the spool.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.errors import StoreUnavailable, Unreadable
from bot.core.ids import new_id
from bot.core.logs import get_logger
from bot.core.values import Arrival
from bot.flow.spool import Spool, Spooled
from bot.store import inbound
from bot.store.conversations import address_place
from bot.store.session import Store
from channels.base import Channel

log = get_logger(__name__)


MOST_URGENT = 2

_JUDGED = 300
"""Characters judged before the provider is answered, so that no text keeps others waiting; the turn reads all. What
is longer is at least urgent: on doubt, sooner."""


class Accepted(StrEnum):
    """What became of a provider's bytes. All of these are answered 200."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    SPOOLED = "spooled"


class Intake:
    """Stores arrivals of any channel. Called as `await intake(channel=…, account=…, raw=…)`."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: Keyring,
        clock: Clock,
        spool: Spool,
        channels: Mapping[str, Channel],
        urgency: Callable[[str], int],
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._spool = spool
        self._channels = channels
        self._urgency = urgency

    async def __call__(self, *, channel: str, account: str, raw: bytes) -> Accepted:
        """Store bytes for good, in the database or in the spool.

        Raises:
            SpoolUnavailable: neither took them; the provider must be told to send them again.
        """
        received_at = self._clock.now()
        if self._spool.is_empty():
            try:
                return await self._store_now(channel, account, raw, received_at)
            except StoreUnavailable:
                log.warning("database away, message goes to the spool", channel=channel)
            except SQLAlchemyError as error:  # whatever else the store refuses it for, the bytes are kept
                log.error("the store did not take a message, it goes to the spool", channel=channel, exc_info=error)
        self._spool.put(channel=channel, account=account, raw=raw, received_at=received_at)
        return Accepted.SPOOLED

    async def drain(self) -> int:
        """Store what waits in the spool; cheap when nothing does. Returns how many were stored."""
        return 0 if self._spool.is_empty() else await self._spool.drain(self._store_spooled)

    @property
    def stuck(self) -> int:
        """How many spooled messages could not be opened and wait for a human."""
        return self._spool.stuck()

    @property
    def spooled(self) -> int:
        """How many messages wait in the spool."""
        return self._spool.count()

    async def _store_spooled(self, spooled: Spooled) -> None:
        try:
            await self._store_now(spooled.channel, spooled.account, spooled.raw, spooled.received_at)
        except (DataError, IntegrityError):
            raise Unreadable("The store refuses it for good.") from None
        except SQLAlchemyError:
            raise StoreUnavailable from None

    async def _store_now(self, channel: str, account: str, raw: bytes, received_at: datetime) -> Accepted:
        try:
            arrivals = self._channels[channel].parse(raw)
            if any(not arrival.address for arrival in arrivals):
                raise Unreadable("Nobody to answer.")
        except Exception as error:  # whatever a parser meets, the bytes must not be lost
            await self._quarantine(channel, account, raw, received_at, type(error).__name__)
            return Accepted.QUARANTINED
        stored = False
        async with self._store.reading() as c:
            for part, arrival in enumerate(arrivals):
                new = self._new_inbound(channel, account, raw, part, arrival, received_at)
                stored = await inbound.accept(c, new) is not None or stored
        return Accepted.STORED if stored else Accepted.DUPLICATE

    def _new_inbound(
        self, channel: str, account: str, raw: bytes, part: int, arrival: Arrival, received_at: datetime
    ) -> inbound.NewInbound:
        inbound_id, contact_id = new_id(received_at), new_id(received_at)
        wrapped = self._keyring.new_contact_key(contact_id)
        address = arrival.address.encode("utf-8", "surrogatepass")
        sealer = self._keyring.contact_sealer(contact_id, wrapped)
        name = f"{channel}/{account}"
        return inbound.NewInbound(
            inbound_id=inbound_id,
            contact_id=contact_id,
            channel=channel,
            account=account,
            id_hmac=self._keyring.index(f"receipt/{name}", arrival.provider_id),
            body_hmac=self._keyring.index(f"body/{name}", fingerprint(arrival)),
            address_hmac=self._keyring.index(f"address/{name}", arrival.address),
            address_sealed=sealer.seal(address, address_place(contact_id)),
            key_wrapped=wrapped,
            kind=arrival.kind,
            raw_sealed=self._keyring.seal_intake(part.to_bytes(2) + raw, raw_place(inbound_id)),
            urgency=self._urgent(arrival.text) if arrival.text else 0,
            provider_at=min(arrival.at or received_at, received_at),
            received_at=received_at,
        )

    def _urgent(self, text: str) -> int:
        """How soon the turn should run. A scan that fails must not lose the message: on doubt, first in line."""
        try:
            return max(self._urgency(text[:_JUDGED]), 1 if len(text) > _JUDGED else 0)
        except Exception as error:
            log.error("the urgency of a message could not be judged", exc_info=error)
            return MOST_URGENT

    async def _quarantine(self, channel: str, account: str, raw: bytes, at: datetime, reason: str) -> None:
        quarantine_id = new_id(at)
        async with self._store.reading() as c:
            await inbound.quarantine(
                c,
                quarantine_id=quarantine_id,
                channel=channel,
                account=account,
                mark=self._keyring.index("quarantine", raw),
                raw_sealed=self._keyring.seal_intake(raw, f"quarantine/{quarantine_id}"),
                reason=reason,
                received_at=at,
            )
        log.warning("bytes could not be read and were quarantined", channel=channel, id=str(quarantine_id))


def raw_place(inbound_id: object) -> str:
    """Where an inbound row's sealed raw bytes belong."""
    return f"inbound/{inbound_id}/raw"


def fingerprint(arrival: Arrival) -> bytes:
    """What makes two arrivals of one provider id the same: their content, not the bytes that carried it."""
    content: dict[str, Any] = asdict(arrival)
    for carried in ("at", "press_ref", "language_hint"):
        content.pop(carried)
    return json.dumps(content, sort_keys=True, default=str).encode()

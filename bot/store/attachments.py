"""Files, photos, voice notes and pins, as the provider described them; their bytes come later (issue of channels)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.crypto import Sealer
from bot.core.ids import new_id
from bot.core.values import Attachment

_KEEP = text(
    "INSERT INTO attachment (id, inbound_id, kind, reference_sealed) VALUES (:id, :inbound, :kind, :reference)"
)


async def keep_attachments(
    c: AsyncConnection, inbound_id: UUID, attachments: Sequence[Attachment], sealer: Sealer, now: datetime
) -> None:
    """Keep what a message carried beside its words, as "not yet fetched": never a message without its file."""
    for attachment in attachments:
        attachment_id = new_id(now)
        reference = sealer.seal(attachment.reference.encode(), f"attachment/{attachment_id}/reference")
        values = {"id": attachment_id, "inbound": inbound_id, "kind": attachment.kind, "reference": reference}
        await c.execute(_KEEP, values)

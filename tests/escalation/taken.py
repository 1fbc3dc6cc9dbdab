"""A case that somebody holds, for tests of what they may do."""

from __future__ import annotations

from uuid import UUID

from bot.store import operators
from escalation.queue import Queue
from tests.escalation.seeds import Seeds


async def held_by_ana(
    seeds: Seeds, queue: Queue, *, view: str = "open", language: str = "id"
) -> tuple[UUID, UUID, operators.Operator]:
    """A live conversation whose case Ana holds."""
    talk, ana = await seeds.person(language, view), await seeds.operator("Ana")
    await seeds.says(talk, "tolong")
    case_id = await seeds.alarm(talk, "C1")
    await queue.claim(case_id, ana)
    return talk, case_id, ana

"""Wake-ups. A job says that something is due in a conversation and carries its id, nothing else.

They are put in by the caller's own statement, so a row and its wake-up are one commit. No `lock=`, no schedule, no
retry of procrastinate's: order and time are columns of our tables (design §3).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

QUEUE = "hotline"
TURN = "turn"
DELIVER = "deliver"

URGENT = 100
"""Priority of a wake-up for a conversation with danger words in it; added to the urgency, 0..2."""

JOB = """procrastinate_defer_jobs_v1(ARRAY[ROW(
    CAST('hotline' AS varchar), CAST({task} AS varchar), CAST({priority} AS integer), NULL, NULL,
    jsonb_build_object('conversation_id', {conversation}), NULL)::procrastinate_job_to_defer_v1])"""
"""The call that defers one wake-up, with SQL expressions for its places."""

_WAKE = text("SELECT " + JOB.format(task=":task", priority=":priority", conversation="CAST(:conversation AS text)"))


async def wake_turn(c: AsyncConnection, conversation_id: UUID, *, urgent: bool = False) -> None:
    """Have the unhandled messages of a conversation handled, oldest first."""
    await _wake(c, TURN, conversation_id, urgent)


async def wake_delivery(c: AsyncConnection, conversation_id: UUID, *, urgent: bool = False) -> None:
    """Have the due rows of a conversation's outbox sent, in order."""
    await _wake(c, DELIVER, conversation_id, urgent)


async def _wake(c: AsyncConnection, task: str, conversation_id: UUID, urgent: bool) -> None:
    priority = URGENT if urgent else 0
    await c.execute(_WAKE, {"task": task, "priority": priority, "conversation": str(conversation_id)})


_DUE = text(
    """
    WITH waiting AS MATERIALIZED (
        SELECT task_name || ' ' || (args ->> 'conversation_id') AS wake FROM procrastinate_jobs
        WHERE status = 'todo' AND args ? 'conversation_id'
    ), unhandled AS (
        SELECT conversation_id AS id, max(urgency) AS urgency FROM inbound
        WHERE state = 'stored' AND received_at < :settled GROUP BY conversation_id
    ), unsent AS (
        SELECT DISTINCT conversation_id AS id FROM outbound
        WHERE (state = 'queued' AND created_at < :settled AND (not_before IS NULL OR not_before <= :now))
           OR (state = 'retry' AND retry_at <= :now)
           OR (state = 'sending' AND sending_at < :settled)
    ), due AS (
        SELECT 'turn' AS task, id, urgency FROM unhandled
        UNION ALL SELECT 'deliver', id, 0 FROM unsent
    ), asleep AS MATERIALIZED (
        SELECT * FROM due WHERE task || ' ' || id::text NOT IN (SELECT wake FROM waiting)
    )
    SELECT count(*) AS woken FROM (
        SELECT """
    + JOB.format(task="asleep.task", priority="asleep.urgency * 50", conversation="asleep.id::text")
    + """ FROM asleep
    ) AS deferred
    """
)

_ONLY_SWEEPER = text("SELECT pg_try_advisory_xact_lock(0x7377656570)")  # "sweep"


async def is_only_sweeper(c: AsyncConnection) -> bool:
    """Whether nobody else sweeps, from now until this transaction ends."""
    return bool((await c.execute(_ONLY_SWEEPER)).scalar_one())


async def wake_what_is_due(c: AsyncConnection, *, now: object, settled: object) -> int:
    """The sweep: wake what is stored and not handled, or queued and not sent, or whose sender died.

    `settled` is a moment a little in the past: what is younger has a wake-up of its own under way.
    Returns the number of wake-ups.
    """
    result = await c.execute(_DUE, {"now": now, "settled": settled})
    return int(result.scalar_one())


_FORGET = text(
    "DELETE FROM procrastinate_jobs WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')"
    " OR (status = 'doing' AND worker_id IS NULL)"
    " OR (status = 'doing' AND worker_id NOT IN (SELECT id FROM procrastinate_workers))"
)
_PRUNE = text("DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => 30)")


async def forget_done(c: AsyncConnection) -> None:
    """Delete jobs that are done or whose worker is dead: the tables, not the jobs, say what is left to do."""
    await c.execute(_PRUNE)
    await c.execute(_FORGET)

"""`kill -9` of every role in the middle of the work: nothing lost, nothing doubled in state, order kept.

Judged from both sides: the Bot API double's journal on disk, and the tables. The kills are real SIGKILLs at random
moments (the seed is printed); what is sent twice must be marked as such. `HOTLINE_TEST_SCALE` makes it larger.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable

import httpx
import psutil
import pytest

from tests.integration.line import Line, eventually, running_line
from tests.scale import SCALE

CHATS = 20
MESSAGES = 10 * SCALE  # of each chat
KILLS = 10 * SCALE  # of each role
SEED = int(os.environ.get("HOTLINE_TEST_SEED", "20261124"))

ROLES = {"worker": "main worker", "web": "main web", "nlu": "nlu.components.serve", "postgres": "postgres -D"}

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.nlu, pytest.mark.timeout(900)]


async def _person(line: Line, chat: int, dice: random.Random, pause: Callable[[], float]) -> None:
    """One chat: its messages in order, each offered again until it is taken, as Telegram does."""
    for number in range(MESSAGES):
        update = line.update(chat, f"message {number} hello")
        while True:
            try:
                if await line.post(update) == 200:
                    break
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
        await asyncio.sleep(pause() * dice.uniform(0.5, 1.5))


async def _killer(
    line: Line, dice: random.Random, going: Callable[[], bool], took: defaultdict[str, list[float]]
) -> None:
    """Kill a role, wait until it is back, and go on to the next one."""
    left = [role for role in ROLES for _ in range(KILLS)]
    dice.shuffle(left)
    for role in left:
        if not going():
            return
        victims = line.role(ROLES[role])
        if not victims:
            continue
        victim = dice.choice(victims)
        count = len(victims)
        victim.kill()
        took[role].append(await eventually(_back(line, role, victim, count), 60, f"{role} came back"))
        await asyncio.sleep(dice.uniform(0.1, 0.6))


def _back(line: Line, role: str, victim: psutil.Process, count: int) -> Callable[[], Awaitable[bool]]:
    async def back() -> bool:
        alive = [process for process in line.role(ROLES[role]) if process.pid != victim.pid]
        return len(alive) >= count

    return back


async def test_kills_of_every_role_lose_nothing_and_double_nothing() -> None:
    """Given 200 messages of 20 chats, when every role is killed 10 times meanwhile, then all are handled once."""
    dice = random.Random(SEED)
    took: defaultdict[str, list[float]] = defaultdict(list)
    async with running_line() as line:
        people = [
            asyncio.create_task(_person(line, 5000 + chat, random.Random(SEED + chat), lambda: 3.0))
            for chat in range(CHATS)
        ]
        killer = asyncio.create_task(_killer(line, dice, lambda: not all(p.done() for p in people), took))
        await asyncio.gather(*people)
        await killer
        waited = await eventually(lambda: _settled(line), 120, "everything settled")
        await _judge(line)
        print(f"\nseed {SEED}; settled {waited:.1f} s after the last message")
        for role, seconds in sorted(took.items()):
            ordered = sorted(seconds)
            middle, worst = ordered[len(ordered) // 2], ordered[-1]
            print(f"{role}: {len(ordered)} kills; process back after median {middle:.2f} s, worst {worst:.2f} s")
        gaps = await line.rows(
            "SELECT extract(epoch FROM handled_at - received_at)::float8 FROM inbound ORDER BY 1 DESC LIMIT 5"
        )
        print("longest waits for a turn (s):", [round(gap, 2) for (gap,) in gaps])


async def _settled(line: Line) -> bool:
    try:
        rows = await line.rows(
            "SELECT (SELECT count(*) FROM inbound WHERE state = 'stored'),"
            " (SELECT count(*) FROM outbound WHERE state IN ('queued', 'retry', 'sending')),"
            " (SELECT count(*) FROM inbound)"
        )
    except Exception:  # the database is being killed
        return False
    stored, unsent, all_of_them = rows[0]
    return stored == 0 and unsent == 0 and all_of_them >= CHATS * MESSAGES


async def _judge(line: Line) -> None:
    inbound = await line.rows("SELECT conversation_id, seq, state, provider_at, handled_at FROM inbound ORDER BY seq")
    assert len(inbound) == CHATS * MESSAGES, "each message is one row"
    assert {row[2] for row in inbound} == {"handled"}
    by_conversation = defaultdict(list)
    for conversation, _seq, _state, provider_at, handled_at in inbound:
        by_conversation[conversation].append((provider_at, handled_at))
    for turns in by_conversation.values():
        assert turns == sorted(turns, key=lambda turn: turn[0]), "order of receipt is the order of writing"
        assert [t[1] for t in turns] == sorted(t[1] for t in turns), "turns are in order"
    answers = Counter(row[0] for row in await line.rows("SELECT answers_id FROM outbound WHERE answers_id IS NOT NULL"))
    assert set(answers.values()) <= {1}, "no message has two replies"
    versions = await line.rows("SELECT sum(version) FROM conversation")
    assert versions[0][0] == CHATS * MESSAGES, "each message had exactly one turn"
    counts = await line.rows(
        "SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'in_doubt'),"
        " count(*) FILTER (WHERE maybe_twice) FROM outbound"
    )
    sent, in_doubt, maybe_twice = counts[0]
    accepted = len(line.api.taken("sendMessage"))
    print(f"\nsent {sent}, in doubt {in_doubt}, marked as maybe twice {maybe_twice}; the provider accepted {accepted}")
    assert sent <= accepted <= sent + in_doubt + maybe_twice


async def test_the_database_away_is_survived_by_every_role() -> None:
    """Given no database for a while, when people write, then webhooks answer and all is handled on its return."""
    away = 8.0 * SCALE
    async with running_line() as line:
        await line.post(line.update(6001, "hello"))
        await line.hears(6001, 1)
        loop = asyncio.get_running_loop()
        until, written = loop.time() + away, 1
        while loop.time() < until:
            for process in line.role(ROLES["postgres"]):
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
            if await line.post(line.update(6001, f"message {written} hello")) == 200:
                written += 1
            await asyncio.sleep(0.2)

        async def all_handled() -> bool:
            try:
                rows = await line.rows("SELECT count(*) FROM inbound WHERE state = 'handled'")
            except Exception:  # not back yet
                return False
            return bool(rows[0][0] == written)

        back = await eventually(all_handled, 90, "everything was handled after the database came back")
        print(f"\ndatabase away {away:.0f} s, {written} messages written, all handled {back:.1f} s after its return")
        order = [row[0] for row in await line.rows("SELECT provider_at FROM inbound ORDER BY seq")]
        assert order == sorted(order)
        assert (await line.ready())["spooled"] == 0

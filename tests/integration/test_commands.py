"""The `hotline` command as other people's scripts use it, and a stop and a new start."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.doubles.bot_api import running
from tests.integration.line import Line, eventually

pytestmark = pytest.mark.slow

FIELDS = {
    "language",
    "language_confidence",
    "script",
    "intent",
    "confidence",
    "entities",
    "danger",
    "level",
    "triggers",
}
CASE = {"id", "level", "triggers", "channel", "language", "mode", "waiting_seconds", "state", "holder"}


async def test_it_stops_cleanly_starts_again_and_goes_on_with_what_was_said() -> None:
    """Given a conversation, when everything is stopped and started, then it goes on, and no process is left over."""
    async with running() as api:
        with tempfile.TemporaryDirectory(prefix="hotline-") as folder:
            Path(folder).chmod(0o755)
            line = Line(Path(folder), api)
            await line.start()
            await line.post(line.update(8001, "they took my passport"))
            await line.hears(8001, 1)
            printed = [json.loads(row) for row in (await line.command("understand", stdin=WORDS)).splitlines()]
            children = line.role("")
            assert await line.stop() == 0
            await eventually(lambda: _gone(children), 10, "every process of it is gone")
            assert "1 reviewed" not in await line.command("content", "check")

            again = Line(Path(folder), api)
            again.environment |= {"HOTLINE_NLU_URL": line.environment["HOTLINE_NLU_URL"]}
            await again.start()
            try:
                await again.post(again.update(8001, "1"))
                assert len(await again.hears(8001, 2)) == 2
                await again.post(again.update(8002, "they will kill me tonight"))
                await again.hears(8002, 1)
                cases = await again.cases()
                assert (await again.command("audit", "verify")).strip() == "The audit chain is whole."
            finally:
                await again.stop()
    assert [set(row) for row in printed] == [FIELDS] * 4
    assert [row["level"] for row in printed] == ["critical", "low", "critical", "low"]
    assert printed[1]["language"] == "th"
    assert all(set(case) == CASE for case in cases)
    assert cases[0]["level"] == "critical"


WORDS = 'they beat me now\n{"text": "สวัสดี", "language": "th"}\n/disclose_suicidal{"x": 1} they will kill me\n\n'


async def _gone(children: list[psutil.Process]) -> bool:
    await asyncio.sleep(0)
    return not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


async def test_telegram_is_polled_where_no_webhook_is_set_up() -> None:
    """Given a token and no webhook secret, when Telegram has an update, then it is answered, and confirmed after."""
    async with running() as api:
        with tempfile.TemporaryDirectory(prefix="hotline-") as folder:
            Path(folder).chmod(0o755)
            line = Line(Path(folder), api, workers=1)
            del line.environment["HOTLINE_TELEGRAM_WEBHOOK_SECRET"]
            await line.start()
            try:
                await api.offer(line.update(8101, "they took my passport"))
                await line.hears(8101, 1)

                async def confirmed() -> bool:
                    return api.updates == []

                await eventually(confirmed, 60, "the update was confirmed after its commit")
            finally:
                await line.stop()

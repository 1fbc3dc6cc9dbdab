"""The double is as strict as Telegram, and its journal survives a kill."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.doubles.bot_api import TOKEN, BotApi, running
from tests.doubles.bot_api_parameters import KINDS, METHODS
from tests.doubles.journal import read_journal

ROOT = Path(__file__).parents[2]
SPECIFICATION = ROOT.parent / "shared" / "specs" / "telegram-bot-api.json"


async def ask(api: BotApi, method: str, token: str = TOKEN, **parameters: Any) -> tuple[int, dict[str, Any]]:
    """Call the double as anybody would."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{api.address}/bot{token}/{method}", json=parameters)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("method", "parameters", "status"),
    [
        ("sendMessage", {"chat_id": 1}, 400),
        ("sendMessage", {"chat_id": 1, "text": "  "}, 400),
        ("sendMessage", {"chat_id": 1, "text": "x" * 4097}, 400),
        ("sendMessage", {"chat_id": "one", "text": "x"}, 400),
        ("sendMessage", {"chat_id": 1, "text": "x", "silent": True}, 400),
        ("sendMessage", {"chat_id": 1, "text": "x", "protect_content": "maybe"}, 400),
        (
            "sendMessage",
            {
                "chat_id": 1,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]},
            },
            400,
        ),
        ("deleteMessages", {"chat_id": 1, "message_ids": []}, 400),
        ("deleteMessages", {"chat_id": 1, "message_ids": list(range(101))}, 400),
        ("answerCallbackQuery", {}, 400),
        ("setWebhook", {"url": "https://x.example", "secret_token": "no blanks"}, 400),
        ("setWebhook", {"url": "https://x.example", "allowed_updates": ["gossip"]}, 400),
        ("getUpdates", {"limit": 101}, 400),
        ("sendTelepathy", {}, 404),
    ],
)
async def test_what_telegram_would_refuse_is_refused_and_not_noted(
    api: BotApi, method: str, parameters: dict[str, Any], status: int
) -> None:
    assert (await ask(api, method, **parameters))[0] == status
    assert api.journal.lines == []


async def test_another_token_is_unauthorized(api: BotApi) -> None:
    assert (await ask(api, "getMe", token="1:other"))[0] == 401


async def test_each_chat_counts_its_own_messages_and_a_blocked_one_gets_none(api: BotApi) -> None:
    api.blocked = {3}

    numbers = [(await ask(api, "sendMessage", chat_id=chat, text="x"))[1] for chat in (1, 1, 2, 3)]

    assert [answer.get("result", {}).get("message_id") for answer in numbers] == [1, 2, 1, None]


async def test_a_journal_goes_on_where_a_killed_process_left_it(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with running(journal) as api:
        await ask(api, "sendMessage", chat_id=1, text="x")
    with journal.open("a") as file:
        file.write('{"method": "sendMess')
    assert len(read_journal(journal)) == 1


async def test_as_a_process_it_is_told_over_http_and_journals_to_disk(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    command = [sys.executable, "-m", "tests.doubles.bot_api", "--port", "0", "--journal", str(journal)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=address) as client:
            await client.post("/control/faults", json={"kind": "throttle", "retry_after": 3})
            await client.post("/control/updates", json={"update_id": 5})
            call = f"/bot{TOKEN}/"
            throttled = await client.post(call + "sendMessage", json={"chat_id": 1, "text": "x"})
            sent = await client.post(call + "sendMessage", json={"chat_id": 1, "text": "y"})
            updates = await client.post(call + "getUpdates", json={"timeout": 0})
    finally:
        process.kill()
        await process.wait()

    assert (throttled.status_code, throttled.json()["parameters"]) == (429, {"retry_after": 3})
    assert sent.json()["result"]["message_id"] == 1
    assert updates.json()["result"] == [{"update_id": 5}]
    assert [line["parameters"] for line in read_journal(journal)] == [{"chat_id": 1, "text": "y"}]


def test_every_parameter_that_the_double_takes_is_one_of_the_published_api() -> None:
    if not SPECIFICATION.exists():
        pytest.skip("the published Bot API description is not beside this checkout")
    published = json.loads(SPECIFICATION.read_text("utf-8"))
    for method, parameters in METHODS.items():
        fields = {field["name"]: field for field in published["methods"][method].get("fields", [])}
        assert parameters.keys() <= fields.keys()
        assert {n for n, f in fields.items() if f["required"]} == {n for n, p in parameters.items() if p.required}
    kinds = {field["name"] for field in published["types"]["Update"]["fields"]} - {"update_id"}
    assert kinds == KINDS

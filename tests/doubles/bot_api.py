"""A double of Telegram's Bot API: a real server on loopback, strict, with a journal and faults on request.

In a test: `async with running() as api: …`. As a process: `python -m tests.doubles.bot_api --port N
--journal FILE`; it is then told what to do by POST of JSON to `/control/faults`, `/control/updates`,
`/control/blocked` and `/control/refuse`. A line of the journal is `{"method", "chat_id"?, "message_id"?,
"parameters", "fault"?}`; it is on disk before the answer leaves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl

from tests.doubles.bot_api_faults import Fault, FaultKind, error, failed, ok
from tests.doubles.bot_api_parameters import METHODS, BadParameter, read_parameters
from tests.doubles.http_server import Answer, Asked, HttpServer
from tests.doubles.journal import DiskJournal

TOKEN = "1234567890:double-token-that-must-never-be-logged"
_CALL = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>\w+)")


@dataclass
class BotApi:
    """One bot's side of Telegram."""

    token: str = TOKEN
    journal: DiskJournal = field(default_factory=DiskJournal)
    blocked: set[int] = field(default_factory=set)  # chats whose person blocked the bot
    stale_presses: set[str] = field(default_factory=set)  # callback ids that are too old to answer
    undeletable: set[int] = field(default_factory=set)  # message ids older than 48 hours
    webhook: dict[str, object] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    updates: list[dict[str, object]] = field(default_factory=list)  # not yet confirmed by an offset
    _numbers: dict[int, int] = field(default_factory=dict)  # last message id of each chat
    polls: int = 0  # getUpdates calls so far; only the latest is answered
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    server: HttpServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = HttpServer(self.handle)
        for line in self.journal.lines:  # an earlier process's: ids go on from there
            if line["method"] == "sendMessage":
                self._numbers[int(str(line["chat_id"]))] = int(str(line["message_id"]))

    @property
    def address(self) -> str:
        """What to set HOTLINE_TELEGRAM_API to."""
        return self.server.address

    def fail(
        self,
        kind: FaultKind,
        *,
        method: str | None = None,
        times: int = 1,
        retry_after: int = 1,
        after: int = 0,
    ) -> None:
        """Let the next calls (of one method) fail, or the ones after the next `after`."""
        fault = Fault(kind=kind, method=method, retry_after=retry_after, after=after)
        self.faults += [fault, *[replace(fault, after=0)] * (times - 1)]

    def taken(self, method: str) -> list[dict[str, object]]:
        """The journal's lines of one method, oldest first."""
        return [line for line in self.journal.lines if line["method"] == method]

    async def offer(self, update: dict[str, object]) -> None:
        """Let the next getUpdates bring this."""
        async with self._news:
            self.updates.append(update)
            self._news.notify_all()

    async def handle(self, asked: Asked) -> Answer:
        """Answer one request."""
        if asked.path.startswith("/control/"):
            return await self._control(asked)
        call = _CALL.fullmatch(asked.path.partition("?")[0])
        if call is None:
            return error(404, "Not Found")
        if call["token"] != self.token:
            return error(401, "Unauthorized")
        method = call["method"]
        if method not in METHODS:
            return error(404, "Not Found: method not found")
        try:
            parameters = read_parameters(method, _given(asked))
        except BadParameter as bad:
            return error(400, str(bad))
        return await self._call(method, parameters)

    async def _call(self, method: str, parameters: dict[str, object]) -> Answer:
        fault = self._fault_for(method)
        if fault is not None and not fault.kind.after_taking:
            return failed(fault)
        if refusal := self._refusal(method, parameters):
            return refusal
        line: dict[str, object] = {"method": method, "parameters": parameters}
        if "chat_id" in parameters:
            line["chat_id"] = parameters["chat_id"]
        if method == "sendMessage":
            chat = int(str(parameters["chat_id"]))
            line["message_id"] = self._numbers[chat] = self._numbers.get(chat, 0) + 1
        if fault is not None:
            line["fault"] = fault.kind
        if method != "getUpdates":
            self.journal.add(**line)
        result = await self._result(method, parameters, line)
        return failed(fault) if fault is not None else result

    def _refusal(self, method: str, parameters: dict[str, object]) -> Answer | None:
        """What Telegram would not do, though the parameters are right."""
        if method == "sendMessage" and parameters["chat_id"] in self.blocked:
            return error(403, "Forbidden: bot was blocked by the user")
        if method == "answerCallbackQuery" and parameters["callback_query_id"] in self.stale_presses:
            return error(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        numbers = parameters.get("message_ids")
        if isinstance(numbers, list) and self.undeletable & set(numbers):
            return error(400, "Bad Request: message can't be deleted")
        return None

    async def _result(self, method: str, parameters: dict[str, object], line: dict[str, object]) -> Answer:
        match method:
            case "getMe":
                me = {"id": int(self.token.split(":")[0]), "is_bot": True, "first_name": "Double"}
                return ok({**me, "username": "double_bot"})
            case "sendMessage":
                return ok(_message(parameters, line))
            case "setWebhook":
                self.webhook = dict(parameters)
            case "deleteWebhook":
                self.webhook = {}
            case "getWebhookInfo":
                pending = len(self.updates)
                known = {"url": self.webhook.get("url", ""), "has_custom_certificate": False}
                return ok({**known, "pending_update_count": pending})
            case "getUpdates":
                return await self._get_updates(parameters)
        return ok(True)

    async def _get_updates(self, parameters: dict[str, object]) -> Answer:
        if self.webhook.get("url"):
            return error(409, "Conflict: can't use getUpdates method while webhook is active")
        async with self._news:
            self.polls += 1
            mine = self.polls
            self._news.notify_all()
            offset = int(str(parameters.get("offset", 0)))
            self.updates = [u for u in self.updates if int(str(u["update_id"])) >= offset]
            try:
                async with asyncio.timeout(int(str(parameters.get("timeout", 0)))):
                    await self._news.wait_for(lambda: self.updates or self.polls != mine)
            except TimeoutError:
                pass
            if self.polls != mine:
                return error(409, "Conflict: terminated by other getUpdates request")
            return ok(self.updates[: int(str(parameters.get("limit", 100)))])

    def _fault_for(self, method: str) -> Fault | None:
        for number, fault in enumerate(self.faults):
            if fault.method in {None, method}:
                if fault.after:
                    self.faults[number] = replace(fault, after=fault.after - 1)
                    return None
                return self.faults.pop(number)
        return None

    async def _control(self, asked: Asked) -> Answer:
        told = json.loads(asked.body)
        match asked.path:
            case "/control/faults":
                self.fail(FaultKind(told.pop("kind")), **told)
            case "/control/updates":
                await self.offer(told)
            case "/control/blocked":
                self.blocked = set(told)
            case "/control/refuse":
                loop = asyncio.get_running_loop()
                loop.call_soon(lambda: loop.create_task(self._refuse_for(float(told["seconds"]))))
            case _:
                return error(404, "Not Found")
        return ok(True)

    async def _refuse_for(self, seconds: float) -> None:
        await self.server.refuse()
        await asyncio.sleep(seconds)
        await self.server.listen()


def _given(asked: Asked) -> dict[str, object]:
    if asked.headers.get("content-type", "").startswith("application/json"):
        given = json.loads(asked.body)
        return given if isinstance(given, dict) else {}
    return dict(parse_qsl(asked.body.decode(), keep_blank_values=True, strict_parsing=bool(asked.body)))


def _message(parameters: dict[str, object], line: dict[str, object]) -> dict[str, object]:
    message: dict[str, object] = {
        "message_id": line["message_id"],
        "date": int(time.time()),
        "chat": {"id": parameters["chat_id"], "type": "private", "first_name": "Person"},
        "text": parameters["text"],
    }
    if "reply_markup" in parameters:
        message["reply_markup"] = parameters["reply_markup"]
    return message


@asynccontextmanager
async def running(journal: Path | None = None, *, token: str = TOKEN, port: int = 0) -> AsyncIterator[BotApi]:
    """The double, listening for as long as the block runs."""
    api = BotApi(token=token, journal=DiskJournal(journal))
    api.server.port = port
    await api.server.listen()
    try:
        yield api
    finally:
        await api.server.refuse()
        api.journal.close()


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--token", default=TOKEN)
    options = parser.parse_args()
    async with running(options.journal, token=options.token, port=options.port) as api:
        print(api.address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main())

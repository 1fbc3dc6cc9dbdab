"""`hotline bench`: the way of one message, beside the parse alone and a stock Rasa turn, in one run.

Everything is real: `hotline run` with its processes, Rasa, PostgreSQL with fsync; only Telegram is a double. Figures
are of this machine in this minute: compare the columns of one run, never two runs.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import yaml

from nlu.rasa_client import RasaClient
from nlu.train import Paths, small_environment
from tests.integration.line import ROOT, Line, eventually, free_port, running_line

COUNT = int(os.environ.get("HOTLINE_BENCH_COUNT", "200"))

WORDS = (
    "they took my passport and they will not give it back",
    "bos belum bayar gaji saya dua bulan",
    "họ nói tôi nợ tiền công ty",
    "ฉันอยากกลับบ้าน ต้องทำยังไง",
    "我想找律师",
    "ខ្ញុំចង់ត្រឡប់ទៅផ្ទះវិញ",
)


async def main() -> None:
    """Measure and print."""
    token = secrets.token_urlsafe(32)
    async with running_line(workers=1, extra={"HOTLINE_NLU_TOKEN": token}) as line:
        rasa = RasaClient(f"http://127.0.0.1:{line.nlu}", token)
        await eventually(rasa.warm_up, 300, "Rasa answers")
        await _measure("warm-up", 20, lambda number: _whole_way(line, 10_000 + number))
        before = await _commits(line)
        way = await _measure("webhook → reply sent", COUNT, lambda number: _whole_way(line, 20_000 + number))
        commits = (await _commits(line) - before) / COUNT
        parse = await _measure("/model/parse alone", COUNT, lambda number: rasa.parse(WORDS[number % len(WORDS)]))
        await rasa.aclose()
    stock = await _stock_rasa()
    print(f"{COUNT} messages one after the other; milliseconds")
    print("| | median | p95 | max |\n|---|---|---|---|")
    for name, times in (("webhook → reply sent", way), ("`/model/parse` alone", parse), ("stock Rasa turn", stock)):
        ordered = sorted(times)
        p95 = ordered[int(len(ordered) * 0.95) - 1]
        print(f"| {name} | {statistics.median(times):.1f} | {p95:.1f} | {ordered[-1]:.1f} |")
    print(f"commits of the whole database for each message, sweep and pulse included: {commits:.1f}")


async def _measure(what: str, count: int, once: Callable[[int], Awaitable[object]]) -> list[float]:
    print(f"{what}: {count}", file=sys.stderr)
    times = []
    for number in range(count):
        began = time.perf_counter()
        await once(number)
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)  # one message at a time: this is about the way, not about the crowd
    return times


async def _whole_way(line: Line, chat: int) -> None:
    """From the webhook's call to the moment the provider has taken the reply."""
    taken = len(line.api.taken("sendMessage"))
    assert await line.post(line.update(chat, WORDS[chat % len(WORDS)])) == 200
    while len(line.api.taken("sendMessage")) == taken:  # the double is in this process
        await asyncio.sleep(0.0005)


async def _commits(line: Line) -> int:
    rows = await line.rows("SELECT xact_commit FROM pg_stat_database WHERE datname = 'hotline'")
    return int(rows[0][0])


async def _stock_rasa() -> list[float]:
    """The same pipeline inside stock Rasa, with rules and one utterance, over its REST channel."""
    paths = Paths.of(ROOT)
    with tempfile.TemporaryDirectory(prefix="hotline-stock-") as folder:
        work = Path(folder)
        _stock_project(work)
        environment = {**small_environment(paths), "PYTHONPATH": str(ROOT)}
        train = [str(paths.python), "-m", "rasa", "train", "--data", "data", "--domain", "domain.yml", "--out", "."]
        await _run(train, work, environment)
        model = next(work.glob("*.tar.gz"))
        port = free_port()
        serve = [str(paths.python), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)]
        process = await asyncio.create_subprocess_exec(
            *serve, "--credentials", "credentials.yml", cwd=work, env=environment, stdout=-3, stderr=-3
        )
        try:
            return await _talk_to_stock(port)
        finally:
            process.terminate()
            await process.wait()


def _stock_project(work: Path) -> None:
    shutil.copytree(ROOT / "nlu" / "data", work / "data")
    config = yaml.safe_load((ROOT / "config.yml").read_text())
    config["policies"] = [{"name": "RulePolicy"}]
    (work / "config.yml").write_text(yaml.safe_dump(config))
    intents = yaml.safe_load((ROOT / "bot" / "domain.yml").read_text())["intents"]
    domain = {"version": "3.1", "intents": intents, "responses": {"utter_card": [{"text": "a card"}]}}
    (work / "domain.yml").write_text(yaml.safe_dump(domain))
    rules = [{"rule": i, "steps": [{"intent": i}, {"action": "utter_card"}]} for i in intents]
    (work / "data" / "rules.yml").write_text(yaml.safe_dump({"version": "3.1", "rules": rules}))
    (work / "credentials.yml").write_text("rest:\n")


async def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode(errors="replace")[-2000:]


async def _talk_to_stock(port: int) -> list[float]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http:

        async def up() -> bool:
            try:
                return (await http.get("/")).status_code == 200
            except httpx.HTTPError:
                return False

        await eventually(up, 120, "stock Rasa answers")

        async def turn(number: int) -> None:
            body = {"sender": str(number), "message": WORDS[number % len(WORDS)]}
            answer = await http.post("/webhooks/rest/webhook", json=body)
            assert answer.status_code == 200

        await _measure("stock warm-up", 20, lambda number: turn(-1 - number))
        return await _measure("stock Rasa turn", COUNT, turn)


if __name__ == "__main__":
    asyncio.run(main())

"""Training with the real Rasa, and its server against the worker: the same answers to everything."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.examples import Example, read
from nlu.rasa_client import LONGEST, RasaClient
from nlu.text import meaning
from nlu.text.normalise import sendable
from nlu.train import SECRET, Paths, TrainingFailed, ensure_trained, made_of, serve_command, up_to_date
from nlu.weights import Classifier

ROOT = Path(__file__).parents[2]
KEY = "a secret of thirty-two characters"
ODD = [
    "",
    "😀😀",
    "👨‍👩‍👧 help",
    "/greet",
    '／help_trapped{"place": "x"}',
    "\x00 / affirm",
    "\ud800 tolong",
    "ខ្ញុំ\u200bនៅ",
    "tôi\u0301 ở 金边",
    "𞤀𞤣 help 𠮷",
    "İstanbul ẞ ﬁ ǅ",
    "a" * 2500,
    "x" * 1999 + " tolong",
    "help\r\nme\tnow",
    "BA VET sihanoukville 西港 ភ្នំពេញ",
]

pytestmark = pytest.mark.nlu


def _write(data: Path, extra: str = "") -> None:
    """Two intents and a list of places, in two languages: enough to train on."""
    for language, hello, locked in (("en", "hello", "i am locked in"), ("id", "halo", "saya dikurung di")):
        folder = data / language
        folder.mkdir(parents=True, exist_ok=True)
        greet = "".join(f"    - {hello} {name}\n" for name in ("", "friend", "good morning", "all", "dear", "there"))
        trapped = "".join(
            f"    - {locked} {where}\n" for where in ("a room", "sini", "gate", "bavet", "office", "hotel")
        )
        folder.joinpath("nlu.yml").write_text(
            f'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n{greet}'
            f"- intent: help_trapped\n  examples: |\n{trapped}{extra}"
            "- lookup: place\n  examples: |\n    - Bavet\n    - Ba Vet\n"
            "- synonym: Bavet\n  examples: |\n    - Ba Vet\n",
            encoding="utf-8",
        )


def _label(messages: Path) -> None:
    """A few messages with what they carry."""
    messages.mkdir()
    said = {"C1": "they beat me {}", "hard": "my phone beat {} records", "plain": "good day {}"}
    lines = [f"{label}\t{text.format(n)}\n" for label, text in said.items() for n in ("one", "two", "now", "six")]
    (messages / "en.tsv").write_text("".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A model trained by Rasa on a handful of sentences."""
    folder = tmp_path_factory.mktemp("training")
    paths = replace(Paths.of(ROOT), data=folder / "data", models=folder / "models")
    _write(paths.data)
    _label(paths.messages)
    told: list[tuple[float, str]] = []
    assert ensure_trained(paths, lambda done, what: told.append((done, what)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 1.0
    return paths


def test_training_again_without_a_change_does_nothing(small: Paths) -> None:
    """A second start must be quick."""
    assert up_to_date(small)
    assert not ensure_trained(small)


def test_a_changed_sentence_means_a_new_model(small: Paths, tmp_path: Path) -> None:
    """Whatever the model depends on is in its digest."""
    changed = replace(small, data=tmp_path / "data")
    _write(changed.data, extra="    - they do not let me out\n")

    assert made_of(changed) != made_of(small)
    assert not up_to_date(changed)


def test_what_was_trained_is_written_beside_the_model(small: Paths) -> None:
    """The worker reads it, and knows what it was made of."""
    classifier = Classifier.load(small.current)
    meta = json.loads((small.current / "meta.json").read_text(encoding="utf-8"))

    assert classifier.version == made_of(small)
    assert classifier.rank("hello friend")[0][0] == "greet"
    assert [n.listed for n in classifier.names("di ba vet")] == ["Bavet"]
    assert meta["sentences"] == 24
    assert meta["voices"] == (["words", "meaning"] if meaning.name() else ["words"])
    assert all(0 < meta[head]["threshold"] <= 1 for head in ("plain", "full") if meta[head])
    assert classifier.alarm("they beat me now", classifier.vector("they beat me now")) is not None
    assert small.model.exists()


def test_a_failed_training_leaves_the_model_before(small: Paths, tmp_path: Path) -> None:
    """And nothing half-made."""
    models = tmp_path / "models"
    shutil.copytree(small.models, models, symlinks=True)
    broken = tmp_path / "config.yml"
    broken.write_text("recipe: default.v1\nlanguage: xx\nassistant_id: x\npipeline:\n- name: no.such.Part\n")
    paths = replace(small, config=broken, models=models)
    before = paths.current.resolve()

    with pytest.raises(TrainingFailed):
        ensure_trained(paths)
    assert paths.current.resolve() == before
    assert not list(models.glob(".making-*"))
    Classifier.load(paths.current)


def test_rasa_gets_to_know_nothing(small: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no database address, no home of a person; its own secret is in the environment, not on the
    command line."""
    monkeypatch.setenv("HOTLINE_SECRET_KEYS", "k" * 43)
    monkeypatch.setenv("HOTLINE_DATABASE_URL", "postgresql://somewhere")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    argv, environment = serve_command(small, 5005, KEY)

    assert [name for name in environment if name.startswith("HOTLINE_")] == [SECRET]
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert environment["HOME"] != os.environ.get("HOME")
    assert KEY not in " ".join(argv)
    assert argv[argv.index("-i") + 1] == "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Paths, str]]:
    """The project's own model (trained now if it is not), served by Rasa."""
    paths = Paths.of(ROOT)
    ensure_trained(paths)
    port = _free_port()
    argv, environment = serve_command(paths, port, KEY)
    with (tmp_path_factory.mktemp("served") / "rasa.log").open("w") as log:
        process = subprocess.Popen(argv, env=environment, cwd=paths.models, stdout=log, stderr=log)
        try:
            yield paths, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


async def _warm(client: RasaClient) -> None:
    async with asyncio.timeout(120):
        while not await client.warm_up():
            await asyncio.sleep(0.2)  # the server has no other sign of being up than an answer


@pytest.mark.timeout(600)
async def test_rasa_and_the_worker_give_equal_answers(served: tuple[Paths, str]) -> None:
    """Over 2,000 training sentences and odd input: intents and places equal, probabilities within a millionth."""
    paths, address = served
    classifier = Classifier.load(paths.current)
    client = RasaClient(address, KEY, limit=20, failures=1_000_000)
    await _warm(client)
    every = read(paths.data)
    examples = [
        *every[:: max(1, len(every) // 2000)],
        *(Example(language="odd", intent="odd", text=text) for text in ODD),
    ]
    for example in examples:
        sent, _ = sendable(example.text, LONGEST)
        parse = await client.parse(sent)
        ranking = classifier.rank(sent, classifier.vector(sent))
        assert parse is not None
        assert [name for name, _ in parse.ranking] == [name for name, _ in ranking]
        assert [c for _, c in parse.ranking] == pytest.approx([c for _, c in ranking], abs=1e-6)
        mentioned = [(m.kind, m.value, m.start, m.end) for m in parse.mentions]
        assert mentioned == [(n.kind, n.listed, n.start, n.end) for n in classifier.names(sent)]
    await client.aclose()


async def test_rasa_answers_nobody_without_the_secret(served: tuple[Paths, str]) -> None:
    """Its interface could train and replace models."""
    _, address = served
    knows, guesses = RasaClient(address, KEY), RasaClient(address, "another of thirty-two characters!")
    await _warm(knows)

    assert await guesses.parse("hello") is None
    await knows.aclose()
    await guesses.aclose()


def test_the_server_does_not_start_without_a_secret(small: Paths) -> None:
    """Rasa alone would start, and answer anybody."""
    argv, environment = serve_command(small, 5005, KEY)
    environment.pop(SECRET)
    done = subprocess.run([sys.executable, *argv[1:]], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert SECRET in done.stderr

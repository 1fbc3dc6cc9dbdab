"""Training: Rasa learns in its own environment; its weights are laid beside the model for the worker.

`models/current` is a link to a folder named after what the model was made of, and is replaced in one step. So
"is it up to date?" is one comparison, and nobody ever reads half a model.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nlu.examples import Example, read, training_files
from nlu.labelled import Labelled, training_messages
from nlu.laid_out import MODEL, lay_out, make_newest
from nlu.language_table import language_files
from nlu.learning import run
from nlu.places import SECRET, Paths, serve_command, small_environment
from nlu.text import meaning
from nlu.text.kept import KeptVectors
from nlu.text.marks import with_unmarked
from nlu.weights import META, Classifier

__all__ = ["SECRET", "Paths", "ensure_trained", "made_of", "serve_command", "small_environment", "train", "up_to_date"]

Progress = Callable[[float, str], None]
"""Told how much is done (0..1) and what is being done."""

FORMAT = "2"
"""Raise it when what training writes changes, so that every model is made anew."""

_SHARED = (
    "normalise.py",
    "han.py",
    "script.py",
    "tokens.py",
    "features.py",
    "meaning.py",
    "linear.py",
    "marks.py",
    "kept.py",
    "names.py",
    "found.py",
    "quantities.py",
)


class TrainingFailed(RuntimeError):
    """Rasa did not train a model; its words are in `models/train.log`."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


def made_of(paths: Paths) -> str:
    """A digest of everything that a model depends on: sentences, pipeline, our code that trains. No Rasa
    needed."""
    here = Path(__file__).parent
    sources = [
        paths.config,
        *sorted((here / "components").glob("*.py")),
        *(here / "text" / name for name in _SHARED),
        *sorted(path for path in here.glob("language_*") if path.is_file()),
        *language_files(),
        here / "requirements.txt",
        *sorted(paths.messages.glob("*.tsv")),
    ]
    named = [(path.name, path) for path in sources if path.exists()]
    named += [(path.relative_to(paths.data).as_posix(), path) for path in training_files(paths.data)]
    digest = hashlib.sha256(f"{FORMAT} {meaning.name()}".encode())
    for name, path in named:
        digest.update(f"\0{name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def up_to_date(paths: Paths) -> bool:
    """Whether the newest model was made of what is there now; a few milliseconds."""
    try:
        meta = json.loads((paths.current / META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return paths.model.exists() and isinstance(meta, dict) and meta.get("made_of") == made_of(paths)


def ensure_trained(paths: Paths, progress: Progress = lambda done, what: None) -> bool:
    """Train unless the model is up to date. True if it trained. Two at once: the second waits, and finds it
    done.

    Raises:
        TrainingFailed, OSError, ValueError: there is no new model; the one before stays as it was.
    """
    if up_to_date(paths):
        return False
    with _alone(paths.models):
        if up_to_date(paths):
            return False
        for left in paths.models.glob(".making-*"):  # by a training that was killed
            shutil.rmtree(left, ignore_errors=True)
        train(paths, progress)
    return True


def train(paths: Paths, progress: Progress = lambda done, what: None) -> None:
    """Train a model and make it the newest.

    Raises:
        TrainingFailed, OSError, ValueError: as `ensure_trained`.
    """
    version = made_of(paths)
    examples, messages = read(paths.data), training_messages(paths.messages)
    work = paths.models / f".making-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        (paths.models / "train.log").unlink(missing_ok=True)
        _encode(paths, [*examples, *messages], progress)
        _run_rasa(paths, work, progress)
        if messages:  # else there is no learnt voice for danger
            _learn_danger(paths, work, examples, messages, progress)
        progress(0.97, "laying out the weights")
        lay_out(work, examples, messages, version)
        Classifier.load(work)  # what the worker cannot read is no model
        make_newest(paths.models, work, version)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress(1.0, "done")


def _encode(paths: Paths, sentences: list[Example | Labelled], progress: Progress) -> None:
    """The meaning of every sentence, once, for all that learn from them."""
    texts, _ = with_unmarked([sentence.text for sentence in sentences])
    kept = KeptVectors(paths.vectors)
    kept.of(texts, lambda done, of: progress(0.01 + 0.48 * done / of, "reading the sentences"))
    kept.keep()


def _run_rasa(paths: Paths, work: Path, progress: Progress) -> None:
    progress(0.5, "starting Rasa")
    module = ["nlu.components.learn", "nlu", "--nlu", str(paths.data)]
    module += ["--config", str(paths.config), "--out", str(work), "--fixed-model-name", "model"]
    _run(paths, work, module, lambda share: progress(0.55 + 0.35 * share, "learning what people ask"))
    if not (work / MODEL).exists():
        raise TrainingFailed


def _learn_danger(
    paths: Paths, work: Path, examples: list[Example], messages: list[Labelled], progress: Progress
) -> None:
    """The learnt voice for danger."""
    progress(0.9, "learning danger")
    given = {
        "messages": [(message.labels[0], message.text) for message in messages],
        "examples": [(example.intent, example.text) for example in examples],
    }
    module = ["nlu.components.danger", str(work)]
    _run(paths, work, module, lambda share: progress(0.9 + 0.06 * share, "learning danger"), json.dumps(given))


def _run(paths: Paths, work: Path, module: list[str], progress: Callable[[float], None], given: str = "") -> None:
    command = [str(paths.python), "-m", *module]
    environment = small_environment(paths)
    if run(command, environment, work, given, kept=paths.models / "train.log", progress=progress) != 0:
        raise TrainingFailed


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    """One training at a time on this folder; the lock falls with the process."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Train if needed, with a line for each step; `python -m nlu.train`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that Rasa is ended too
    paths = Paths.of(Path(__file__).parent.parent)
    trained = ensure_trained(paths, lambda done, what: print(f"{done:4.0%} {what}", flush=True))
    print("trained" if trained else "up to date")


if __name__ == "__main__":
    main()

"""Training: Rasa learns in its own environment; its weights are laid beside the model for the worker.

`models/current` is a link to a folder named after what the model was made of, and is replaced in one step. So
"is it up to date?" is one comparison, and nobody ever reads half a model.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nlu.examples import read, training_files
from nlu.laid_out import CURRENT, MODEL, lay_out, make_newest
from nlu.weights import META, Classifier

Progress = Callable[[float, str], None]
"""Told how much is done (0..1) and what is being done."""

FORMAT = "1"
"""Raise it when what training writes changes, so that every model is made anew."""

SECRET = "HOTLINE_NLU_SECRET"  # noqa: S105 - the name of the variable that `nlu.components.serve` reads
_SHARED = ("normalise.py", "script.py", "tokens.py", "features.py", "linear.py", "names.py")
_STEP = re.compile(r"hotline progress (\d+)/(\d+)")


class TrainingFailed(RuntimeError):
    """Rasa did not train a model; its words are in `models/train.log`."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Where things are."""

    root: Path  # the project: Rasa finds `nlu.components` here
    data: Path  # <language>/*.yml
    config: Path  # the pipeline
    models: Path  # everything trained; may be deleted at any time
    python: Path  # of the environment that Rasa is installed in

    @classmethod
    def of(cls, root: Path, *, models: Path | None = None) -> Paths:
        """The usual places under the project's folder."""
        return cls(
            root=root,
            data=root / "nlu" / "data",
            config=root / "config.yml",
            models=models or root / "models",
            python=root / ".venv-nlu" / "bin" / "python",
        )

    @property
    def current(self) -> Path:
        """The newest model's folder (a link)."""
        return self.models / CURRENT

    @property
    def model(self) -> Path:
        """The newest model as Rasa loads it."""
        return self.current / MODEL


def made_of(paths: Paths) -> str:
    """A digest of everything that a model depends on: sentences, pipeline, our code that trains. No Rasa
    needed."""
    here = Path(__file__).parent
    sources = [
        paths.config,
        *sorted((here / "components").glob("*.py")),
        *(here / "text" / name for name in _SHARED),
        here / "language_model.py",
        here / "language_words.yml",
        here / "requirements.txt",
    ]
    named = [(path.name, path) for path in sources if path.exists()]
    named += [(path.relative_to(paths.data).as_posix(), path) for path in training_files(paths.data)]
    digest = hashlib.sha256(FORMAT.encode())
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
    examples = read(paths.data)
    work = paths.models / f".making-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        _run_rasa(paths, work, progress)
        progress(0.97, "laying out the weights")
        lay_out(work, examples, version)
        Classifier.load(work)  # what the worker cannot read is no model
        make_newest(paths.models, work, version)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress(1.0, "done")


def serve_command(paths: Paths, port: int, secret: str) -> tuple[list[str], dict[str, str]]:
    """What the supervisor starts: stock `rasa run` on the loopback. The secret is in the environment alone.

    Returns the argument vector and the whole environment; run it in `paths.models`.
    """
    argv = [str(paths.python), "-m", "nlu.components.serve", "run", "--enable-api", "-i", "127.0.0.1"]
    argv += ["-p", str(port), "-m", str(paths.model)]
    return argv, {**small_environment(paths), SECRET: secret}


def small_environment(paths: Paths) -> dict[str, str]:
    """All that Rasa gets to know: no key, no database address, a home of its own, nothing to report to."""
    home = paths.models / ".home"
    home.mkdir(parents=True, exist_ok=True)
    machine = {name: value for name, value in os.environ.items() if name.startswith(("OPENBLAS_", "OMP_"))}
    return {
        **machine,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "MPLCONFIGDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(paths.root),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }


def _run_rasa(paths: Paths, work: Path, progress: Progress) -> None:
    progress(0.01, "starting Rasa")
    command = [str(paths.python), "-m", "nlu.components.learn", "nlu", "--nlu", str(paths.data)]
    command += ["--config", str(paths.config), "--out", str(work), "--fixed-model-name", "model"]
    with (paths.models / "train.log").open("w", encoding="utf-8") as kept:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
            command,
            cwd=work,
            env=small_environment(paths),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        with _ended(process):
            for line in process.stdout or ():
                kept.write(line)
                if step := _STEP.search(line):
                    progress(0.1 + 0.85 * int(step[1]) / int(step[2]), "learning what people ask")
            process.wait()
    if process.returncode != 0 or not (work / MODEL).exists():
        raise TrainingFailed


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """Whatever happens inside, the process does not outlive it."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


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

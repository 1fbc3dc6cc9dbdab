"""Where the model and what it is made of are, and how Rasa is started there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from nlu.laid_out import CURRENT, MODEL
from nlu.text.kept import VARIABLE

SECRET = "HOTLINE_NLU_SECRET"  # noqa: S105 - the name of the variable that `nlu.components.serve` reads


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
    def messages(self) -> Path:
        """The labelled messages, <language>.tsv; beside the data."""
        return self.data.parent / "messages"

    @property
    def vectors(self) -> Path:
        """The meanings of all sentences, kept from one training to the next."""
        return self.models / "vectors.npz"

    @property
    def current(self) -> Path:
        """The newest model's folder (a link)."""
        return self.models / CURRENT

    @property
    def model(self) -> Path:
        """The newest model as Rasa loads it."""
        return self.current / MODEL


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
        VARIABLE: str(paths.vectors),
    }

"""Rasa's own validation passes on Rasa's own files, warnings included."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nlu.train import Paths, small_environment

ROOT = Path(__file__).parents[2]


@pytest.mark.nlu
def test_rasa_data_validate_is_clean(tmp_path: Path) -> None:
    """It returns 0 on a missing folder too (`pitfalls.md`): that the folders are there, other tests say."""
    paths = Paths.of(ROOT, models=tmp_path)
    command = [str(paths.python), "-m", "rasa", "data", "validate", "--fail-on-warnings"]
    command += ["--domain", str(ROOT / "bot/domain.yml"), "--config", str(ROOT / "config.yml")]
    command += ["--data", str(paths.data), str(ROOT / "bot/rules.yml")]
    before = (ROOT / "config.yml").read_bytes()
    done = subprocess.run(
        command, cwd=tmp_path, env=small_environment(paths), capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "WARNING" not in done.stderr
    assert (ROOT / "config.yml").read_bytes() == before, "Rasa rewrites a config without assistant_id"

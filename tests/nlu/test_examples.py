"""Reading Rasa's training files outside Rasa."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.examples import Example, read

FILE = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - hi   there
- intent: help_trapped
  examples: |
    - i am locked in [Ba Vet](place)
    - they hold us in [kk park]{"entity": "place", "value": "KK Park"}
- lookup: place
  examples: |
    - Bavet
"""


def test_examples_are_read_with_their_language(tmp_path: Path) -> None:
    """Entity marks are gone, lists of places are no sentences."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "nlu.yml").write_text(FILE, encoding="utf-8")

    assert read(tmp_path) == [
        Example(language="en", intent="greet", text="hello"),
        Example(language="en", intent="greet", text="hi there"),
        Example(language="en", intent="help_trapped", text="i am locked in Ba Vet", entities=(("place", 15, 21),)),
        Example(language="en", intent="help_trapped", text="they hold us in kk park", entities=(("place", 16, 23),)),
    ]


def test_a_file_that_is_no_training_file_is_refused(tmp_path: Path) -> None:
    """By its name, so that it can be found."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "nlu.yml").write_text("- just\n- a list\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"nlu\.yml"):
        read(tmp_path)

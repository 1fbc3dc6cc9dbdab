"""Languages that put what others say with words at the end of the word: stems and endings are listed apart."""

from __future__ import annotations

from typing import Any

import pytest

from nlu.text.phrases import Matcher

_FILE: dict[str, Any] = {
    "language": "xx",
    "endings": {"person": ["en", "et", ""], "case": ["u", "a"]},
    "words": {"hit": ["schlag~person", "tritt~person mich"], "me": ["mir~case"]},
    "phrases": [{"trigger": "C1", "say": ["<hit>", "<me> .. stoss~person"]}],
}


@pytest.mark.parametrize("text", ["schlagen", "schlaget", "schlag", "tritten mich", "miru stosset", "mira da stoss"])
def test_a_stem_stands_with_each_of_its_endings(text: str) -> None:
    assert Matcher(_FILE).scan(text).hits


def test_endings_that_nobody_listed_are_an_error() -> None:
    with pytest.raises(ValueError, match="no endings ~tense"):
        Matcher({**_FILE, "phrases": [{"trigger": "C1", "say": ["schlag~tense"]}]})

"""Languages that put the verb last deny it behind: a phrase file lists how under `denials_after`."""

from __future__ import annotations

from typing import Any

import pytest

from nlu.text.phrases import Matcher

_FILE: dict[str, Any] = {
    "language": "xx",
    "words": {"they": ["they"], "me": ["me"], "hit": ["hit"]},
    "phrases": [{"trigger": "C1", "say": ["<me> .. <hit>"]}, {"trigger": "C2", "say": ["<they> sell"]}],
    "denials_after": ["not", "never did"],
    "doubts": ["then"],
    "breaks": ["but"],
}


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("they me hit not", "denied"),
        ("they me hit ever not", "denied"),
        ("they me hit never did", "denied"),
        ("they me hit", "asserted"),
        ("they me hit, not go", "asserted"),
        ("they me hit but not kill", "asserted"),
        ("they me hit they not eat", "asserted"),
        ("they me hit today now here not", "asserted"),
        ("they me hit not then pay", "unsure"),
    ],
)
def test_a_denial_behind_the_verb_counts_only_close_and_unbroken(text: str, polarity: str) -> None:
    (hit,) = Matcher(_FILE).scan(text).hits
    assert hit.polarity == polarity


def test_a_language_that_lists_none_is_not_denied_from_behind() -> None:
    (hit,) = Matcher({**_FILE, "denials_after": []}).scan("they me hit not").hits
    assert hit.polarity == "asserted"

"""A message that asks for two things is heard as two, and one that asks for one is not cut up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.clauses import clauses
from nlu.understand import Understander
from nlu.weights import Classifier
from tests.nlu import small_model

_AND = frozenset({"and", "และ"})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("they took my passport and dont pay me", ["they took my passport", "dont pay me"]),
        ("they took my passport, dont pay me", ["they took my passport", "dont pay me"]),
        ("they took my passport. ok", []),  # one word is no wish
        ("he and i are here", []),
        ("เขายึดพาสปอร์ตและไม่จ่ายเงิน", ["เขายึดพาสปอร์ต", "ไม่จ่ายเงิน"]),
        ("", []),
        ("and and and", []),
        (", ".join(["one two"] * 20), []),  # no list of wishes
    ],
)
def test_clauses(text: str, parts: list[str]) -> None:
    assert clauses(text, _AND) == parts


@given(st.text())
def test_no_text_is_too_odd_to_cut(text: str) -> None:
    assert all(part in text for part in clauses(text, _AND))


async def test_both_wishes_are_heard_and_a_greeting_is_none(tmp_path: Path) -> None:
    small_model.write(tmp_path / "model")
    understander = Understander(classifier=Classifier.load(tmp_path / "model"), threshold=0.5)
    said = await understander.understand("hello hello dear, i am trapped trapped here, give me a human human")
    assert (said.intent, said.also) == ("help_trapped", ("talk_to_human",))
    said = await understander.understand("hello dear all")
    assert (said.intent, said.also) == ("greet", ())

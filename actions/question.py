"""What a question is, whatever asks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question as data: `actions/questions.yml`, or a step of `actions/screening.yml`."""

    id: str  # catalogue key
    then: str  # action that takes the answer
    choices: tuple[tuple[str, str], ...]  # (value, catalogue key of its label)
    words: Mapping[str, str]  # how people answer in words: name in the phrase files → value

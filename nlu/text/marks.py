"""Sentences once more as phones type them: without the marks of Latin letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlu.text.normalise import normalise, plain
from nlu.text.script import LATIN, dominant


def with_unmarked(texts: Sequence[str]) -> tuple[list[str], Any]:
    """The sentences, then those in Latin script that have marks without them; and for each the place of its
    original."""
    places = [place for place, text in enumerate(texts) if _has_marks(text)]
    return [*texts, *(plain(normalise(texts[place])) for place in places)], np.array([*range(len(texts)), *places], int)


def _has_marks(text: str) -> bool:
    return dominant(text) == LATIN and plain(normalise(text)) != normalise(text)

"""Traditional Chinese characters as their simplified form, so that one list of words finds both spellings (OpenCC).

Character by character: every position of a text stays what it was. Which of the two a person writes is told before
this, from the text as received (`nlu.language`).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import opencc

_FIRST, _LAST = "\u3400", "\u9fff"


@lru_cache(maxsize=16384)
def simplified(character: str) -> str:
    """The simplified form of one character; whatever else is given stays as it is."""
    if not _FIRST <= character <= _LAST:
        return character
    folded: str = _table().convert(character)
    return folded if len(folded) == 1 else character


@cache
def _table() -> Any:
    return opencc.OpenCC("t2s")

"""What the classifier looks at: words, pairs of words, and pieces of one to four characters inside words.

The recipe measured best for few examples in many languages (`nlu.md` §3). The pieces carry spelling variants,
unaccented text and languages whose words we cut badly.
"""

from __future__ import annotations

from itertools import pairwise

from nlu.text.normalise import normalise
from nlu.text.tokens import words

LONGEST_PIECE = 4
"""Characters in the longest piece; the spaces around a word count."""


def features(text: str) -> list[str]:
    """All features of a message as received, repeated as often as they occur; empty for empty or emoji
    text."""
    parts = words(normalise(text))
    return word_features(parts) + piece_features(parts)


def word_features(parts: list[str]) -> list[str]:
    """One feature for each word and each pair of neighbours; the message's ends are neighbours too (one point
    better)."""
    if not parts:
        return []
    pairs = [f"w:{first} {second}" for first, second in pairwise(["^", *parts, "$"])]
    return [f"w:{part}" for part in parts] + pairs


def piece_features(parts: list[str], longest: int = LONGEST_PIECE) -> list[str]:
    """One feature for each piece of one to `longest` characters of each word with a space on either side."""
    found: list[str] = []
    for part in parts:
        padded = f" {part} "
        for length in range(1, longest + 1):
            for start in range(max(1, len(padded) - length + 1)):
                piece = padded[start : start + length]
                if piece != " ":
                    found.append(f"c:{piece}")
    return found

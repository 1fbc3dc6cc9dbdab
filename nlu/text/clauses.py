"""A message cut into what may each be a wish of its own: "they took my passport and dont pay me, hello?"."""

from __future__ import annotations

from collections.abc import Collection

from nlu.text.tokens import Token, tokens

_STOPS = frozenset(".,;:!?\n\r…،؛。，；！？、។៕॥।|/")
_LEAST = 2  # words that a clause has
_MOST = 6  # clauses looked at; a long rant is no list of wishes


def clauses(text: str, joints: Collection[str]) -> list[str]:
    """The clauses of a text, in order, where it has more than one; [] else. Never raises.

    `joints` are words that join two wishes ("and", "also", "และ"), lower case. What is shorter than two words belongs
    to the clause before it.
    """
    groups: list[list[Token]] = [[]]
    end = 0
    for token in tokens(text):
        stopped = any(c in _STOPS for c in text[end : token.start])
        joined = token.text.casefold() in joints
        if (stopped or joined) and len(groups[-1]) >= _LEAST:
            groups.append([])
        if not joined:
            groups[-1].append(token)
        end = token.end
    if len(groups) > 1 and len(groups[-1]) < _LEAST:
        last = groups.pop()
        groups[-1] += last
    if not 1 < len(groups) <= _MOST:
        return []
    return [text[group[0].start : group[-1].end] for group in groups]

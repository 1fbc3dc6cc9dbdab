"""Which line about a human is true now (design §2.9). Pure: it is told the cover and cannot invent any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Presence = Literal["on_shift", "on_call", "nobody"]


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Who can be reached at one moment, read in the transaction that says so."""

    on_shift: tuple[frozenset[str], ...] = ()  # the languages of each person on shift with a screen that answers
    on_call: bool = False  # somebody can be paged elsewhere, and the last page there did not fail


@dataclass(frozen=True, kw_only=True)
class HumanTruth:
    """What may be said about a human. `speaks` is never true without somebody on shift."""

    presence: Presence
    speaks: bool  # somebody on shift speaks the person's language


def truth(cover: Cover, language: str | None) -> HumanTruth:
    """The one true statement about a human for a person who reads `language` (None = not known)."""
    if cover.on_shift:
        return HumanTruth(presence="on_shift", speaks=any(_speaks(spoken, language) for spoken in cover.on_shift))
    return HumanTruth(presence="on_call" if cover.on_call else "nobody", speaks=False)


def _speaks(spoken: frozenset[str], language: str | None) -> bool:
    """`zh` covers `zh-Hans`; the other way round would promise a script that nobody said they read."""
    return language is not None and (language in spoken or language.split("-")[0] in spoken)

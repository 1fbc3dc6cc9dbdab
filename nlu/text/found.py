"""What is found in a text by its words alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Name:
    """One name found: what kind, as it is listed, and its span in the text as given."""

    kind: str
    listed: str
    start: int
    end: int

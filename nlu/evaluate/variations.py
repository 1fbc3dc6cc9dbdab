"""The same danger in other words' clothes: a level must not fall because of a slip, lost marks, a mixed language, a
message sent in two parts, or another person telling it (metamorphic pairs)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml
from anyascii import anyascii

from bot.core.ladder import Level
from nlu.evaluate.judging import Judge, Judged
from nlu.evaluate.measures import Share
from nlu.text.normalise import normalise, plain
from nlu.text.script import LATIN, dominant

_WORD = re.compile(r"\w{4,}")


def of(text: str, language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every variation that this text has: its kind, and the message or messages it becomes."""
    if (slipped := typing_error(text)) != text:
        yield "typing error", (slipped,)
    bare = plain(normalise(text))
    if dominant(text) == LATIN and bare != normalise(text):
        yield "marks dropped", (bare,)
    if dominant(text) not in {LATIN, ""}:
        yield "romanised", (anyascii(text),)
    if len(parts := halves(text)) == 2:
        yield "split over two messages", parts
    for kind, form in _told().get(language, {}).items():
        yield kind, (form.replace("{}", text),)


def typing_error(text: str) -> str:
    """Two neighbouring letters of one word swapped; the same text always gets the same slip.

    In scripts without spaces or with marks a letter is doubled instead, which is what a thumb does there.
    """
    words = [m for m in _WORD.finditer(text) if len(set(m.group())) > 1]
    if not words:
        return text
    draw = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    word = words[draw[0] % len(words)]
    if dominant(word.group()) != LATIN:
        at = word.start() + draw[1] % len(word.group())
        return text[: at + 1] + text[at] + text[at + 1 :]
    places = [i for i in range(word.start() + 1, word.end() - 1) if text[i] != text[i + 1]]
    if not places:
        return text
    at = places[draw[1] % len(places)]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def halves(text: str) -> tuple[str, ...]:
    """The text sent as two messages, cut at the space nearest the middle; whole where there is none."""
    spaces = [i for i, c in enumerate(text) if c == " "]
    if not spaces:
        return (text,)
    cut = min(spaces, key=lambda i: abs(i - len(text) / 2))
    return tuple(part for part in (text[:cut].strip(), text[cut:].strip()) if part)


async def kept(judged: Judged, judge: Judge) -> dict[str, dict[str, Share]]:
    """For each language and kind: of the critical messages that alarmed, those whose variation alarms as high."""
    counted: dict[str, dict[str, list[int]]] = {}
    for message, heard in judged.messages:
        if message.kind != "critical" or heard.level != Level.CRITICAL:
            continue
        for kind, parts in of(message.text, message.language):
            heard_parts = [await judge.hear(part, " ".join(parts[:n])) for n, part in enumerate(parts)]
            level = max(part.level for part in heard_parts)
            tally = counted.setdefault(message.language, {}).setdefault(kind, [0, 0])
            tally[0] += level == Level.CRITICAL
            tally[1] += 1
    return {
        language: {kind: Share(hits=tally[0], of=tally[1]) for kind, tally in sorted(kinds.items())}
        for language, kinds in sorted(counted.items())
    }


@cache
def _told() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        Path(__file__).with_name("variations.yml").read_text(encoding="utf-8")
    )
    return found

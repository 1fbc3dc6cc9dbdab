"""Vectors of sentences kept on disk, so that training again computes only what is new."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from nlu.text import meaning

VARIABLE = "NLU_VECTORS"
"""Names the file, for Rasa's environment."""

_KEY = 16  # bytes
_TOGETHER = 16  # sentences encoded by one call

Report = Callable[[int, int], None]


class KeptVectors:
    """A file of vectors. What is not in it is computed; `keep` writes it anew with what was asked for since."""

    def __init__(self, path: Path | None) -> None:
        """`path` need not exist; None keeps nothing. A broken file counts as none."""
        self._path = path
        self._known: dict[bytes, Any] = {}
        self._asked: set[bytes] = set()
        if path is not None and path.exists():
            try:
                with np.load(path, allow_pickle=False) as kept:
                    keys, vectors = kept["keys"].tobytes(), kept["vectors"]
                if len(keys) == _KEY * len(vectors) and vectors.shape[1:] == (meaning.DIMENSIONS,):
                    self._known = {keys[_KEY * i : _KEY * (i + 1)]: vector for i, vector in enumerate(vectors)}
            except (OSError, ValueError, KeyError, EOFError, BadZipFile):
                self._known = {}

    @classmethod
    def here(cls) -> KeptVectors:
        """The file that the environment names, if any."""
        path = os.environ.get(VARIABLE)
        return cls(Path(path) if path else None)

    def of(self, texts: Sequence[str], report: Report = lambda done, of: None) -> Any:
        """The vectors of sentences (float32, n × 384), zero where one has no words; None where there is no encoder."""
        encoder = meaning.encoder()
        if encoder is None:
            return None
        keys = [_key(text) for text in texts]
        self._asked.update(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        new = sorted(missing.items(), key=lambda item: (len(item[1]), item[0]))
        parts = [new[start : start + _TOGETHER] for start in range(0, len(new), _TOGETHER)]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            computed = pool.map(lambda part: encoder.vectors([text for _, text in part]), parts)
            for done, (part, vectors) in enumerate(zip(parts, computed, strict=True)):
                report(done, len(parts))
                for (key, _), vector in zip(part, vectors, strict=True):
                    self._known[key] = np.zeros(meaning.DIMENSIONS, np.float32) if vector is None else vector
        return np.stack([self._known[key] for key in keys]) if keys else np.zeros((0, meaning.DIMENSIONS), np.float32)

    def keep(self) -> None:
        """Write what was asked for, and nothing else, in one step.

        Raises:
            OSError: the file cannot be written.
        """
        if self._path is None or not self._asked:
            return
        keys = sorted(self._asked)
        part = self._path.with_suffix(f".{os.getpid()}.npz")
        packed = np.frombuffer(b"".join(keys), dtype=np.uint8)
        np.savez(part, keys=packed, vectors=np.stack([self._known[key] for key in keys]))
        part.replace(self._path)


def _key(text: str) -> bytes:
    return hashlib.sha256(f"{meaning.name()}\0{meaning.reading(text)}".encode("utf-8", "replace")).digest()[:_KEY]

"""The trained model in the worker: the same weights as inside Rasa, evaluated with numpy and a dictionary.

So losing Rasa changes nothing a person sees (design §8). `nlu.train` writes the folder, `ModelFolder`
notices.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nlu.language_model import LanguageModel
from nlu.text.linear import LinearModel
from nlu.text.names import Name, NameFinder

log = logging.getLogger(__name__)

META = "meta.json"
NAMES = "names.json"
DEFAULT_THRESHOLD = 0.35
"""Where training had too few sentences to choose one."""


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """Everything that was trained, ready to answer. Frozen: a new training makes a new one."""

    model: LinearModel
    finder: NameFinder
    synonyms: Mapping[str, str]  # lower-case spelling -> the one name
    languages: LanguageModel
    threshold: float  # the confidence from which an intent is believed
    version: str  # what it was made of; equal inputs give equal versions

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Read a folder that `nlu.train` wrote.

        Raises:
            OSError, ValueError, KeyError: a file is missing, broken, or does not belong to the others.
        """
        meta = json.loads((path / META).read_text(encoding="utf-8"))
        names = json.loads((path / NAMES).read_text(encoding="utf-8"))
        chosen = meta["threshold"]
        return cls(
            model=LinearModel.load(path),
            finder=NameFinder(names["listed"]),
            synonyms=names["synonyms"],
            languages=LanguageModel.load(path),
            threshold=DEFAULT_THRESHOLD if chosen is None else float(chosen),
            version=str(meta["made_of"]),
        )

    def rank(self, text: str) -> tuple[tuple[str, float], ...]:
        """Every intent with its probability, best first; () where there is nothing to go by."""
        return self.model.rank(text)

    def names(self, text: str) -> list[Name]:
        """The names mentioned, each in its one spelling."""
        return [
            Name(n.kind, self.synonyms.get(n.listed.lower(), n.listed), n.start, n.end) for n in self.finder.find(text)
        ]


class ModelFolder:
    """The folder where the newest model is, looked at before each message: a model trained later is picked
    up."""

    def __init__(self, path: Path) -> None:
        """`path` need not exist yet."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._loaded: Classifier | None = None

    @property
    def loaded(self) -> Classifier | None:
        """The model in use, None before the first training."""
        return self._loaded

    def changed(self) -> bool:
        """Whether the folder holds another model than the one in use; a few microseconds."""
        return self._stamp() not in {None, self._seen}

    def refresh(self) -> Classifier | None:
        """Load the newest model if there is one. A broken one is left alone, and the model in use stays.
        Never raises."""
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return self._loaded
        try:
            self._loaded = Classifier.load(self._path.resolve(strict=True))
        except Exception as error:  # whatever is wrong with it, the hotline goes on with what it has
            log.error("a trained model could not be loaded (%s)", type(error).__name__)
        self._seen = stamp
        return self._loaded

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = (self._path / META).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

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
from typing import Any

from nlu.language_model import LanguageModel
from nlu.text import meaning
from nlu.text.found import Name
from nlu.text.linear import Heads, Ranking
from nlu.text.names import NameFinder

log = logging.getLogger(__name__)

META = "meta.json"
NAMES = "names.json"
DEFAULT_THRESHOLD = 0.35
"""Where training had too few sentences to choose one."""

UNSURE = "H16"
"""The trigger for "not sure whether anyone is in danger"."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What the learnt voice has to say about danger."""

    trigger: str  # the likeliest critical one, or `UNSURE`
    chance: float  # that the message is critical


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The thresholds of one head."""

    intent: float  # the confidence from which an intent is believed
    high: float = 2.0  # the chance of danger from which a human has to look; 2 is out of reach
    critical: float = 2.0  # and from which it counts as critical


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """Everything that was trained, ready to answer. Frozen: a new training makes a new one.

    A message's vector (`vector`, a call to C of some 10 ms that lets other threads run) serves all questions. Without
    one (no encoder here, or another than the model was trained with) each question has a head that does with words.
    """

    intents: Heads
    danger: Heads | None  # None: trained without labelled messages
    triggers: Heads | None
    finder: NameFinder
    synonyms: Mapping[str, str]  # lower-case spelling -> the one name
    languages: LanguageModel
    encoder: meaning.Encoder | None
    chosen: Mapping[bool, Chosen]  # by whether the message has a vector
    version: str  # what it was made of; equal inputs give equal versions

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Read a folder that `nlu.train` wrote.

        Raises:
            OSError, ValueError, KeyError: a file is missing, broken, or does not belong to the others.
        """
        meta = json.loads((path / META).read_text(encoding="utf-8"))
        names = json.loads((path / NAMES).read_text(encoding="utf-8"))
        return cls(
            intents=Heads.load(path, "intents"),
            danger=_heads(path, "danger"),
            triggers=_heads(path, "triggers"),
            finder=NameFinder(names["listed"]),
            synonyms=names["synonyms"],
            languages=LanguageModel.load(path),
            encoder=meaning.encoder_of(meta["encoder"]),
            chosen={False: _chosen(meta, "plain"), True: _chosen(meta, "full")},
            version=str(meta["made_of"]),
        )

    @property
    def threshold(self) -> float:
        """The confidence from which an intent is believed, with what is there."""
        return self.chosen[self.encoder is not None].intent

    def vector(self, text: str) -> Any:
        """The message's meaning, None where it cannot be had. Blocks: call it in a thread. Never raises."""
        try:
            return self.encoder.vector(text) if self.encoder else None
        except Exception as error:  # then words have to do
            log.error("the encoder failed (%s)", type(error).__name__)
            return None

    def rank(self, text: str, vector: Any = None) -> Ranking:
        """Every intent with its probability, best first; () where there is nothing to go by."""
        return self.intents.rank(text, vector)

    def told(self, text: str) -> str | None:
        """The intent that a text's words alone are sure of: quick, for the parts of a message."""
        ranking = self.intents.rank(text)
        return ranking[0][0] if ranking and ranking[0][1] >= self.chosen[False].intent else None

    def alarm(self, text: str, vector: Any = None) -> Alarm | None:
        """Whether the message sounds critical, to one who has read only labelled messages and no phrases."""
        ranking = self.danger.rank(text, vector) if self.danger else ()
        chance = dict(ranking).get("critical", 0.0)
        chosen = self.chosen[vector is not None]
        if chance < chosen.high:
            return None
        likeliest = self.triggers.rank(text, vector) if self.triggers and chance >= chosen.critical else ()
        return Alarm(trigger=likeliest[0][0] if likeliest else UNSURE, chance=chance)

    def names(self, text: str) -> list[Name]:
        """The names mentioned, each in its one spelling."""
        return [
            Name(n.kind, self.synonyms.get(n.listed.lower(), n.listed), n.start, n.end) for n in self.finder.find(text)
        ]


def _heads(path: Path, name: str) -> Heads | None:
    return Heads.load(path, name) if (path / f"{name}.json").exists() else None


def _chosen(meta: Mapping[str, Any], head: str) -> Chosen:
    intent = (meta.get(head) or meta.get("plain") or {}).get("threshold")
    danger = (meta.get("danger") or {}).get(head) or {}
    thresholds = {name: float(danger[name]) for name in ("high", "critical") if name in danger}
    return Chosen(intent=DEFAULT_THRESHOLD if intent is None else float(intent), **thresholds)


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

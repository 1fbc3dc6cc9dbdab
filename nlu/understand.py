"""One message in, one `Understanding` out: language, intent, names, danger. It never raises (design §8).

Rasa answers if it is there in time; otherwise the worker asks the same weights itself. Danger is found by
phrases, with or without either.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.core.ladder import level_of
from bot.core.values import Entity, Finding, Understanding
from nlu import danger
from nlu.language import LanguageGuess, canonical, detect
from nlu.rasa_client import LONGEST, RasaClient
from nlu.text.normalise import sendable
from nlu.weights import DEFAULT_THRESHOLD, UNSURE, Alarm, Classifier, ModelFolder

log = logging.getLogger(__name__)

_RANKED = 10
"""Intents kept in an understanding."""
_MEANT_WITHIN = 2.0
"""Seconds until a message is understood from its words alone: four times what the longest takes on a free machine."""


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What one of the two said; entity spans are in the text as received."""

    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    source: Literal["rasa", "worker", "none"] = "none"


class Understander:
    """Understands messages with a Rasa server, a folder of trained weights, both or neither."""

    def __init__(
        self,
        *,
        rasa: RasaClient | None = None,
        classifier: ModelFolder | Classifier | None = None,
        threshold: float | None = None,
    ) -> None:
        """`threshold` overrides the one that training chose: below it the intent is None, "not sure"."""
        self._rasa = rasa
        self._models = classifier if isinstance(classifier, ModelFolder) else None
        self._fixed = classifier if isinstance(classifier, Classifier) else None
        self._threshold = threshold
        self._loading = asyncio.Lock()

    async def understand(
        self,
        text: str,
        language_hint: str | None = None,
        language_evidence: Mapping[str, float] | None = None,
    ) -> Understanding:
        """Understand a message as received.

        Args:
            text: Any string; more than 2,000 characters are read for danger only.
            language_hint: The conversation's language, else what the person's app says.
            language_evidence: The understanding's `language_evidence` of the conversation's message before.
        """
        trained = await self._trained()
        guess = self._language(text, language_hint, language_evidence, trained)
        sent, offset = sendable(text, LONGEST)
        meant = asyncio.create_task(_vector(sent, trained))  # while Rasa answers
        heard = await self._heard(sent, offset, trained, meant)
        best, confidence = heard.ranking[0] if heard.ranking else (None, 0.0)
        return Understanding(
            language=guess.language,
            language_confidence=guess.confidence,
            script=guess.script,
            intent=best if confidence >= self._needed(trained) else None,
            confidence=confidence,
            ranking=heard.ranking[:_RANKED],
            entities=heard.entities,
            findings=_findings(text, guess.language, _alarm(sent, trained, await meant)),
            source=heard.source,
            language_evidence=guess.evidence,
        )

    async def warm_up(self) -> None:
        """Read the phrases, the weights and both voices for languages now: the first message would wait over
        a second."""
        await self.understand("halo kak, ok")
        await asyncio.to_thread(detect, "mr ok")

    def _needed(self, trained: Classifier | None) -> float:
        if self._threshold is not None:
            return self._threshold
        return trained.threshold if trained else DEFAULT_THRESHOLD

    async def _trained(self) -> Classifier | None:
        if self._models is None:
            return self._fixed
        if self._models.changed():
            async with self._loading:  # one message loads it, in a thread; the others wait, a tenth of a second
                await asyncio.to_thread(self._models.refresh)
        return self._models.loaded

    def _language(
        self, text: str, hint: str | None, evidence: Mapping[str, float] | None, trained: Classifier | None
    ) -> LanguageGuess:
        model = trained.languages if trained else None
        try:
            return detect(text[:LONGEST], canonical(hint), model=model, evidence=evidence)
        except Exception as error:  # a message is answered even where its language is a riddle
            log.error("language detection failed (%s)", type(error).__name__)
            return LanguageGuess(language=canonical(hint), confidence=0.0, script="")

    async def _heard(self, sent: str, offset: int, trained: Classifier | None, meant: asyncio.Task[Any]) -> _Heard:
        try:
            return await self._from_rasa(sent, offset) or _from_worker(sent, offset, trained, await meant)
        except Exception as error:  # no answer about the intent is "not sure", which offers the menu and a human
            log.error("understanding failed (%s)", type(error).__name__)
            return _Heard()

    async def _from_rasa(self, sent: str, offset: int) -> _Heard | None:
        parse = await self._rasa.parse(sent) if self._rasa else None
        if parse is None:
            return None
        entities = tuple(
            Entity(kind=m.kind, value=m.value, start=m.start + offset, end=m.end + offset) for m in parse.mentions
        )
        return _Heard(ranking=parse.ranking, entities=entities, source="rasa")


def _from_worker(sent: str, offset: int, trained: Classifier | None, vector: Any) -> _Heard:
    if trained is None:
        return _Heard()
    entities = tuple(
        Entity(kind=n.kind, value=n.listed, start=n.start + offset, end=n.end + offset) for n in trained.names(sent)
    )
    return _Heard(ranking=trained.rank(sent, vector), entities=entities, source="worker")


async def _vector(sent: str, trained: Classifier | None) -> Any:
    """The message's meaning, computed beside the loop; None where it cannot be had, or not soon."""
    if trained is None or trained.encoder is None:
        return None
    try:
        async with asyncio.timeout(_MEANT_WITHIN):
            return await asyncio.to_thread(trained.vector, sent)
    except TimeoutError:
        log.warning("the encoder is too slow")
        return None


def _alarm(sent: str, trained: Classifier | None, vector: Any) -> Alarm | None:
    try:
        return trained.alarm(sent, vector) if trained else None
    except Exception as error:  # phrases still find danger
        log.critical("the learnt voice for danger failed (%s)", type(error).__name__)
        return None


def _findings(text: str, language: str | None, alarm: Alarm | None) -> tuple[Finding, ...]:
    """Danger, whatever else is known: what phrases find, and where the learnt voice raises higher, that. If the
    search for phrases fails, that is loud."""
    try:
        found = danger.find(text, language)
    except Exception as error:
        log.critical("the danger scan failed (%s)", type(error).__name__)
        found = ()
    if alarm is None:
        return found
    denied = bool(found) and not danger.alarming(found)
    trigger = UNSURE if denied else alarm.trigger  # "they did not hit me": a human looks, nobody is woken
    raised = danger.level(found)
    if raised is not None and raised >= level_of(trigger):
        return found
    return (*found, Finding(trigger=trigger, voice="model", end=len(text), polarity="unsure"))

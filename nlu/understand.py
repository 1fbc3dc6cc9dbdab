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
from nlu.language_table import languages
from nlu.rasa_client import LONGEST, RasaClient
from nlu.text.clauses import clauses
from nlu.text.normalise import sendable
from nlu.weights import DEFAULT_THRESHOLD, UNSURE, Alarm, Classifier, ModelFolder

log = logging.getLogger(__name__)

SMALL_TALK = frozenset(
    {"greet", "thanks", "affirm", "deny", "not_sure", "repeat", "skip", "correct", "out_of_scope", "abuse"}
)
"""What a message says beside what it wants."""

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
        before: str = "",
    ) -> Understanding:
        """Understand a message as received.

        Args:
            text: Any string; more than 2,000 characters are read for danger only.
            language_hint: The conversation's language, else what the person's app says.
            language_evidence: The understanding's `language_evidence` of the conversation's message before.
            before: What the person wrote just before: people cut a sentence into several messages.
        """
        trained = await self._trained()
        guess = self._language(text, language_hint, language_evidence, trained)
        sent, offset = sendable(text, LONGEST)
        meant = asyncio.create_task(_vector(sent, trained))  # while Rasa answers
        heard = await self._heard(sent, offset, trained, meant)
        best, confidence = heard.ranking[0] if heard.ranking else (None, 0.0)
        intent = best if confidence >= self._needed(trained) else None
        intent, also = _wishes(sent, intent, guess.language, trained)
        return Understanding(
            language=guess.language,
            language_confidence=guess.confidence,
            script=guess.script,
            intent=intent,
            confidence=confidence,
            ranking=heard.ranking[:_RANKED],
            also=also,
            entities=heard.entities,
            findings=_findings(text, guess.language, _alarm(sent, trained, await meant), before),
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


def _wishes(
    sent: str, intent: str | None, language: str | None, trained: Classifier | None
) -> tuple[str | None, tuple[str, ...]]:
    """The intent, and what the clauses of the message ask for besides, where they are sure of it by their words alone.

    A greeting beside a wish is no wish: then the wish is the intent ("hello, they took my passport").
    """
    parts = clauses(sent, _joints(language)) if trained else ()
    said = dict.fromkeys(found for part in parts if trained and (found := trained.told(part)) is not None)
    wishes = [name for name in said if name not in SMALL_TALK and name != intent]
    if wishes and (intent is None or intent in SMALL_TALK):
        intent, *wishes = wishes
    return intent, tuple(wishes)


def _joints(language: str | None) -> frozenset[str]:
    spoken = languages().get(language)
    english = languages().get("en")  # people of every language mix English in
    return frozenset(word for known in (spoken, english) if known for word in known.joints)


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


def _findings(text: str, language: str | None, alarm: Alarm | None, before: str) -> tuple[Finding, ...]:
    """Danger, whatever else is known: what phrases find, and where the learnt voice raises higher, that. If the
    search for phrases fails, that is loud."""
    try:
        found = (*danger.find(text, language), *danger.across(before, text, language))
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

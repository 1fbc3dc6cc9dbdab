"""The intent classifier's Rasa face; the model itself is `nlu.text.linear`, which the worker runs too."""

from __future__ import annotations

import json
import logging
from collections import Counter
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.fit import OutOfFold, Sentences, learn
from nlu.components.thresholds import believed
from nlu.text import meaning
from nlu.text.kept import KeptVectors
from nlu.text.linear import Heads

log = logging.getLogger(__name__)

INTENTS = "intents"
"""The files that a trained classifier leaves begin with this."""

JUDGED = "judged.json"
"""How the model did on sentences it had not seen: for each head `accuracy` and `threshold`; which `encoder` it needs;
how many `sentences`."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WordsAndMeaningClassifier(IntentClassifier, GraphComponent):
    """tf-idf over words and pieces of words beside the meaning's vector, then linear support vectors. It reads the
    message's text itself."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        heads: Heads | None = None,
        encoder: str = "",
    ) -> None:
        """Made by Rasa, which passes the step of config.yml and where to keep what is trained."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._heads = heads
        self._encoder = encoder

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse regularisation; `folds`: how many parts the sentences are cut into to choose the
        threshold."""
        return {"C": 0.5, "folds": 3}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed to train. The encoder need not be."""
        return ["sklearn", "icu4py"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WordsAndMeaningClassifier:
        """A classifier that is not trained yet."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the thresholds on sentences kept apart, then train on all of them."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        intents = [str(e.get(INTENT)) for e in examples]
        sentences = Sentences.of([str(e.get(TEXT)) for e in examples], intents, KeptVectors.here().of)
        folds = min(int(self._config["folds"]), min(Counter(intents).values(), default=0))
        c = float(self._config["C"])
        learnt = learn(sentences, plain=c, full=c, folds=folds, report=_say)
        self._heads = learnt.heads
        self._encoder = meaning.name() if learnt.heads.full else ""
        judged = {"plain": _judged(learnt.plain), "full": _judged(learnt.full)}
        with self._model_storage.write_to(self._resource) as folder:
            learnt.heads.save(folder, INTENTS)
            written = json.dumps({"sentences": len(examples), "encoder": self._encoder, **judged})
            (folder / JUDGED).write_text(written, encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WordsAndMeaningClassifier:
        """A trained classifier from Rasa's model archive; a broken one raises, so that Rasa does not start
        with it."""
        with model_storage.read_from(resource) as folder:
            judged = json.loads((folder / JUDGED).read_text(encoding="utf-8"))
            return cls(config, model_storage, resource, Heads.load(folder, INTENTS), judged["encoder"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the whole ranking."""
        encoder = meaning.encoder_of(self._encoder)
        for message in messages:
            text = str(message.get(TEXT) or "")
            ranking = self._heads.rank(text, encoder.vector(text) if encoder else None) if self._heads else ()
            named = [{"name": name, "confidence": confidence} for name, confidence in ranking]
            best = named[0] if named else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", named, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Later components learn from the true intents, not from guesses: nothing to add."""
        return training_data


def _judged(said: OutOfFold | None) -> dict[str, float] | None:
    """How a head did on sentences it had not seen, and how sure is sure enough."""
    if said is None:
        return None
    threshold = believed(said.chances.max(axis=1), said.right)
    return {"accuracy": round(float(said.right.mean()), 4), "threshold": threshold}


def _say(done: int, of: int) -> None:
    """One line a step, for the progress bar of `nlu.train`."""
    log.warning("hotline progress %d/%d", done, of)

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

from nlu.components.fit import Held, fit, held_out, threshold
from nlu.text.linear import LinearModel

log = logging.getLogger(__name__)

JUDGED = "judged.json"
"""How the model did on sentences it had not seen: `accuracy`, `threshold`, `sentences`."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TfidfIntentClassifier(IntentClassifier, GraphComponent):
    """tf-idf over words and pieces of words, then logistic regression. It reads the message's text itself."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
    ) -> None:
        """Made by Rasa, which passes the step of config.yml and where to keep what is trained."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse regularisation; `folds`: how many parts the sentences are cut into to choose the
        threshold."""
        return {"C": 10.0, "max_iter": 100, "folds": 3}

    @staticmethod
    def required_packages() -> list[str]:
        """What must be installed to train."""
        return ["sklearn", "icu4py"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfIntentClassifier:
        """A classifier that is not trained yet."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Choose the threshold on sentences kept apart, then train on all of them."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        texts = [str(e.get(TEXT)) for e in examples]
        intents = [str(e.get(INTENT)) for e in examples]
        folds = min(int(self._config["folds"]), min(Counter(intents).values(), default=0))
        answers = held_out(texts, intents, folds=folds, report=_say) if folds > 1 else []
        _say(folds, folds)
        self._model = fit(
            texts,
            intents,
            inverse_regularisation=float(self._config["C"]),
            max_iter=int(self._config["max_iter"]),
        )
        self._persist(answers, len(texts))
        return self._resource

    def _persist(self, answers: list[Held], sentences: int) -> None:
        assert self._model is not None  # noqa: S101 - called by train alone, for the type checker
        right = sum(answer.guess == answer.intent for answer in answers)
        judged = {
            "sentences": sentences,
            "accuracy": round(right / len(answers), 4) if answers else None,
            "threshold": threshold(answers) if answers else None,
        }
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
            (folder / JUDGED).write_text(json.dumps(judged), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfIntentClassifier:
        """A trained classifier from Rasa's model archive; a broken one raises, so that Rasa does not start
        with it."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearModel.load(folder))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the whole ranking."""
        for message in messages:
            ranking = self._model.rank(str(message.get(TEXT) or "")) if self._model else ()
            named = [{"name": name, "confidence": confidence} for name, confidence in ranking]
            best = named[0] if named else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", named, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Later components learn from the true intents, not from guesses: nothing to add."""
        return training_data


def _say(done: int, of: int) -> None:
    """One line a step, for the progress bar of `nlu.train`."""
    log.warning("hotline progress %d/%d", done, of + 1)

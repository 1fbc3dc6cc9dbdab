"""Names of places found by list inside Rasa; the search itself is `nlu.text.names`, which the worker runs
too."""

from __future__ import annotations

import json
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.nlu.utils.pattern_utils import read_lookup_table_file
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.text.names import NameFinder

LISTED = "names.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ListedNameExtractor(RegexEntityExtractor):
    r"""Rasa's extractor, but with word ends that every script understands: its `\b` cuts Khmer and Hindi at
    each mark."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        finder: NameFinder | None = None,
    ) -> None:
        """Made by Rasa."""
        super().__init__(config, model_storage, resource)
        self._finder = finder or NameFinder({})

    def train(self, training_data: TrainingData) -> Resource:
        """Take the lookup tables of the training data."""
        tables: dict[str, list[str]] = {}
        for table in training_data.lookup_tables:
            elements = table["elements"]
            names = elements if isinstance(elements, list) else read_lookup_table_file(elements)
            tables.setdefault(table["name"], []).extend(names)
        self._finder = NameFinder.of(tables)
        with self._model_storage.write_to(self._resource) as folder:
            written = json.dumps(self._finder.listed, ensure_ascii=False)
            (folder / LISTED).write_text(written, encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the names of each message to its entities."""
        for message in messages:
            found = self.add_extractor_name(self._extract_entities(message))
            message.set("entities", [*message.get("entities", []), *found], add_to_output=True)
        return messages

    def _extract_entities(self, message: Message) -> list[dict[str, Any]]:
        found = self._finder.find(str(message.get(TEXT) or ""))
        return [{"entity": n.kind, "start": n.start, "end": n.end, "value": n.listed} for n in found]

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ListedNameExtractor:
        """The trained extractor from Rasa's model archive."""
        with model_storage.read_from(resource) as folder:
            listed = json.loads((folder / LISTED).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, NameFinder(listed))

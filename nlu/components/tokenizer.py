"""Rasa's words are ours: ICU's, so that Khmer, Thai and Chinese are cut where words end."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.text.tokens import tokens


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class IcuTokenizer(Tokenizer):
    """Cuts a message into words by `nlu.text.tokens`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """What Rasa's base class reads: intent names are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one attribute of a message, with their places."""
        return [Token(word.text, word.start, word.end) for word in tokens(message.get(attribute))]

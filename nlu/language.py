"""Which language is a message in? The script decides first; among Latin-script languages, words do (`nlu.md`
§1).

The answer may be "not sure" (None): then the hotline offers its menu of languages. A conversation's language
changes only on strong evidence, because "ok", a name or a pasted link says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import langdetect
from langdetect.detector_factory import DetectorFactory

from nlu.language_model import LanguageModel, untrained
from nlu.text.script import LATIN, dominant, weighed

DetectorFactory.seed = 0  # langdetect draws at random; the same text must get the same answer

OF_SCRIPT = {
    "Thai": ("th",),
    "Khmer": ("km",),
    "Lao": ("lo",),
    "Myanmar": ("my",),
    "Devanagari": ("hi", "ne", "mr"),
    "Bengali": ("bn", "as"),
    "Tamil": ("ta",),
    "Arabic": ("ur", "ar", "fa", "ps"),
    "Hangul": ("ko",),
    "Hiragana": ("ja",),
    "Katakana": ("ja",),
    "Ethiopic": ("am", "ti"),
    "Han": ("zh-Hans", "zh-Hant", "ja"),
}
"""Languages of a script, the one we answer in first; a conversation already in another of them stays
there."""

ANSWER_FROM = 0.6
"""Below this the language is not told."""
SURE_FROM = 0.9
"""Below this the second voice is asked."""
CHANGE_FROM = 0.95
"""From this a conversation's language may change, given enough words."""
_CHANGE_WORDS = 3
_CHANGE_LETTERS = 4

_CLOSE = frozenset({"id", "ms"})
"""Told apart by few words and understood by both peoples: together they are sure when neither is alone."""

_VOICES = {"en": "en", "id": "id", "vi": "vi", "tl": "fil", "sw": "sw", "fr": "fr"}
"""langdetect's names for the candidates it knows; it knows no Malay and takes it for Indonesian."""


@dataclass(frozen=True, kw_only=True)
class LanguageGuess:
    """A language (None: not sure), how sure (0..1), and the script of most letters ("" without letters)."""

    language: str | None
    confidence: float
    script: str


def canonical(code: str | None) -> str | None:
    """A language code from an app or a browser as we write it ("zh-CN" → "zh-Hans", "en-GB" → "en"); None if
    it is none."""
    if not code or not code.isascii():
        return None
    parts = code.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        return "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts[1:]) else "zh-Hans"
    base = {"in": "id", "tl": "fil"}.get(parts[0], parts[0])
    return base if base.isalpha() and 2 <= len(base) <= 3 else None


def detect(text: str, sticky: str | None = None, *, model: LanguageModel | None = None) -> LanguageGuess:
    """Tell the language of a message.

    Args:
        text: The message as received; any string.
        sticky: The language of the conversation so far, or what the person's app says.
        model: The trained model; the committed word lists alone where there is none yet.
    """
    script = dominant(text)
    if not script:
        return LanguageGuess(language=None, confidence=0.0, script="")
    if script == LATIN:
        language, confidence = _of_words(text, sticky, model or untrained())
    elif script in OF_SCRIPT:
        language, confidence = _of_script(text, script, sticky)
    else:
        language, confidence = sticky, 0.0
    return LanguageGuess(language=language, confidence=round(confidence, 4), script=script)


def _of_script(text: str, script: str, sticky: str | None) -> tuple[str | None, float]:
    """The script's own language, unless the conversation is in another of that script, or this is but a word
    or two."""
    letters = weighed(text)
    share = letters[script] / sum(letters.values())
    if script in {"Hiragana", "Katakana"}:
        share = 1.0  # Han beside kana is Japanese too
    if sticky is not None and sticky not in OF_SCRIPT[script] and letters[script] < 3 * _CHANGE_LETTERS:
        return sticky, 1 - share / 2
    if script == "Han":
        return _chinese(text, sticky)
    if sticky in OF_SCRIPT[script]:
        return sticky, share
    return OF_SCRIPT[script][0], share


def _chinese(text: str, sticky: str | None) -> tuple[str, float]:
    """Simplified or Traditional, by the characters that only one of them has."""
    simplified = sum(map(_only_simplified, text))
    traditional = sum(map(_only_traditional, text))
    if simplified == traditional:
        return (sticky, 0.6) if sticky in OF_SCRIPT["Han"] else ("zh-Hans", 0.6)
    if sticky == "ja" and traditional < simplified + 2:
        return "ja", 0.6
    share = max(simplified, traditional) / (simplified + traditional)
    return ("zh-Hans" if simplified > traditional else "zh-Hant"), share


@lru_cache(maxsize=8192)
def _only_simplified(character: str) -> bool:
    return _in(character, "gb2312") and not _in(character, "big5")


@lru_cache(maxsize=8192)
def _only_traditional(character: str) -> bool:
    return _in(character, "big5") and not _in(character, "gb2312")


def _in(character: str, codec: str) -> bool:
    """Whether a national character set has a character: GB 2312 is simplified, Big5 is traditional."""
    if not "\u4e00" <= character <= "\u9fff":
        return False
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _of_words(text: str, sticky: str | None, model: LanguageModel) -> tuple[str | None, float]:
    chances = model.chances(text)
    if not chances:
        return sticky, 0.0
    best, confidence = _best(chances)
    if confidence < SURE_FROM:
        best, confidence = _with_second_voice(text, chances)
    if sticky is not None and best != sticky:
        enough = len(text.split()) >= _CHANGE_WORDS and confidence >= CHANGE_FROM
        if not enough or {best, sticky} == _CLOSE:
            return sticky, max(1 - confidence, chances.get(sticky, 0.0))
    if sticky is None and confidence < ANSWER_FROM:
        return None, confidence
    return best, confidence


def _best(chances: dict[str, float]) -> tuple[str, float]:
    """The likeliest language and how sure it is; Indonesian and Malay vouch for each other."""
    close = sum(chances.get(name, 0.0) for name in _CLOSE)
    best = max(chances, key=lambda name: (close if name in _CLOSE else chances[name], chances[name], name))
    return best, close if best in _CLOSE else chances[best]


def _with_second_voice(text: str, chances: dict[str, float]) -> tuple[str, float]:
    """Our model and langdetect, weighed two to one."""
    heard = _second_voice(text)
    mixed = {name: (2 * chance + heard.get(name, 0.0)) / 3 for name, chance in chances.items()} if heard else chances
    return _best(mixed)


def _second_voice(text: str) -> dict[str, float]:
    """langdetect's chances for the candidates it knows; empty where it finds nothing to go by."""
    detector = _factory().create()
    detector.append(text)
    try:
        return {_VOICES[heard.lang]: float(heard.prob) for heard in detector.get_probabilities()}
    except langdetect.LangDetectException:
        return {}


@cache
def _factory() -> DetectorFactory:
    """langdetect with the candidates' profiles alone: quicker, and "I love you" cannot become Slovak."""
    profiles = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([(profiles / name).read_text(encoding="utf-8") for name in _VOICES])
    return factory

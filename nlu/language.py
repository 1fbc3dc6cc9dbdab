"""Which language is a message in? The script decides first; among languages of a script, words do (`nlu.md` §1).

The answer may be "not sure" (None): then the hotline offers its menu of languages. A conversation's language changes
only on strong evidence, because "ok", a name or a pasted link says nothing. What each message says of every language
adds up over a conversation: that is how Malay and Indonesian are told apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from nlu.language_bayes import as_chances
from nlu.language_han import chinese
from nlu.language_model import LanguageModel, untrained
from nlu.language_table import Language, languages
from nlu.language_voice import second_voice, voiced
from nlu.text.script import LATIN, dominant, weighed

ANSWER_FROM = 0.5
"""Below this the language is not told."""
SURE_FROM = 0.9
"""Below this the second voice is asked."""
_HEARD_FROM = 0.5
"""What our model gives to the languages that the second voice knows; below this it is not asked."""
CHANGE_FROM = 0.95
"""From this a conversation's language may change, given enough words, or earlier messages that said so too."""
_CHANGE_WORDS = 3
_CHANGE_LETTERS = 4

_FLOOR = -6.0
"""The least (log) that a message, or all before it, can say against a language: people do change."""
_FADES = 0.9
"""What earlier messages count beside this one."""
_HINT = -2.0
"""What a language known otherwise (from the app) counts against all others, where no message came before."""


@dataclass(frozen=True, kw_only=True)
class LanguageGuess:
    """What a message, and those before it, say of the language."""

    language: str | None  # None: not sure
    confidence: float  # 0..1; measured to be how often it is right
    script: str  # of most letters, "" without letters
    evidence: Mapping[str, float] = field(default_factory=dict)
    """Log of how likely each language is beside the likeliest (0), over the conversation so far; hand it in with the
    next message. Languages as unlikely as can be are left out."""


def canonical(code: str | None) -> str | None:
    """A language code from an app or a browser as we write it ("zh-CN" → "zh-Hans", "en-GB" → "en"); None if
    it is none."""
    return languages().canonical(code)


def detect(
    text: str,
    sticky: str | None = None,
    *,
    model: LanguageModel | None = None,
    evidence: Mapping[str, float] | None = None,
) -> LanguageGuess:
    """Tell the language of a message.

    Args:
        text: The message as received; any string.
        sticky: The language of the conversation so far, or what the person's app says.
        model: The trained model; the committed languages alone where there is none yet.
        evidence: The guess's `evidence` of the conversation's message before.
    """
    used = model or untrained()
    script = dominant(text)
    spoken, share = _alone(text, script, used)
    if not spoken:
        return LanguageGuess(
            language=sticky if script else None, confidence=0.0, script=script, evidence=evidence or {}
        )
    seen = _added(spoken, sticky, evidence)
    message = _Message(text=text, script=script, spoken=spoken, seen=seen, model=used)
    language, confidence = message.settle(sticky, evidence)
    return LanguageGuess(
        language=language,
        confidence=round(min(1.0, confidence * share), 4),
        script=script,
        evidence=_kept(seen),
    )


@dataclass(frozen=True, kw_only=True)
class _Message:
    text: str
    script: str
    spoken: Mapping[str, float]  # the chance of each language, by this message alone
    seen: Mapping[str, float]  # … and by those before
    model: LanguageModel

    def settle(self, sticky: str | None, evidence: Mapping[str, float] | None) -> tuple[str | None, float]:
        """The language to go on in, and how sure that is."""
        best = max(self.seen, key=lambda code: (self._with_close(self.seen, code), self.seen[code], code))
        if sticky is None:
            sure = self._with_close(self.seen, best) >= ANSWER_FROM
            return best if sure else None, self.seen[best]
        if best == sticky or self._may_change(sticky, best, evidence or {}):
            return best, self.seen[best]
        return sticky, max(1 - self.seen[best], self.seen.get(sticky, 0.0))

    def _may_change(self, sticky: str, best: str, evidence: Mapping[str, float]) -> bool:
        close = self.model.table.close(best)
        before = max((evidence.get(code, _FLOOR) for code in close), default=_FLOOR) > -1.0
        if sticky in close:
            return before and self.seen[best] >= CHANGE_FROM * self._with_close(self.seen, best)
        if before and self._with_close(self.seen, best) >= CHANGE_FROM:
            return True
        return self._long_enough(sticky) and self._with_close(self.spoken, best) >= CHANGE_FROM

    def _long_enough(self, sticky: str) -> bool:
        if self.script == LATIN:
            return len(self.text.split()) >= _CHANGE_WORDS
        letters = weighed(self.text)[self.script]
        known = self.model.table.get(sticky)
        ours = known is not None and self.script in known.scripts
        return letters >= 3 * (2 if ours and self.script == "Han" else _CHANGE_LETTERS)

    def _with_close(self, chances: Mapping[str, float], code: str) -> float:
        """How likely a language is, together with the one it is hard to tell from."""
        return sum(chances.get(name, 0.0) for name in self.model.table.close(code))


def _alone(text: str, script: str, model: LanguageModel) -> tuple[dict[str, float], float]:
    """The chance of each language by this message alone, and how much of the message is in its script."""
    if not script:
        return {}, 0.0
    if script == LATIN:
        return _of_words(text, model), 1.0
    of_script = model.table.of_script(script)
    letters = weighed(text)
    share = letters[script] / sum(letters.values())
    if script == "Han":
        return chinese(text, model.table), share
    if script in {"Hiragana", "Katakana"}:
        share = 1.0  # Han beside kana is Japanese too
    return model.chances(text, script) or _priors(of_script), share


def _priors(of_script: tuple[Language, ...]) -> dict[str, float]:
    total = sum(language.prior for language in of_script)
    return {language.code: language.prior / total for language in of_script}


def _of_words(text: str, model: LanguageModel) -> dict[str, float]:
    """Our model; where it is not sure among the languages that langdetect knows, both, weighed two to one.

    What our model gives to languages that langdetect does not know stays theirs; of two close ones it knows but one,
    so how they share is ours to say.
    """
    chances, table = model.chances(text), model.table
    groups = {code: table.close(code) & chances.keys() for code in voiced(table) if code in chances}
    ours = {code: sum(chances[name] for name in group) for code, group in groups.items()}
    mass = sum(ours.values())
    if mass < _HEARD_FROM or max(ours.values()) >= SURE_FROM * mass:
        return chances
    heard = second_voice(text, table)
    for code, group in groups.items() if heard else ():
        mixed = (2 * ours[code] + mass * heard.get(code, 0.0)) / 3
        for name in group:
            chances[name] *= mixed / ours[code]
    return chances


def _added(spoken: Mapping[str, float], sticky: str | None, evidence: Mapping[str, float] | None) -> dict[str, float]:
    """This message and what was known before it, as one chance for each language."""
    if evidence:
        before, least = {code: _FADES * max(_FLOOR, min(0.0, log)) for code, log in evidence.items()}, _FADES * _FLOOR
    elif sticky:
        before, least = {sticky: 0.0}, _HINT
    else:
        return dict(spoken)
    scores = {
        code: max(2 * _FLOOR, math.log(spoken.get(code, 0.0) + 1e-12)) + before.get(code, least)
        for code in spoken.keys() | before.keys()
    }
    return dict(sorted(as_chances(scores).items()))


def _kept(seen: Mapping[str, float]) -> dict[str, float]:
    highest = max(seen.values())
    logs = {code: math.log(chance / highest) for code, chance in seen.items() if chance > 0}
    return {code: round(score, 2) for code, score in sorted(logs.items()) if score > _FLOOR}

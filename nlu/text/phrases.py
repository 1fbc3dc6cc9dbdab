"""Phrase files compiled into a matcher: which phrases a text says, where, and whether it says or denies them.

A text is cut into units, every listed word is found by one walk over a trie, and a phrase is then a short chain over
the places of its words. The work grows with the length of the text and never with its shape: `Scan.steps` counts it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.text.context import Context, Polarity, Reach, Time
from nlu.text.patterns import About, Patterns, Phrase
from nlu.text.script import LATIN, OF_CHARACTERS, OF_SYLLABLES, script_of
from nlu.text.spelling import Candidate, Vocabulary, is_latin
from nlu.text.units import Units, cut

_SUBJECTS = (
    frozenset({"<they>", "<them>", "<i>", "<me>", "<we>", "<he>", "<boss>", "<captor>", "<captors>"})
    | frozenset({"<other>", "<others>", "<family>", "<kin>"})
)  # fmt: skip
"""Sets of the phrase files whose members are who does or suffers it; a denial does not reach over them."""
_JOINED_UP_TO = 18  # letters typed apart that are tried as one word
_SYMBOLS = frozenset("@$!|*+")


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One phrase found in a text."""

    language: str
    trigger: str
    sign: str  # which of several signs under one trigger ("documents"); "" where it does not matter
    start: int  # span in the text as received, end exclusive
    end: int
    time: Time
    about: About
    polarity: Polarity
    loose: bool  # letters or marks had to be guessed
    letters: int  # how many letters were matched, gaps not counted; one outside Latin counts three


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What a matcher found, and how many steps it took: for the test that no text makes it slow."""

    hits: tuple[Hit, ...]
    steps: int
    harmless: tuple[tuple[int, int], ...] = ()  # spans of what says that a danger word means none


@dataclass(frozen=True, slots=True)
class _Chain:
    """Units that a phrase has used so far, first to last."""

    places: tuple[tuple[int, int], ...]
    loose: bool


_Places = dict[str, list[tuple[int, int, bool]]]


class Matcher:
    """The phrases of one language.

    Raises:
        ValueError: the material names a set that does not exist, or says nothing where it must.
    """

    def __init__(self, material: Mapping[str, Any]) -> None:
        self.language: str = material["language"]
        self._patterns = Patterns(material)
        self.script = self._patterns.script
        self._reach = _reach(self.script, material.get("reach") or {})
        self._vocabulary = Vocabulary(self._patterns.words, self._patterns.plain_words)
        self._by_rarest = _by_rarest(self._patterns.phrases)
        self._harmless_by_rarest = _by_rarest(self._patterns.harmless)

    @property
    def triggers(self) -> frozenset[str]:
        """Every trigger that the phrases can raise."""
        return frozenset(p.trigger for p in self._patterns.phrases)

    def scan(self, text: str | Units) -> Scan:
        """Find every phrase in a text. Never raises, whatever the text."""
        units = cut(text) if isinstance(text, str) else text
        places, steps = self._places(units)
        if not places:
            return Scan(hits=(), steps=steps)
        context = Context(units, places, self._reach, _SUBJECTS)
        harmless: list[tuple[int, int]] = []
        for phrase in _standing(self._harmless_by_rarest, places):
            chains, spent = self._chains(phrase, places, units)
            steps += spent
            for chain in chains:
                context.excuse(chain.places)
                harmless.append(units.span(chain.places[0][0], chain.places[-1][1]))
        hits: dict[tuple[str, int, int], Hit] = {}
        for phrase in _standing(self._by_rarest, places):
            chains, spent = self._chains(phrase, places, units)
            steps += spent
            for chain in chains:
                if not context.is_harmless(chain.places, literal=phrase.literal):
                    hit = self._hit(phrase, chain, units, context)
                    known = hits.get((hit.trigger, hit.start, hit.end))
                    if known is None or known.polarity == "denied":
                        hits[hit.trigger, hit.start, hit.end] = hit
        ordered = tuple(sorted(hits.values(), key=lambda h: (h.start, h.end)))
        return Scan(hits=ordered, steps=steps, harmless=tuple(harmless))

    def _hit(self, phrase: Phrase, chain: _Chain, units: Units, context: Context) -> Hit:
        start, end = units.span(chain.places[0][0], chain.places[-1][1])
        opens_with_subject = phrase.items[0].name in _SUBJECTS
        return Hit(
            language=self.language,
            trigger=phrase.trigger,
            sign=phrase.sign,
            start=start,
            end=end,
            time=context.time(chain.places, phrase.time),
            about="other" if phrase.about == "unsure" and context.names_another(chain.places) else phrase.about,
            polarity=context.polarity(chain.places, opens_with_subject),
            loose=chain.loose,
            letters=sum(_weight(units.words[i]) for first, after in chain.places for i in range(first, after)),
        )

    # --- finding

    def _places(self, units: Units) -> tuple[_Places, int]:
        """For every set, where in the text one of its members stands: (first unit, unit after, loose)."""
        places: _Places = defaultdict(list)
        base = [self._vocabulary.candidates(word) for word in units.words]
        joined = self._joined(units)
        steps = 0
        for first in range(len(units)):
            paths = [(first, self._patterns.root, False)]
            while paths:
                at, node, loose = paths.pop()
                for after, candidates in ((at + 1, base[at]), *joined.get(at, ())):
                    for candidate in candidates:
                        steps += 1
                        child = node.following.get(candidate.word)
                        if child is None or units.sentences[first] != units.sentences[after - 1]:
                            continue
                        for name in child.sets:
                            places[name].append((first, after, loose or candidate.loose))
                        if child.following and after < len(units):
                            paths.append((after, child, loose or candidate.loose))
        return places, steps

    def _joined(self, units: Units) -> dict[int, list[tuple[int, tuple[Candidate, ...]]]]:
        """Words that were typed in parts: single letters in a row, and parts around one symbol."""
        found: dict[int, list[tuple[int, tuple[Candidate, ...]]]] = {}
        for first in range(len(units) - 1):
            word, after = units.words[first], first + 1
            while after < len(units) and after - first < _JOINED_UP_TO:
                joint = units.joints[after]
                # Thai, Khmer and Chinese are matched character by character anyway.
                letters = len(word) == after - first and len(units.words[after]) == 1 and is_latin(word)
                symbol = joint is not None and joint in _SYMBOLS and after - first < 3
                if joint is None or not (letters or symbol):
                    break
                word += ("" if letters else joint) + units.words[after]
                after += 1
                if (not letters or len(word) > 1) and (candidates := self._vocabulary.joined(word)):
                    found.setdefault(first, []).append((after, candidates))
        return found

    def _chains(self, phrase: Phrase, places: _Places, units: Units) -> tuple[Iterable[_Chain], int]:
        """Every way, one for each last unit, in which the phrase's words follow each other closely enough."""
        if any(item.name not in places for item in phrase.items):
            return (), 1
        reached: dict[int, _Chain] = {}
        steps = 0
        for number, item in enumerate(phrase.items):
            following: dict[int, _Chain] = {}
            for first, after, loose in places[item.name]:
                if number:
                    before, spent = self._before(first, item.after_gap, reached, units)
                    steps += spent
                elif phrase.whole and first:
                    continue
                else:
                    before = _Chain((), loose=False)
                known = following.get(after)
                if before is not None and (known is None or (known.loose and not loose)):  # the longest one stays
                    following[after] = _Chain((*before.places, (first, after)), loose or before.loose)
            reached = following
            if not reached:
                break
        if phrase.whole:
            return [chain for end, chain in reached.items() if end == len(units)], steps
        return reached.values(), steps + len(reached)

    def _before(
        self, first: int, after_gap: bool, reached: Mapping[int, _Chain], units: Units
    ) -> tuple[_Chain | None, int]:
        """The nearest chain that may go on with a word at unit `first`, and the steps it took to look."""
        nearest = first - self._reach.gap if after_gap else first
        for end in range(first, nearest - 1, -1):
            chain = reached.get(end)
            if chain is not None and units.sentences[end - 1] == units.sentences[first]:
                return chain, first - end + 1
        return None, first - nearest + 1


def _reach(script: str, told: Mapping[str, Any]) -> Reach:
    """How far words work in a language of this script, unless its phrase file says otherwise (`reach`)."""
    if script in OF_SYLLABLES:
        usual = {"gap": 16, "denial": 3, "doubt": 8}
    elif script in OF_CHARACTERS:
        usual = {"gap": 8, "denial": 2}
    else:
        usual = {"gap": 4, "denial": 1}
    return Reach(**{**usual, **{name: int(units) for name, units in told.items()}})


def _by_rarest(phrases: Sequence[Phrase]) -> dict[str, list[tuple[int, Phrase]]]:
    """Phrases by the one of their sets that the fewest phrases use, with their number in the file."""
    uses = Counter(name for phrase in phrases for name in {item.name for item in phrase.items})
    found: dict[str, list[tuple[int, Phrase]]] = {}
    for number, phrase in enumerate(phrases):
        rarest = min((item.name for item in phrase.items), key=lambda name: uses[name])
        found.setdefault(rarest, []).append((number, phrase))
    return found


def _standing(by_rarest: Mapping[str, list[tuple[int, Phrase]]], places: _Places) -> list[Phrase]:
    """The phrases whose rarest word stands in the text, in the order of the file: all others cannot match."""
    found = [entry for name in places for entry in by_rarest.get(name, ())]
    return [phrase for _number, phrase in sorted(found, key=lambda entry: entry[0])]


def _weight(word: str) -> int:
    """Letters, as `nlu.text.script` weighs them: one Han or Thai character says what about three Latin ones do."""
    return len(word) if script_of(word[0]) in {LATIN, ""} else 3 * len(word)

"""A text cut into the units that phrases are matched on, each with its place in the text as received.

A unit is a word of a script with spaces, or one character with its marks of a script without (Thai, Khmer, Lao,
Burmese, Chinese, Japanese): there the spaces are ignored, because people put them anywhere or nowhere.
Every step looks at each character once, so no text can make this slow.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from nlu.text.han import simplified
from nlu.text.normalise import doubled, is_invisible, sara_ae
from nlu.text.script import LATIN, UNSPACED, script_of

_APOSTROPHES = frozenset("'’‘ʼ`´′")
_FULL_STOPS = frozenset(".!?;|…。！？；។៕।\n\r\u2028\u2029")
_JOINTS = frozenset(".-_*@$!|+·~")
_SIGNS = frozenset("🆘🔪🔫🩸")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NIKHAHIT = frozenset("\u0e4d\u0ecd")  # Thai, Lao
_STACKERS = frozenset("\u17d2\u1039")  # Khmer coeng, Burmese virama: the next consonant stands below
_BELOW_ALIKE = {ord("ដ"): "ត"}  # below another consonant the two are one sign
_SHIFTERS = frozenset("\u17c9\u17ca")
_SHORT = 2  # a "sentence" of so few units is a line break in the middle of a thought, not an end

# The letters of Cyrillic and Greek that look like Latin ones ("confusables"), in the same order.
_CONFUSABLE = str.maketrans(
    "авсеԁіїјкӏмнорԛгѕтухүԝαβεηικνορστυχωγɑɡɩıȷƒѵпи",
    "abcediijklmhopqrstyxywabenikvopotuxwyagiijfvnu",
)
_FOLDED = frozenset({"Arabic", "Ethiopic", "Devanagari", "Bengali"})
# Letters that people of one script type for each other: Arabic ones for Urdu ones, Ethiopic ones that sound alike, and
# Indic marks that many leave out.
_TYPED_FOR = str.maketrans(
    "يىك\u0647ةۃۀأإآٱؤئ" + "ሐሑሒሓሔሕሖኀኁኂኃኄኅኆሠሡሢሣሤሥሦዐዑዒዓዔዕዖፀፁፂፃፄፅፆኻሃኣ" + "ँঁ",
    "ییکہہہہاااا\u0648ی" + "ሀሁሂሀሄህሆሀሁሂሀሄህሆሰሱሲሳሴስሶአኡኢአኤእኦጸጹጺጻጼጽጾሀሀአ" + "ंং",
    "़়",
)


@dataclass(frozen=True, kw_only=True)
class Units:
    """Units in parallel tuples; positions elsewhere are indexes into them."""

    words: tuple[str, ...]
    starts: tuple[int, ...]  # in characters of the text as received
    ends: tuple[int, ...]  # exclusive
    broken: tuple[bool, ...]  # whether punctuation stands before the unit
    sentences: tuple[int, ...]  # number of the sentence each unit stands in
    joints: tuple[str | None, ...]  # what stands before the unit: "" space or nothing, one symbol, None for more

    def __len__(self) -> int:
        return len(self.words)

    def span(self, first: int, after: int) -> tuple[int, int]:
        """The span of the original text that the units from `first` to `after` (exclusive) were made from."""
        return self.starts[first], self.ends[after - 1]


@dataclass
class _Cutter:
    """What has been cut so far."""

    words: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    broken: list[bool] = field(default_factory=list)
    hard: list[bool] = field(default_factory=list)
    joints: list[str | None] = field(default_factory=list)
    word: list[str] = field(default_factory=list)
    word_start: int = 0
    word_end: int = 0
    between: list[str] = field(default_factory=list)

    def close(self) -> None:
        """End the word that is being written, if any."""
        if self.word:
            word = canonical("".join(self.word))
            self.word.clear()
            if word:
                self.put(word, self.word_start, self.word_end)

    def put(self, word: str, start: int, end: int) -> None:
        """Add a unit and settle what stood between it and the one before."""
        marks = [c for c in self.between if not c.isspace()]
        joint = "" if not marks else marks[0] if len(marks) == 1 and marks[0] in _JOINTS else None
        tight = len(self.between) == 1
        dotted = marks == ["."] and tight and bool(self.words) and _may_be_dotted(self.words[-1], word)
        self.words.append(word)
        self.starts.append(start)
        self.ends.append(end)
        newline = any(c in "\n\r\u2028\u2029" for c in self.between)
        self.broken.append((bool(marks) or newline) and not dotted)
        self.hard.append((newline or any(c in _FULL_STOPS for c in marks)) and not dotted)
        self.joints.append(joint)
        self.between.clear()

    def repeats(self, word: str) -> bool:
        """Whether the two units before are this one, with nothing between: a third adds nothing ("ยยยย"). Thai has
        words with three ("เรือออก")."""
        most = 3 if word == "อ" else 2
        return len(self.words) >= most and set(self.words[-most:]) == {word} and not self.between


def cut(text: str) -> Units:
    """Cut a text into units. Never raises."""
    cutter = _Cutter()
    visible = [i for i, c in enumerate(text) if not is_invisible(c)]
    firsts = [n for n in range(len(visible)) if n == 0 or not _goes_on(text, visible, n)]
    for begin, after in pairwise([*firsts, len(visible)]):
        places = visible[begin:after]
        cluster = "".join(text[i] for i in places[:8])  # marks beyond a handful are noise, not spelling
        for piece in _pieces(cluster):
            _take(cutter, piece, places[0], places[-1] + 1)
    cutter.close()
    return Units(
        words=tuple(cutter.words),
        starts=tuple(cutter.starts),
        ends=tuple(cutter.ends),
        broken=tuple(cutter.broken),
        sentences=_sentences(cutter.words, cutter.hard),
        joints=tuple(cutter.joints),
    )


def _goes_on(text: str, visible: Sequence[int], n: int) -> bool:
    """Whether the n-th visible character belongs to the one before: a mark, or a consonant written below it."""
    return _is_mark(text[visible[n]]) or text[visible[n - 1]] in _STACKERS or doubled(text, visible, n)


@lru_cache(maxsize=65536)
def words_of(text: str) -> tuple[str, ...]:
    """The units of a short text without their places: how phrases are written down for comparing."""
    return (text.casefold(),) if text.isascii() and text.isalpha() else cut(text).words


def _take(cutter: _Cutter, piece: str, start: int, end: int) -> None:
    kind = _kind(piece)
    if kind == "dense":
        cutter.close()
        if not cutter.repeats(piece):
            cutter.put(piece, start, end)
        elif cutter.ends:
            cutter.ends[-1] = end
    elif kind == "word":
        if cutter.word and piece.isalpha() and len(cutter.word) > 1 and all(c.isdecimal() for c in cutter.word):
            cutter.close()  # "15yo", "48h"; one digit may be a letter's place ("2day", "4get")
        if not cutter.word:
            cutter.word_start = start
        cutter.word.append(piece)
        cutter.word_end = end
    elif kind == "sign":
        cutter.close()
        cutter.put(piece, start, end)
    elif kind != "apostrophe" or not cutter.word:
        cutter.close()
        cutter.between.append(piece)


@lru_cache(maxsize=16384)
def _kind(piece: str) -> str:
    first = piece[0]
    if first in _APOSTROPHES:
        return "apostrophe"
    if first in _SIGNS:
        return "sign"
    if script_of(first) in UNSPACED:
        return "dense"
    return "word" if first.isalnum() or unicodedata.category(first)[0] == "M" else "other"


@lru_cache(maxsize=16384)
def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=16384)
def _pieces(cluster: str) -> tuple[str, ...]:
    """A character with its marks, folded; more than one piece where folding takes it apart ("½", "㎏", Thai "ำ")."""
    folded = cluster
    while (again := unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())) != folded:
        folded = again
    folded = sara_ae(folded)
    # Sara am is typed whole or as nikhahit and sara aa, with a tone before or after: nikhahit always stands by itself.
    first, rest = folded[:1], folded[1:]
    apart = [] if first in _NIKHAHIT else [c for c in rest if c in _NIKHAHIT]
    if apart:
        folded = first + "".join(c for c in rest if c not in _NIKHAHIT)
    pieces: list[str] = []
    for character in folded:
        if is_invisible(character):
            continue
        if pieces and pieces[-1][-1] in _STACKERS:
            pieces[-1] += character
        elif not _is_mark(character):
            pieces.append(_digit(simplified(character)))
        elif pieces and _keeps_marks(pieces[-1][0]):
            pieces[-1] += character
        elif not pieces and script_of(character) in UNSPACED:
            pieces.append(character)
    if pieces and script_of(pieces[0][0]) == "Khmer":
        pieces[0] = _ordered(pieces[0])
    return (*pieces, *apart)


def _ordered(syllable: str) -> str:
    """A Khmer syllable with its marks in one order: consonants below, then shifters, vowels and signs. People type
    them in any order, and they look the same."""
    below: list[str] = []
    marks: list[str] = []
    rest = iter(syllable[1:])
    for mark in rest:
        if mark in _STACKERS:
            below.append(mark + next(rest, ""))
        else:
            marks.append(mark)
    first = "ឱ" if syllable[0] == "ឲ" else syllable[0]
    ordered = "".join(sorted(below)) + "".join(sorted(marks, key=lambda m: (m not in _SHIFTERS, m)))
    return first + ordered.translate(_BELOW_ALIKE).replace("ាេ", "ោ").replace("ីេ", "ើ")


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _keeps_marks(base: str) -> bool:
    """Marks that do not compose with a Latin letter, a digit or a symbol are decoration ("k̸i̸l̸l̸", "1️⃣")."""
    return script_of(base) not in {"", LATIN, "Cyrillic", "Greek"}


@lru_cache(maxsize=65536)
def canonical(word: str) -> str:
    """A word with look-alikes of Latin letters folded, letters that people type for each other made one ("هے" = "ہے"),
    and a Vietnamese tone written last ("hoà" = "hòa")."""
    if word.isascii():
        return word
    word = unicodedata.normalize("NFC", word).translate(_TYPED_FOR) if script_of(word[0]) in _FOLDED else word
    folded = word.translate(_CONFUSABLE)
    if folded != word and all(script_of(c) in {LATIN, ""} for c in folded):
        word = folded
    taken = unicodedata.normalize("NFD", word)
    tones = [c for c in taken if c in _TONES]
    if len(tones) != 1:
        return word
    rest = "".join(c for c in taken if c not in _TONES)
    return unicodedata.normalize("NFC", rest) + tones[0]


def _may_be_dotted(before: str, after: str) -> bool:
    if len(before) == 1 and (len(after) == 1 or script_of(before) == "Thai"):  # "s.o.s", "ม.ต้น"
        return True
    return before.isdecimal() and after.isdecimal()


def _sentences(words: list[str], hard: list[bool]) -> tuple[int, ...]:
    """Number the sentences; very short ones belong to their neighbour, since chats break lines after every word."""
    lengths: list[float] = []
    for word, begins in zip(words, hard, strict=True):
        if begins or not lengths:
            lengths.append(0.0)
        lengths[-1] += 0.5 if script_of(word[0]) in UNSPACED else 1.0
    number, index = 0, -1
    numbers: list[int] = []
    for position, begins in enumerate(hard):
        if begins or position == 0:
            index += 1
            short = index > 0 and (lengths[index] <= _SHORT or lengths[index - 1] <= _SHORT)
            number += 0 if short else 1
        numbers.append(number)
    return tuple(numbers)

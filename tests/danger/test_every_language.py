"""Every phrase file, whichever exist: the phrases find themselves, and the ids are on the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, product
from typing import Any

import pytest

from bot.core.ladder import TRIGGERS
from nlu.danger import alarming, find, matchers
from nlu.phrasebook import PHRASES, every, read
from nlu.text.phrases import Matcher

LANGUAGES = sorted(every())
MUST = (
    {f"C{n}" for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15)}
    | {f"H{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14)}
    | {"M3", "M6", "M7", "M8"}
)
ANSWERS = {"yes", "no", "not_sure", "skip", "now", "later", "me", "other", "again", "human", "menu"}
NUMBERS = {"age": ["16"], "number": ["24"]}
_MOST = 12  # spellings tried of one phrase


def sets_of(material: Mapping[str, Any]) -> dict[str, list[str]]:
    """The sets of a phrase file, each member spelt out."""
    return {
        name: [
            spelling.replace("<number>", "24").replace("<age>", "16")
            for member in members
            for spelling in member.split("|")
        ]
        for name, members in (material.get("words") or {}).items()
    }


def options_of(alternative: str, words: dict[str, list[str]]) -> list[str]:
    """What one alternative of a part of a phrase stands for."""
    before, opened, rest = alternative.partition("<")
    name, _, behind = rest.partition(">")
    if not opened:
        return [alternative.replace("_", " ")]
    return [f"{before}{word}{behind}" for word in words.get(name) or []] + NUMBERS.get(name, [])


def spelt_out(say: str, words: dict[str, list[str]], filler: str | None = None) -> list[str]:
    """Sentences that a phrase must find: each of its words, the gaps closed or with one word of no meaning in them."""
    choices: list[list[str]] = []
    for part in say.removeprefix("=").split():
        if part in {"..", "...", "…"}:
            choices += [[filler]] if filler and choices else []
            continue
        choices.append(
            [option for alternative in filter(None, part.split("|")) for option in options_of(alternative, words)]
        )
    longest = max(len(options) for options in choices)
    across = [" ".join(options[i % len(options)] for options in choices) for i in range(min(longest, _MOST))]
    return list(dict.fromkeys([*across, *(" ".join(p) for p in islice(product(*choices), _MOST))]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_finds_itself_with_its_trigger(language: str) -> None:
    material = every()[language]
    words = sets_of(material)
    matcher = next(m for m in matchers() if m.language == language)
    bare = Matcher({**material, "harmless": []})
    missed = [
        (entry["trigger"], say, sentence)
        for entry in material["phrases"]
        for say in entry["say"]
        for sentence in spelt_out(say, words)
        if entry["trigger"] not in {hit.trigger for hit in bare.scan(sentence).hits}
    ]
    assert missed[:20] == []
    assert matcher.triggers == bare.triggers


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_always_cancelled_by_a_harmless_one(language: str) -> None:
    material = every()[language]
    words = sets_of(material)
    matcher = next(m for m in matchers() if m.language == language)
    dead = [
        (entry["trigger"], say)
        for entry in material["phrases"]
        for say in entry["say"]
        if not any(
            entry["trigger"] in {h.trigger for h in matcher.scan(s).hits}
            for s in (*spelt_out(say, words), *spelt_out(say, words, filler="qq"))
        )
    ]
    assert dead == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trigger_that_text_can_carry_is_covered(language: str) -> None:
    triggers = next(m for m in matchers() if m.language == language).triggers
    assert triggers <= TRIGGERS
    assert MUST - triggers == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_file_says_what_it_must(language: str) -> None:
    material = every()[language]
    assert material["language"] == language
    assert (PHRASES / f"{language}.yml").exists()
    assert set(material["safe_words"]) == {"hide", "stop"}
    assert set(material["answers"]) == ANSWERS
    assert material["denials"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_harmless_phrases_do_not_reach_high(language: str) -> None:
    matcher = next(m for m in matchers() if m.language == language)
    material = every()[language]
    words = sets_of(material)
    loud = [
        (sentence, hit.trigger)
        for say in material.get("harmless") or ()
        for sentence in spelt_out(say, words)[:3]
        for hit in matcher.scan(sentence).hits
        if hit.trigger[0] == "C" and hit.polarity != "denied"
    ]
    assert loud == []


def test_a_phrase_that_names_an_unknown_set_is_refused() -> None:
    with pytest.raises(ValueError, match="no set <nobody>"):
        Matcher({"language": "xx", "phrases": [{"trigger": "C1", "say": ["<nobody> hit"]}]})


def test_a_file_without_a_language_is_refused(tmp_path: object) -> None:
    path = PHRASES.__class__(str(tmp_path)) / "xx.yml"
    path.write_text("words: {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no phrase file"):
        read(path)


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("cứu tôi họ đánh tôi", "C1"),
        ("cuu toi ho danh toi", "C1"),
        ("mereka mau bunuh saya", "C12"),
        ("他们打我", "C1"),
        ("他们 打 我", "C1"),
    ],
)
def test_a_cry_is_found_whatever_language_was_guessed(text: str, trigger: str) -> None:
    language = {"c": "vi", "m": "id"}.get(text[0], "zh-Hans")
    if language not in LANGUAGES:
        pytest.skip("the phrase file is not there yet")
    for guess in (None, language, "en", "km"):
        assert trigger in {f.trigger for f in alarming(find(text, guess))}

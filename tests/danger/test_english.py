"""The danger scan on English sentences of many registers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ladder import TRIGGERS, Level
from nlu.danger import alarming, find, level, urgency
from tests.danger.sentences import ALARMS, CALM, TYPOS


def listed(name: str) -> list[str]:
    """The sentences of a list beside this file."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def raised(text: str) -> set[str]:
    """The triggers that a text alarms with."""
    return {finding.trigger for finding in alarming(find(text, "en"))}


@pytest.mark.parametrize(("text", "trigger"), [*ALARMS, *TYPOS])
def test_a_sentence_of_danger_raises_its_trigger(text: str, trigger: str) -> None:
    assert trigger in raised(text)


@pytest.mark.parametrize("text", listed("loud.txt"))
def test_a_sentence_in_other_words_reaches_high(text: str) -> None:
    assert urgency(text) >= 1


@pytest.mark.parametrize("text", [*CALM, *listed("calm.txt")])
def test_a_calm_sentence_does_not_reach_high(text: str) -> None:
    assert urgency(text) == 0, find(text)


@pytest.mark.parametrize(("text", "trigger"), ALARMS)
@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda text: text + " 😭🙏",
        lambda text: "please " + text,
        lambda text: "\x00".join(text),
        lambda text: "\u200b".join(text),
        lambda text: text.replace("e", "eee"),
        lambda text: text.replace(" ", "  \t "),
        lambda text: "hello sir. " + text + ". thank you",
        lambda text: "".join(c + "\u0336" if c.isalpha() else c for c in text),
        lambda text: text.replace("'", "’"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    ],
    ids=[
        "upper",
        "emoji",
        "please",
        "nul",
        "zero-width",
        "stretched",
        "spaces",
        "polite",
        "struck",
        "apostrophe",
        "full-width",
    ],
)
def test_how_it_is_typed_does_not_lower_the_level(text: str, trigger: str, change: object) -> None:
    changed = change(text)  # type: ignore[operator]
    before, after = level(find(text, "en")), level(find(changed, "en"))
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize(
    "text", ["they will kill me", "k i l l me", "k.i.l.l me", "k-i-l-l  m-e k i l l me", "k!ll me", "k*ll me"]
)
def test_letters_typed_apart_or_masked_are_read(text: str) -> None:
    assert "C12" in raised(text)


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("they beat me", "asserted"),
        ("no they beat me", "asserted"),
        ("no, they beat me", "asserted"),
        ("they did not beat me", "denied"),
        ("they haven't beaten me yet", "unsure"),
        ("i am not sure they did not beat me", "unsure"),
        ("they don't pay and beat me", "asserted"),
        ("if i don't work they beat me", "asserted"),
        ("please don't let them beat me", "asserted"),
    ],
)
def test_only_a_plain_denial_beside_the_words_denies(text: str, polarity: str) -> None:
    assert {f.polarity for f in find(text, "en") if f.trigger == "C1"} == {polarity}


def test_a_denied_finding_is_returned_but_does_not_alarm() -> None:
    findings = find("they did not hit me", "en")
    assert [f.trigger for f in findings] == ["C1"]
    assert alarming(findings) == ()
    assert level(findings) is None


def test_one_denial_does_not_silence_another_sentence() -> None:
    assert "C1" in raised("they did not hit me before. today they hit me")


def test_another_person_in_danger_keeps_the_trigger() -> None:
    (finding,) = (f for f in find("they beat my friend", "en") if f.trigger == "C1")
    assert finding.about == "other"


def test_violence_that_is_over_is_high_and_not_critical() -> None:
    assert level(find("they beat me last year", "en")) is Level.HIGH
    assert level(find("they beat me last year and again today", "en")) is Level.CRITICAL


def test_a_child_is_high_and_a_held_child_critical() -> None:
    assert level(find("i am 16", "en")) is Level.HIGH
    assert raised("i am 16 and trapped") >= {"H6", "C7"}
    assert "C7" not in raised("i am 26 and trapped")


@pytest.mark.parametrize("text", ["i am １５ years old", "i am ១៥ years old", "i am ๑๕", "im 15yo"])
def test_an_age_is_read_in_digits_of_any_script(text: str) -> None:
    assert "H6" in raised(text)


def test_a_harmless_phrase_hides_nothing_beside_it() -> None:
    assert "C12" in raised("my battery is dying and they will kill me")
    assert "C12" in raised("battery they will kill me dying")


def test_a_span_points_into_the_text_as_received() -> None:
    text = "\u200bHello 👋 — they\x00 will KÍLL me!"
    (finding,) = (f for f in find(text, "en") if f.trigger == "C12") if "C12" in raised(text) else (None,)
    text = "\u200bHello 👋 — they\x00 will KILL me!"
    (finding,) = (f for f in find(text, "en") if f.trigger == "C12")
    assert text[finding.start : finding.end] == "they\x00 will KILL me"


def test_urgency_is_two_for_critical_one_for_high_and_else_zero() -> None:
    assert [urgency(t) for t in ("they will kill me", "i cant leave", "they took my passport", "", "hi")] == [
        2,
        1,
        0,
        0,
        0,
    ]


def test_a_stop_with_danger_in_it_is_danger() -> None:
    assert urgency("stop he is killing me") == 2


@given(st.text(), st.sampled_from([None, "en", "vi", "xx", "zh-Hans"]))
def test_no_text_makes_the_scan_fail(text: str, language: str | None) -> None:
    for finding in find(text, language):
        assert finding.trigger in TRIGGERS
        assert 0 <= finding.start < finding.end <= len(text)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_what_surrounds_a_cry_does_not_silence_it(noise: str) -> None:
    assert urgency(noise + "\n\nthey are going to kill me tonight please help\n\n" + noise) == 2

"""What a message means on the ladder: on doubt, up."""

from __future__ import annotations

import pytest

from bot.core.ladder import TRIGGERS, Level, highest, level_of
from bot.core.values import Entity, Finding, Understanding
from escalation.lines import Cover, truth
from escalation.triage import INTENTS, level_of_findings


def said(intent: str | None = None, confidence: float = 0.9, **more: object) -> Understanding:
    """An understanding of one message."""
    given: dict[str, object] = {
        "language": "id",
        "language_confidence": 0.9,
        "script": "Latin",
        "intent": intent,
        "confidence": confidence,
        **more,
    }
    return Understanding(**given)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(("polarity", "triggers"), [("asserted", {"C12"}), ("unsure", {"C12"}), ("denied", set())])
def test_a_finding_alarms_unless_it_is_denied(polarity: str, triggers: set[str]) -> None:
    """ "On doubt, fire" (screening.md §7 note b)."""
    finding = Finding(trigger="C12", voice="phrase", polarity=polarity)  # type: ignore[arg-type]  # three words

    assert level_of_findings([finding]) == triggers
    assert level_of_findings([], understanding=said(findings=(finding,))) == triggers


@pytest.mark.parametrize(
    ("intent", "held", "out"),
    [
        ("help_danger_now", "H16", "H16"),
        ("help_escaping", "H16", "H16"),
        ("disclose_jump", "H16", "H16"),
        ("need_doctor", "H16", "H16"),
        ("disclose_sold", "H16", "H16"),
        ("disclose_minor", "H16", "H6"),
        ("disclose_sexual_violence", "H16", "H16"),
        ("travelling_now", "H16", "H16"),
        ("help_trapped", "H1", "H1"),
        ("disclose_violence", "H2", "H2"),
        ("disclose_suicidal", "H14", "H14"),
        ("report_ransom_demand", "H9F", "H9F"),
        ("report_missing_relative", "M4F", "M4F"),
        ("talk_to_human", "H1", "M8"),
        ("help_detained", "M6", "M6"),
        ("money_lost", "M7", "M7"),
    ],
)
def test_an_intent_alarms_by_itself(intent: str, held: str, out: str) -> None:
    """Without any phrase, by the mode the person is in; an unknown mode counts as held."""
    assert level_of_findings([], understanding=said(intent)) == {held}
    assert level_of_findings([], understanding=said(intent), held_or_unknown=False) == {out}


@pytest.mark.parametrize("intent", [None, "greet", "ask_rights", "disclose_debt", "a_new_intent"])
def test_what_is_no_danger_raises_nothing(intent: str | None) -> None:
    """Talk, questions and a single sign of forced labour open no case."""
    assert level_of_findings([], understanding=said(intent)) == frozenset()


def test_a_refused_intent_still_alarms_when_it_is_likely_enough() -> None:
    """Danger needs less than an answer does: 0.45 alarms where it means something critical, for M8 it does not."""
    ranking = (("help_danger_now", 0.45), ("greet", 0.4))
    assert level_of_findings([], understanding=said(ranking=ranking)) == {"H16"}
    assert level_of_findings([], understanding=said(ranking=(("money_lost", 0.45),))) == frozenset()
    assert level_of_findings([], understanding=said(ranking=(("help_danger_now", 0.3),))) == frozenset()


def test_detained_and_asked_for_money_is_high() -> None:
    """H5 needs a need; detention alone asks about the law (M6)."""
    sum_asked = Entity(kind="amount", value="500 USD", start=0, end=7)
    assert level_of_findings([], understanding=said("help_detained", entities=(sum_asked,))) == {"H5"}


def test_an_unsure_language_raises_a_lesser_sign_and_nothing_by_itself() -> None:
    """MEDIUM with an unsure language goes up one level (H16); nothing stays nothing."""
    unsure = said("money_lost", language=None)
    assert highest(level_of_findings([], understanding=unsure)) is Level.HIGH
    assert level_of_findings([], understanding=said("greet", language=None)) == frozenset()


def test_every_trigger_of_an_intent_is_on_the_ladder() -> None:
    """A typing error here would fail a turn."""
    for means in INTENTS.values():
        assert {means.held.removesuffix("F"), means.out.removesuffix("F")} <= TRIGGERS
        assert level_of(means.held) >= level_of(means.out)


def test_an_unknown_trigger_of_a_phrase_list_does_not_stop_the_turn() -> None:
    """It raises nothing; the phrase list's own tests find it."""
    wrong, right = (Finding(trigger=t, voice="phrase") for t in ("C99", "C1"))
    assert level_of_findings([wrong, right]) == {"C1"}


@pytest.mark.parametrize(
    ("cover", "language", "presence", "speaks"),
    [
        (Cover(), "id", "nobody", False),
        (Cover(on_call=True), "id", "on_call", False),
        (Cover(on_shift=(frozenset({"en"}),)), "id", "on_shift", False),
        (Cover(on_shift=(frozenset({"en"}), frozenset({"id"}))), "id", "on_shift", True),
        (Cover(on_shift=(frozenset({"zh"}),)), "zh-Hans", "on_shift", True),
        (Cover(on_shift=(frozenset({"zh-Hans"}),)), "zh", "on_shift", False),
        (Cover(on_shift=(frozenset({"en"}),)), None, "on_shift", False),
    ],
)
def test_only_a_true_line_about_a_human_can_be_chosen(
    cover: Cover, language: str | None, presence: str, speaks: bool
) -> None:
    """design §2.9: who is there, and whether they speak the language, as it is now."""
    found = truth(cover, language)

    assert (found.presence, found.speaks) == (presence, speaks)

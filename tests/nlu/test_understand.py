"""One message in, one understanding out, whatever the message and whoever is there to ask."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlu import danger, understand
from nlu.rasa_client import RasaClient
from nlu.text import meaning
from nlu.understand import Understander
from nlu.weights import Classifier, ModelFolder
from tests.doubles.http_server import Answer, Asked, Hang, HttpServer, as_json
from tests.nlu import small_model

SECRET = "a secret of thirty-two characters"


@pytest.fixture
def classifier(tmp_path: Path) -> Classifier:
    """The model made by hand."""
    small_model.write(tmp_path / "model")
    return Classifier.load(tmp_path / "model")


async def test_the_worker_answers_when_there_is_no_rasa(classifier: Classifier) -> None:
    """Language, script, intent, place and where it stands, from the weights alone."""
    said = "  /hello, hello i am in Ba Vet"
    understood = await Understander(classifier=classifier).understand(said)

    assert understood.source == "worker"
    assert understood.intent == "greet"
    assert (understood.language, understood.script) == ("en", "Latin")
    [place] = understood.entities
    assert place.value == "Bavet"
    assert said[place.start : place.end] == "Ba Vet"


async def test_not_sure_is_an_answer(classifier: Classifier) -> None:
    """Below the threshold there is no intent, but it is kept how near it was."""
    understood = await Understander(classifier=classifier, threshold=1.0).understand("hello")

    assert understood.intent is None
    assert understood.ranking[0][0] == "greet"
    assert understood.confidence == understood.ranking[0][1]


@pytest.mark.parametrize("text", ["", "😀😀", "   ", "123 456", "\x00"])
async def test_a_message_without_words_has_no_intent(classifier: Classifier, text: str) -> None:
    """Nor a language."""
    understood = await Understander(classifier=classifier, threshold=0.0).understand(text)

    assert (understood.intent, understood.confidence, understood.language) == (None, 0.0, None)


async def test_danger_is_found_with_no_model_at_all() -> None:
    """Given no Rasa and no weights, when somebody writes that they will be killed, then it is found."""
    said = "mereka akan membunuh saya malam ini"
    understood = await Understander().understand(said)

    assert understood.source == "none"
    assert understood.intent is None
    assert understood.language == "id"
    assert understood.findings == danger.find(said, "id") != ()


async def test_the_language_of_the_conversation_counts(classifier: Classifier) -> None:
    """A word that says nothing leaves it, in the app's spelling too."""
    assert (await Understander(classifier=classifier).understand("ok", "zh-CN")).language == "zh-Hans"


async def test_a_model_trained_while_running_answers_the_next_message(tmp_path: Path) -> None:
    """The first run: the hotline is up before its model is."""
    understander = Understander(classifier=ModelFolder(tmp_path / "current"))
    assert (await understander.understand("hello")).source == "none"

    small_model.write(tmp_path / "current")

    assert (await understander.understand("hello")).intent == "greet"


@given(text=st.text(alphabet=st.characters(), max_size=80), hint=st.one_of(st.none(), st.text(max_size=8)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_any_string_is_understood_somehow(classifier: Classifier, text: str, hint: str | None) -> None:
    """It never raises, and its spans lie inside the message."""
    understood = await Understander(classifier=classifier).understand(text, hint)

    assert all(0 <= e.start < e.end <= len(text) for e in understood.entities)
    assert all(0 <= f.start <= f.end <= len(text) for f in understood.findings)


async def test_a_very_long_message_is_understood(classifier: Classifier) -> None:
    """Its first 2,000 characters are; the rest is looked at for danger only."""
    understood = await Understander(classifier=classifier).understand("hello " * 20_000)

    assert understood.intent == "greet"


async def test_a_failing_danger_scan_is_loud_and_does_not_stop_the_answer(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The message is still answered, and a critical line without its text says what happened."""

    def broken(text: str, language: str | None = None) -> tuple[()]:
        raise KeyError(text)

    monkeypatch.setattr(danger, "find", broken)
    with caplog.at_level(logging.DEBUG):
        understood = await Understander(classifier=classifier).understand("hello there")

    assert understood.intent == "greet"
    assert [r.levelname for r in caplog.records if "danger" in r.message] == ["CRITICAL"]
    assert "hello" not in caplog.text


async def test_the_learnt_voice_raises_where_no_phrase_does(classifier: Classifier) -> None:
    """Its finding covers the whole message; without it there is none."""
    said = "zorblat zorblat"
    [finding] = (await Understander(classifier=classifier).understand(said)).findings

    assert danger.find(said, None) == ()
    assert (finding.trigger, finding.voice, finding.start, finding.end) == ("C4", "model", 0, len(said))


async def test_the_learnt_voice_adds_nothing_to_what_phrases_raise(classifier: Classifier) -> None:
    """One reason of that level is enough, and phrases know why."""
    said = "they beat me now zorblat zorblat zorblat"

    assert (await Understander(classifier=classifier).understand(said)).findings == danger.find(said, "en") != ()


async def test_a_plain_denial_does_not_silence_the_learnt_voice(classifier: Classifier) -> None:
    """A human looks, nobody is woken."""
    said = "they did not beat me zorblat zorblat zorblat"
    findings = (await Understander(classifier=classifier).understand(said)).findings

    assert {f.polarity for f in danger.find(said, "en")} == {"denied"}
    assert [f.trigger for f in danger.alarming(findings)] == ["H16"]


async def test_phrases_find_danger_when_the_learnt_voice_fails(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Loudly, and without the message."""

    def broken(self: Classifier, text: str, vector: object = None) -> None:
        raise KeyError(text)

    monkeypatch.setattr(Classifier, "alarm", broken)
    said = "they will kill me tonight"
    with caplog.at_level(logging.DEBUG):
        understood = await Understander(classifier=classifier).understand(said)

    assert understood.findings == danger.find(said, "en") != ()
    assert [r.levelname for r in caplog.records if "danger" in r.message] == ["CRITICAL"]
    assert "kill" not in caplog.text


async def test_a_slow_encoder_leaves_the_words(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer waits no longer than it must."""
    release = Event()

    class Slow(meaning.Encoder):
        def __init__(self) -> None:
            pass

        def vector(self, text: str) -> None:
            release.wait(60)

    monkeypatch.setattr(understand, "_MEANT_WITHIN", 0.01)
    understood = await Understander(classifier=replace(classifier, encoder=Slow())).understand("hello")
    release.set()

    assert understood.intent == "greet"


class Rasa:
    """A server that says what the same weights say, as Rasa does."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.hangs = False
        self.server = HttpServer(handle=self.handle)

    async def handle(self, asked: Asked) -> Answer:
        """Rank, or hang."""
        if self.hangs:
            raise Hang
        text = json.loads(asked.body)["text"]
        ranking: list[dict[str, Any]] = [{"name": n, "confidence": c} for n, c in self.classifier.rank(text)]
        names = self.classifier.names(text)
        entities = [{"entity": n.kind, "value": n.listed, "start": n.start, "end": n.end} for n in names]
        best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
        return as_json(200, {"intent": best, "intent_ranking": ranking, "entities": entities})


async def test_losing_rasa_changes_nothing_but_the_source(classifier: Classifier) -> None:
    """Given Rasa answers, when it hangs, then the worker says the same: intent, confidence, places,
    language."""
    rasa = Rasa(classifier)
    await rasa.server.listen()
    client = RasaClient(rasa.server.address, SECRET, limit=0.2)
    understander = Understander(rasa=client, classifier=classifier)
    said = [" /hello from Ba Vet", "a human please", "i am trapped", "😀", "", "xyzzy"]
    before = [await understander.understand(text) for text in said]
    rasa.hangs = True
    after = [await understander.understand(text) for text in said]
    await client.aclose()
    await rasa.server.refuse()

    assert {u.source for u in before} == {"rasa"}
    assert {u.source for u in after[:3]} == {"worker"}
    for first, second in zip(before, after, strict=True):
        assert (first.intent, first.ranking, first.entities) == (
            second.intent,
            second.ranking,
            second.entities,
        )
        assert (first.language, first.findings) == (second.language, second.findings)

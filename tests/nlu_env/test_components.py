"""Our parts of the pipeline inside Rasa: trained, kept and loaded through Rasa's own interfaces. Run in
.venv-nlu."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import danger
from nlu.components.classifier import INTENTS as FILES
from nlu.components.classifier import JUDGED, WordsAndMeaningClassifier
from nlu.components.extractor import ListedNameExtractor
from nlu.components.fit import Sentences, fit, held_out, learn
from nlu.components.tokenizer import IcuTokenizer
from nlu.text import meaning
from nlu.text.kept import KeptVectors
from nlu.text.linear import Heads
from nlu.text.marks import with_unmarked

SAID = {
    "greet": ["hello", "hello there", "good morning", "halo kak", "xin chào", "chào bạn"],
    "help_trapped": [
        "i am locked in",
        "they locked me in",
        "saya dikurung",
        "kami dikurung",
        "tôi bị nhốt",
        "bị nhốt ở đây",
    ],
    "thanks": ["thank you", "thanks a lot", "thank you so much", "terima kasih", "cảm ơn", "cảm ơn bạn"],
}
TEXTS = [text for texts in SAID.values() for text in texts]
INTENTS = [intent for intent, texts in SAID.items() for _ in texts]
VECTORS = KeptVectors(None).of
ODD = ["", "😀", "xyzzy", "\ud800", "HELLOOOO!!!", "ខ្ញុំ", "toi bi nhot", "a" * 3000]


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    """Where Rasa keeps what it trained."""
    return LocalModelStorage(tmp_path)


@pytest.fixture
def data() -> TrainingData:
    """A few sentences and a list of places."""
    messages = [Message.build(text=text, intent=intent) for text, intent in zip(TEXTS, INTENTS, strict=True)]
    return TrainingData(messages, lookup_tables=[{"name": "place", "elements": ["Bavet", "ភ្នំពេញ"]}])


def _context(node: str) -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name=node)


def _trained(kind: Any, storage: LocalModelStorage, data: TrainingData) -> tuple[Any, Any]:
    """A component as it is after training, and as it is loaded from where it was kept."""
    resource = Resource("part")
    config = kind.get_default_config()
    component = kind.create(config, storage, resource, _context("part"))
    component.train(data)
    return component, kind.load(config, storage, resource, _context("part"))


def _ranking(component: Any, text: str) -> list[tuple[str, float]]:
    [message] = component.process([Message(data={"text": text})])
    best = message.get("intent")
    ranking = [(entry["name"], entry["confidence"]) for entry in message.get("intent_ranking")]
    assert (best["name"], best["confidence"]) == (ranking[0] if ranking else (None, 0.0))
    return ranking


def test_a_kept_classifier_answers_as_it_did(storage: LocalModelStorage, data: TrainingData) -> None:
    """Trained, kept, loaded: equal answers to every sentence and to odd input."""
    trained, loaded = _trained(WordsAndMeaningClassifier, storage, data)

    for text in [*TEXTS, *ODD]:
        assert _ranking(loaded, text) == _ranking(trained, text)
    for text, intent in zip(TEXTS, INTENTS, strict=True):
        assert _ranking(loaded, text)[0][0] == intent


def test_the_worker_reads_the_same_answers_from_the_files(storage: LocalModelStorage, data: TrainingData) -> None:
    """Rasa's answer, and that of the plain arrays beside it."""
    _, loaded = _trained(WordsAndMeaningClassifier, storage, data)
    with storage.read_from(Resource("part")) as folder:
        heads = Heads.load(folder, FILES)

    for text in [*TEXTS, *ODD]:
        assert _ranking(loaded, text) == list(heads.rank(text, _vector(text)))


def _vector(text: str) -> Any:
    encoder = meaning.encoder()
    return encoder.vector(text) if encoder else None


def test_without_the_encoder_words_alone_answer(
    storage: LocalModelStorage, data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the second head says, which was trained without it."""
    _trained(WordsAndMeaningClassifier, storage, data)
    with storage.read_from(Resource("part")) as folder:
        heads = Heads.load(folder, FILES)
    monkeypatch.setattr(meaning, "name", lambda: "")
    config = WordsAndMeaningClassifier.get_default_config()
    loaded = WordsAndMeaningClassifier.load(config, storage, Resource("part"), _context("part"))

    for text, intent in zip(TEXTS, INTENTS, strict=True):
        assert _ranking(loaded, text) == list(heads.plain.rank(text))
        assert _ranking(loaded, text)[0][0] == intent


def test_the_other_environment_gives_equal_answers(storage: LocalModelStorage, data: TrainingData) -> None:
    """Given the app's newer numpy and Python, when it reads the files, then it says the same within a
    millionth."""
    root = Path(__file__).parents[2]
    app = root / ".venv" / "bin" / "python"
    if not app.exists():
        pytest.skip("the app's environment is not installed")
    _trained(WordsAndMeaningClassifier, storage, data)
    with storage.read_from(Resource("part")) as folder:
        heads = Heads.load(folder, FILES)
        script = (
            "import json, sys; from pathlib import Path;"
            "from nlu.text.linear import Heads; from nlu.text import meaning;"
            "heads = Heads.load(Path(sys.argv[1]), 'intents'); encoder = meaning.encoder();"
            "vector = lambda text: encoder.vector(text) if encoder else None;"
            "print(json.dumps([heads.rank(text, vector(text)) for text in json.load(sys.stdin)]))"
        )
        done = subprocess.run(
            [str(app), "-c", script, str(folder)],
            input=json.dumps([*TEXTS, *ODD]),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={"PYTHONPATH": str(root), "PATH": os.environ["PATH"]},
        )
    for text, theirs in zip([*TEXTS, *ODD], json.loads(done.stdout), strict=True):
        ours = heads.rank(text, _vector(text))
        assert [name for name, _ in ours] == [name for name, _ in theirs]
        assert np.allclose([c for _, c in ours], [c for _, c in theirs], rtol=0, atol=1e-6)


def test_nothing_kept_can_run_code(storage: LocalModelStorage, data: TrainingData) -> None:
    """JSON and arrays of numbers; no pickle anywhere."""
    _trained(WordsAndMeaningClassifier, storage, data)
    with storage.read_from(Resource("part")) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["intents.json", "intents.npz", JUDGED]
        with np.load(folder / "intents.npz", allow_pickle=False) as arrays:
            assert {arrays[name].dtype.kind for name in arrays.files} == {"f"}
        judged = json.loads((folder / JUDGED).read_text())
    assert judged["sentences"] == len(TEXTS)
    assert judged["encoder"] == meaning.name()
    assert all(0 < judged[head]["threshold"] <= 1 for head in ("plain", "full") if judged[head])


def _sentences(texts: list[str] = TEXTS, intents: list[str] = INTENTS) -> Sentences:
    return Sentences.of(texts, intents, VECTORS)


def test_training_twice_gives_the_same_model() -> None:
    """No chance is involved, so that "is it up to date?" can be answered by what it was made of."""
    first, second = (fit(_sentences(), plain=0.5, full=0.5) for _ in range(2))

    assert first.plain.vocabulary == second.plain.vocabulary
    for one, other in ((first.plain, second.plain), (first.full, second.full)):
        assert one is None or (other and np.array_equal(one.coefficients, other.coefficients))


def test_two_intents_are_enough() -> None:
    """scikit-learn keeps one row for two classes; the probabilities add up all the same."""
    heads = learn(_sentences(TEXTS[:12], INTENTS[:12]), plain=0.5, full=0.5, folds=3).heads

    for text, intent in zip(TEXTS[:12], INTENTS[:12], strict=True):
        assert heads.rank(text)[0][0] == heads.rank(text, _vector(text))[0][0] == intent
    assert sum(c for _, c in heads.rank("hello")) == pytest.approx(1)


def test_vietnamese_is_also_learnt_without_marks() -> None:
    """Once more each sentence with marks, and whose copy it is; the others once."""
    texts, origin = with_unmarked(["cảm ơn", "hello", "ខ្ញុំ"])

    assert texts == ["cảm ơn", "hello", "ខ្ញុំ", "cam on"]
    assert origin.tolist() == [0, 1, 2, 0]


def test_a_sentence_is_judged_by_a_model_that_never_saw_it() -> None:
    """In the order given; and not at all where an intent has too few sentences."""
    plain, full = held_out(_sentences(), plain=0.5, full=0.5, folds=3)

    assert plain is not None
    assert [plain.labels[place] for place in plain.truth] == INTENTS
    assert (full is None) == (meaning.encoder() is None)
    assert held_out(_sentences(TEXTS, [*INTENTS[:-1], "rare"]), plain=0.5, full=0.5, folds=3) == (None, None)


def test_danger_is_learnt_from_labelled_messages(tmp_path: Path) -> None:
    """Critical against everything else, then which trigger; both thresholds with their price."""
    said = {"C1": "they beat me {}", "C4": "i will jump {}", "hard": "my phone beat {} records", "plain": "hello {}"}
    messages = [(label, text.format(word)) for label, text in said.items() for word in ("now", "today", "here", "soon")]
    danger.learn_into(tmp_path, danger.Material.of(messages, [("greet", "good day"), ("ask", "x")]), KeptVectors(None))
    judged = json.loads((tmp_path / "danger_judged.json").read_text())
    heads, triggers = Heads.load(tmp_path, danger.DANGER), Heads.load(tmp_path, danger.TRIGGERS)

    assert heads.rank("they beat me again", _vector("they beat me again"))[0][0] == danger.CRITICAL
    assert triggers.rank("jump", _vector("jump"))[0][0] == "C4"
    assert 0 <= judged["plain"]["high"] <= judged["plain"]["critical"] <= 2
    assert judged["plain"]["share"]["high"].keys() == {"C", "hard", "plain"}


def test_places_are_found_inside_rasa(storage: LocalModelStorage, data: TrainingData) -> None:
    """With the span in the message, before other entities' order is touched."""
    _, loaded = _trained(ListedNameExtractor, storage, data)
    [message] = loaded.process([Message(data={"text": "ខ្ញុំនៅភ្នំពេញ not BAVET"})])

    assert [(e["entity"], e["value"], e["start"], e["end"]) for e in message.get("entities")] == [
        ("place", "ភ្នំពេញ", 7, 14),
        ("place", "Bavet", 19, 24),
    ]


def test_rasa_sees_whole_khmer_and_thai_words() -> None:
    """Its own tokenizer would make one word of a Thai sentence."""
    tokenizer = IcuTokenizer.create(IcuTokenizer.get_default_config(), None, None, None)  # type: ignore[arg-type]
    [message] = tokenizer.process([Message(data={"text": "ช่วยด้วย help"})])

    assert [(t.text, t.start, t.end) for t in message.get("text_tokens")] == [
        ("ช่วย", 0, 4),
        ("ด้วย", 4, 8),
        ("help", 9, 13),
    ]


def test_components_need_nothing_of_the_hotline() -> None:
    """Rasa's environment has none of the app's libraries, and no business with its secrets."""
    names = ["classifier", "danger", "extractor", "fit", "judge", "serve", "tokenizer"]
    script = (
        f"import sys; [__import__('nlu.components.' + name) for name in {names}];"
        "print([m for m in sys.modules if m.split('.')[0] in ('bot', 'actions', 'channels', 'escalation')])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=root, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"

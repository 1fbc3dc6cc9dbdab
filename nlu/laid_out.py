"""From Rasa's archive to the folder that the worker reads, and that folder's place as the newest model."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

from nlu.examples import Example
from nlu.labelled import Labelled
from nlu.language_model import LanguageModel
from nlu.weights import META, NAMES

MODEL = "model.tar.gz"
CURRENT = "current"
_KEPT = ("intents.json", "intents.npz")
_JUDGED = "judged.json"
_DANGER = "danger_judged.json"


def lay_out(work: Path, examples: list[Example], messages: list[Labelled], version: str) -> None:
    """Beside Rasa's archive and what was learnt of danger: the weights, the names, the languages, and what it was
    made of. Languages are learnt from both kinds of sentences.

    Raises:
        OSError, ValueError: Rasa's archive is not there, or holds no classifier of ours.
    """
    shutil.rmtree(work / ".rasa", ignore_errors=True)  # its cache of half-done work
    trained = _trained_parts(work / MODEL)
    for name in _KEPT:
        (work / name).write_bytes(trained[name])
    names = {part: json.loads(trained.get(f"{part}.json", b"{}")) for part in ("names", "synonyms")}
    _write(work / NAMES, {"listed": names["names"], "synonyms": names["synonyms"]})
    by_language: dict[str, list[str]] = {}
    sentences: list[Example | Labelled] = [*examples, *messages]
    for sentence in sentences:
        by_language.setdefault(sentence.language, []).append(sentence.text)
    LanguageModel.learn(by_language).save(work)
    counted = dict(sorted(Counter(example.language for example in examples).items()))
    judged = json.loads(trained[_JUDGED])
    voices = ["words", "meaning"] if judged["encoder"] else ["words"]
    danger = json.loads((work / _DANGER).read_text(encoding="utf-8")) if (work / _DANGER).exists() else None
    _write(work / META, {"made_of": version, "languages": counted, "voices": voices, **judged, "danger": danger})


def _trained_parts(archive: Path) -> dict[str, bytes]:
    """What our components left in Rasa's archive, by file name.

    Raises:
        ValueError: the classifier left nothing.
    """
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isfile() else None
            if content is not None:
                found[Path(member.name).name] = content.read()
    if not {*_KEPT, _JUDGED} <= found.keys():
        raise ValueError("the archive holds no classifier of ours")
    return found


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def make_newest(models: Path, work: Path, version: str) -> None:
    """Give the folder its name, turn the link in one step, and drop all but this model and the one before."""
    current = models / CURRENT
    before = current.resolve().name if current.is_symlink() else None
    folder = models / version[:16]
    shutil.rmtree(folder, ignore_errors=True)
    work.rename(folder)
    link = models / ".next"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(current)
    for old in models.iterdir():
        ours = re.fullmatch(r"[0-9a-f]{16}", old.name) is not None and not old.is_symlink()
        if ours and old.name not in {folder.name, before}:
            shutil.rmtree(old, ignore_errors=True)

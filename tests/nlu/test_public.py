"""The comparison on a public set: read in its published form, trained and judged with the real environment."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nlu.evaluate import public
from nlu.places import Paths

ROOT = Path(__file__).parents[2]


def _write(folder: Path) -> None:
    wake = ["wake me at seven", "set an alarm for six", "alarm at nine please", "wake me up early"]
    rain = ["will it rain today", "is it going to rain", "rain tomorrow", "weather and rain"]
    lines = [
        {"id": str(n), "locale": "en-US", "partition": part, "intent": intent, "utt": text, "annot_utt": text}
        for intent, texts in (("alarm_set", wake), ("weather_query", rain))
        for n, text in enumerate(texts)
        for part in ("train", "test")
    ]
    written = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "en-US.jsonl").write_text(written, encoding="utf-8")
    with gzip.open(folder / "id-ID.jsonl.gz", "wt", encoding="utf-8") as packed:
        packed.write(written)


def test_the_published_form_is_read_packed_or_not(tmp_path: Path) -> None:
    _write(tmp_path)
    said = public.read(tmp_path)
    assert {(u.locale, u.partition, u.intent) for u in said} == {
        (locale, part, intent)
        for locale in ("en-US", "id-ID")
        for part in ("train", "test")
        for intent in ("alarm_set", "weather_query")
    }
    assert {u.locale for u in public.read(tmp_path, ["id-ID"])} == {"id-ID"}


def test_a_folder_without_the_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="jsonl"):
        public.read(tmp_path)


@pytest.mark.nlu
def test_what_was_trained_on_is_recognised(tmp_path: Path) -> None:
    _write(tmp_path)
    trained_on, rows = public.compare(Paths.of(ROOT, models=tmp_path), public.read(tmp_path), examples=3, judged=4)
    assert trained_on == 12  # three of each intent and locale
    assert [(row.locale, row.judged) for row in rows] == [("en-US", 4), ("id-ID", 4)]
    assert all(row.words >= 0.75 for row in rows)
    assert public.text(trained_on, rows).splitlines()[-1].startswith("mean")

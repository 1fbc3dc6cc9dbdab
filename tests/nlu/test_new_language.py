"""Adding a language is adding files: one that does not exist is told from files alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nlu import language_table
from nlu.language import detect
from nlu.language_model import LanguageModel
from nlu.language_table import Languages

COMMITTED = Path(language_table.__file__).parent
LATIN_ONE = """\
name: Tovari
native: Tovari
scripts: [Latin]
nearest: [id]
apps: [tv-XX]
words: >-
  zuvek orlim ta drosk vemu klira sotten vrai ulko mi jorv
"""
SENTENCES = """\
# Invented, language and all.
mi jorv ta drosk
vemu klira sotten ulko
zuvek orlim ta vrai
sotten drosk mi klira
ulko ta jorv vemu
"""
OWN_SCRIPT = """\
name: Tsalagi of the tests
native: ᏣᎳᎩ
scripts: [Cherokee]
spaced: false
nearest: [zz, en]
"""


@pytest.fixture
def table(tmp_path: Path) -> Languages:
    """The committed languages, and two that nobody speaks."""
    shutil.copytree(COMMITTED / "languages", tmp_path / "languages")
    shutil.copytree(COMMITTED / "language_data", tmp_path / "language_data")
    (tmp_path / "languages" / "zz.yml").write_text(LATIN_ONE, encoding="utf-8")
    (tmp_path / "language_data" / "zz.txt").write_text(SENTENCES, encoding="utf-8")
    (tmp_path / "languages" / "zy.yml").write_text(OWN_SCRIPT, encoding="utf-8")
    return Languages.load(tmp_path / "languages", tmp_path / "language_data")


def test_a_language_in_latin_letters_is_a_file_and_sentences(table: Languages) -> None:
    model = LanguageModel.learn(table=table)

    assert detect("mi klira ta sotten", model=model).language == "zz"
    assert detect("tolong saya mau pulang ke rumah", model=model).language == "id"
    assert detect("please help me they locked the door", model=model).language == "en"


def test_a_language_in_a_script_of_its_own_is_one_file(table: Languages) -> None:
    guess = detect("ᎠᏯ ᏗᏂᏲᏟ ᎦᏚᎲ", model=LanguageModel.learn(table=table))

    assert (guess.language, guess.script) == ("zy", "Cherokee")
    assert guess.confidence > 0.9


def test_what_it_is_answered_in_and_what_apps_call_it_stand_in_its_file(table: Languages) -> None:
    assert table.offered_for("zz", {"en", "id"}) == "id"
    assert table.offered_for("zy", {"en", "id"}) == "en"
    assert table.offered_for("zy", {"zz", "id"}) == "zz"
    assert table.canonical("tv_XX") == "zz"
    assert "Cherokee" in table.unspaced_scripts


def test_training_sentences_of_a_new_language_are_learnt_too(table: Languages) -> None:
    taught = LanguageModel.learn({"zz": ["prindo halvek"] * 3}, table=table)

    assert taught.chances("prindo halvek")["zz"] > 0.9


def test_its_sentences_in_latin_letters_are_one_more_file(table: Languages, tmp_path: Path) -> None:
    lines = "osdv gvnigeyv\nwado yigihi\ngado usdi wado\nosdv wado gado\n"
    (tmp_path / "language_data" / "zy-Latn.txt").write_text(lines, encoding="utf-8")
    again = Languages.load(tmp_path / "languages", tmp_path / "language_data")

    assert detect("osdv wado yigihi", model=LanguageModel.learn(table=again)).language == "zy"


def test_a_file_that_names_no_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xx.yml").write_text("words: a b c", encoding="utf-8")

    with pytest.raises(ValueError, match="is no language"):
        Languages.load(tmp_path, tmp_path)

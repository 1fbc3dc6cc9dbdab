"""Meanings as vectors: the same for everybody, for any string, kept from one training to the next."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text import meaning
from nlu.text.kept import KeptVectors

HERE = meaning.name()
needs_encoder = pytest.mark.skipif(not HERE, reason="the encoder is not here")


@pytest.fixture
def fresh() -> Iterator[None]:
    """Nothing remembered of the machine, before or after."""
    for remembered in (meaning.name, meaning.encoder):
        remembered.cache_clear()
    yield
    for remembered in (meaning.name, meaning.encoder):
        remembered.cache_clear()


def _encoder() -> meaning.Encoder:
    found = meaning.encoder()
    assert found is not None
    return found


@needs_encoder
def test_the_same_meaning_is_near_in_another_language() -> None:
    """Nearer than another meaning in the same."""
    help_en, help_id, food_id = (_encoder().vector(t) for t in ("help me", "tolong saya", "nasi goreng enak"))

    assert help_en @ help_id > help_en @ food_id


@needs_encoder
def test_alone_together_or_at_once_the_numbers_are_the_same() -> None:
    """To the last bit: so that both environments, and training and answering, agree."""
    texts = [f"they lock door {n} at night {'x' * n}" for n in range(24)]
    alone = [_encoder().vector(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(_encoder().vector, texts))

    assert all(np.array_equal(a, b) for a, b in zip(alone, _encoder().vectors(texts), strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(alone, at_once, strict=True))


@needs_encoder
@given(st.text(alphabet=st.characters(), max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_string_has_a_vector_or_none(text: str) -> None:
    """Lone surrogates, controls and NUL too."""
    vector = _encoder().vector(text)

    assert vector is None or (vector.shape == (384,) and np.isfinite(vector).all())


@needs_encoder
def test_nul_does_not_hide_what_follows() -> None:
    """It would end a C string."""
    assert np.array_equal(_encoder().vector("help\0 they beat me"), _encoder().vector("help they beat me"))


def test_of_a_long_message_the_beginning_and_the_end_are_read() -> None:
    """The time is bounded."""
    read = meaning.reading("start " + "so " * 2000 + "end")

    assert len(read) == meaning.FIRST + 1 + meaning.LAST
    assert (read[:5], read[-3:]) == ("start", "end")


def test_where_words_are_missing_there_is_no_vector() -> None:
    """Emoji mean too many things."""
    assert not HERE or _encoder().vector("😀😀") is None


@pytest.mark.usefixtures("fresh")
def test_an_old_processor_gets_no_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading it would end the process."""
    old = tmp_path / "cpuinfo"
    old.write_text("processor : 0\nflags\t\t: fpu sse sse2 avx\n", encoding="ascii")
    monkeypatch.setattr(meaning, "_CPU", old)

    assert meaning.name() == ""
    assert meaning.encoder() is None


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("attribute", ["_PACKAGE", "_VERSION"])
def test_no_package_or_another_version_means_no_encoder(attribute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no error."""
    monkeypatch.setattr(meaning, attribute, "no-such-thing")

    assert (meaning.name(), meaning.encoder()) == ("", None)
    assert KeptVectors(None).of(["help"]) is None


@needs_encoder
@pytest.mark.usefixtures("fresh")
def test_a_broken_package_means_no_encoder(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Loud, because something is wrong with the machine."""

    def broken(self: meaning.Encoder) -> None:
        raise OSError

    monkeypatch.setattr(meaning.Encoder, "__init__", broken)
    with caplog.at_level(logging.ERROR):
        assert meaning.encoder() is None
    assert "could not be loaded" in caplog.text


@needs_encoder
def test_what_was_computed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A training after it computes only what is new, and forgets what is gone."""
    kept = KeptVectors(tmp_path / "vectors.npz")
    before = kept.of(["help me", "let me out", "😀"])
    kept.keep()
    again = KeptVectors(tmp_path / "vectors.npz")
    with monkeypatch.context() as patched:
        patched.setattr(meaning.Encoder, "vectors", lambda self, texts: pytest.fail("computed again"))
        assert np.array_equal(again.of(["let me out", "help me"]), before[[1, 0]])
    again.keep()

    assert not before[2].any()
    with np.load(tmp_path / "vectors.npz") as arrays:
        assert len(arrays["vectors"]) == 2


@needs_encoder
@pytest.mark.parametrize("content", [b"", b"half a file"])
def test_a_broken_file_is_computed_anew(tmp_path: Path, content: bytes) -> None:
    """It holds nothing that cannot be made again."""
    (tmp_path / "vectors.npz").write_bytes(content)

    assert KeptVectors(tmp_path / "vectors.npz").of(["help"]).any()

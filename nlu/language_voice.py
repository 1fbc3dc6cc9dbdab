"""The second voice among languages in Latin letters: langdetect, seeded and restricted to those it knows.

It is never asked alone: it knows no Malay, no Vietnamese without marks and nothing romanised (`nlu.md` §1).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import langdetect
from langdetect.detector_factory import DetectorFactory

from nlu.language_table import Languages
from nlu.text.script import LATIN

DetectorFactory.seed = 0  # langdetect draws at random; the same text must get the same answer


def voiced(table: Languages) -> dict[str, str]:
    """The languages in Latin letters that langdetect knows, and its names for them."""
    return {lang.code: lang.langdetect for lang in table if lang.langdetect and LATIN in lang.scripts}


def second_voice(text: str, table: Languages) -> dict[str, float]:
    """langdetect's chances for the candidates it knows; empty where it finds nothing to go by."""
    named = {name: code for code, name in voiced(table).items()}
    if not named:
        return {}
    detector = _factory(tuple(sorted(named))).create()
    detector.append(text)
    try:
        return {named[heard.lang]: float(heard.prob) for heard in detector.get_probabilities()}
    except langdetect.LangDetectException:
        return {}


@lru_cache(maxsize=4)
def _factory(names: tuple[str, ...]) -> DetectorFactory:
    """langdetect with the candidates' profiles alone: quicker, and "I love you" cannot become Slovak."""
    profiles = Path(langdetect.__file__).parent / "profiles"
    factory = DetectorFactory()
    factory.load_json_profile([(profiles / name).read_text(encoding="utf-8") for name in names])
    return factory

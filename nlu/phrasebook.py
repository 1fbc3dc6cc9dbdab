"""The phrase files (`nlu/phrases/<language>.yml`) as they are written: danger phrases, safe words, worded answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_TEXT = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the one written in C where PyYAML has it: ten times quicker

PHRASES = Path(__file__).parent / "phrases"


def read(path: Path) -> Mapping[str, Any]:
    """One phrase file. Every scalar stays text: YAML would read the answer "no" as false and "1" as a number.

    Raises:
        ValueError: the file is no phrase file.
    """
    material = yaml.load(path.read_text(encoding="utf-8"), Loader=_TEXT)  # noqa: S506 - makes text only
    if not isinstance(material, dict) or not isinstance(material.get("language"), str):
        raise ValueError(f"{path.name} is no phrase file")
    return material


@lru_cache(maxsize=1)
def every() -> Mapping[str, Mapping[str, Any]]:
    """All phrase files by language code, read once."""
    materials = [read(path) for path in sorted(PHRASES.glob("*.yml"))]
    return {material["language"]: material for material in materials}

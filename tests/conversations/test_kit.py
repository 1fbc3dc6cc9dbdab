"""Languages without a full catalogue: the emergency kit in the person's own language, then a human, never English by
surprise (screening.md §12)."""

from __future__ import annotations

import pytest

from nlu.language_table import languages
from tests.conversations.talk import CATALOGUE, Talk

HELLO = {
    "my": "ကျွန်တော်ကို ကူညီပါ ကျေးဇူးပြုပြီး",
    "lo": "ສະບາຍດີ ຂ້ອຍຢາກຖາມແດ່",
    "hi": "नमस्ते मुझे कुछ पूछना है",
    "ne": "नमस्ते मलाई केही सोध्नु छ तपाईंसँग",
    "bn": "নমস্কার আমি কিছু জানতে চাই",
    "ur": "السلام علیکم مجھے کچھ پوچھنا ہے",
    "ta": "வணக்கம் நான் ஒன்று கேட்கணும்",
    "am": "ሰላም አንድ ነገር መጠየቅ እፈልጋለሁ",
    "ko": "안녕하세요 물어볼 게 있어요",
    "ja": "こんにちは、聞きたいことがあります",
    "zh-Hant": "你好，我想請問一件事，這裡的電話",
    "ms": "saya nak tanya sikit boleh tak awak tolong",
    "fil": "kumusta po may itatanong lang po sana ako",
    "sw": "habari naomba kuuliza kitu kidogo tafadhali",
    "fr": "bonjour je voudrais poser une question s'il vous plaît",
}


KITS = sorted(CATALOGUE.kits)


def test_every_kit_is_of_a_language_that_is_told_and_tried_here() -> None:
    assert set(KITS) <= set(HELLO)
    assert all(languages().get(code) for code in KITS)


@pytest.mark.parametrize("language", KITS)
async def test_the_kit_asks_the_gates_in_the_persons_language_and_then_calls_a_human(talk: Talk, language: str) -> None:
    assert await talk.says(HELLO[language]) == ["m.hello", "q.watched"]
    assert talk.last.startswith(CATALOGUE.text("m.hello", language))
    assert await talk.presses(1) == ["q.danger"]
    assert await talk.presses(3) == ["em.still_nobody"]
    assert talk.last == CATALOGUE.text("em.still_nobody", language)
    assert await talk.case() is not None
    talk.nlu.language = language
    assert await talk.says("...", intent="ask_rights") == ["em.still_nobody"]
    assert await talk.says("...", intent="ask_who_are_you") == ["m.machine", "q.want_quiet"]


@pytest.mark.parametrize("language", KITS)
async def test_danger_is_met_with_the_kit(talk: Talk, language: str) -> None:
    talk.nlu.language = language
    assert await talk.says("they will kill me tonight") == ["em.seen.nobody", "q.emergency"]
    assert talk.last.startswith(CATALOGUE.text("em.seen.nobody", language))
    assert await talk.presses(1) == ["em.noted", "em.doctor"]
    assert await talk.says("...") == ["em.still_nobody"]


async def test_a_malay_who_is_answered_in_indonesian_stays_there(talk: Talk) -> None:
    await talk.says("halo kak saya mau tanya sesuatu dong")
    await talk.says("saya nak tanya sikit boleh tak awak tolong")
    assert CATALOGUE.text("q.watched", "id") in talk.last

"""The operator's card: signs in the operator's language, and what nobody said as not known (screening.md §10)."""

from __future__ import annotations

import pytest

from bot.core.catalogue import Catalogue
from escalation.console.card import card_of
from tests.conversations.test_reading import FIRST, SECOND
from tests.escalation.seeds import Seeds
from tests.escalation.site import Screen, Site


@pytest.mark.parametrize("language", ["en", "id", "th", "vi", "km", "zh-Hans"])
@pytest.mark.parametrize(("answers", "unknown"), [(FIRST, {4, 7, 9}), (SECOND, {1, 4})])
def test_the_worked_cases_on_the_card_in_the_operators_language(
    catalogue: Catalogue, language: str, answers: dict[str, str], unknown: set[int]
) -> None:
    card = card_of({"answers": answers, "mode": "out"}, (language,), catalogue)
    assert card is not None
    assert card.result == catalogue.text("sign.R3", language)
    unsaid = catalogue.text("sign.unknown", language)
    not_known = {n for n, sign in enumerate(card.indicators, 1) if sign.words == unsaid}
    assert not_known == unknown
    assert {sign.state for sign in card.elements} == {"present"}
    assert len(card.answers) == len(answers)


def test_nothing_said_makes_no_card(catalogue: Catalogue) -> None:
    assert card_of({}, ("en",), catalogue) is None


def test_a_country_named_in_words_still_has_a_label(catalogue: Catalogue) -> None:
    card = card_of({"answers": {"G9": "LK"}}, ("en",), catalogue)
    assert card is not None
    assert card.answers == ((catalogue.text("s.G9", "en"), catalogue.text("country.other", "en")),)


async def test_the_case_page_shows_the_card_to_who_may_read_the_case(
    site: Site, ana: Screen, seeds: Seeds, catalogue: Catalogue
) -> None:
    talk = await seeds.person()
    await seeds.knows(talk, answers={"S07": "yes"})
    case_id = await seeds.alarm(talk, "H1")
    page = (await ana.client.get(f"/cases/{case_id}")).text
    assert catalogue.text("sign.7", "en") in page or catalogue.text("sign.7", "id") in page
    await site.queue.claim(case_id, await seeds.operator("Bo"))
    page = (await ana.client.get(f"/cases/{case_id}")).text
    assert catalogue.text("sign.7", "en") not in page
    assert catalogue.text("sign.7", "id") not in page

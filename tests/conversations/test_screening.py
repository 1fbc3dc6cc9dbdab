"""Screening: one question at a time, any may be skipped, an answer's alarm is raised at once (screening.md §4-§6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conversations.talk import CATALOGUE, Talk


async def _open(talk: Talk) -> None:
    """Nobody watches, nobody is in danger now: the menu of modes is open."""
    await talk.says("hello", intent="greet")
    await talk.says("no")
    assert await talk.says("no one") == ["q.mode"]


async def _answers(talk: Talk) -> dict[str, Any]:
    return dict((await talk.slots()).get("answers") or {})


async def _triggers(talk: Talk) -> list[str]:
    case = await talk.case()
    assert case is not None
    return list(case["triggers"])


async def test_a_captive_is_asked_five_short_questions_and_then_handed_to_a_human(talk: Talk) -> None:
    await _open(talk)
    assert await talk.presses(1) == ["m.honest", "s.G5"]
    assert await talk.says("no") == ["s.G6"]
    assert await talk.says("no") == ["s.S08"]
    assert await talk.says("no") == ["s.S22"]
    assert await talk.says("2") == ["s.G9"]
    assert await talk.presses(1) == ["human.nobody", "q.handover"]
    case = await talk.case()
    assert case is not None
    assert {"H1"} <= set(case["triggers"])
    assert await _answers(talk) == {"G5": "no", "G6": "no", "S08": "no", "S22": "threats", "G9": "ID"}


async def test_on_a_watched_phone_the_same_questions_come_in_digits_and_neutral_words(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    await talk.presses(2)  # maybe later
    for said, key in (("3", "s.G5"), ("2", "s.G6"), ("2", "s.S08"), ("2", "s.S22"), ("3", "s.G9")):
        assert await talk.says(said) == [key]
        assert talk.channel.journal.delivered[-1].parcel.buttons == ()
        assert CATALOGUE.text(key, "en", quiet=True) in talk.last
    assert await talk.says("1") == ["human.nobody"]


async def test_an_alarm_is_raised_by_the_answer_and_not_at_the_end(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(1)
    assert await talk.says("yes") == ["s.G5a"]
    assert await talk.says("1") == ["em.seen.nobody", "aid.bleeding", "aid.head", "q.emergency"]
    case = await talk.case()
    assert case is not None
    assert case["level"] == 3
    assert "C5" in case["triggers"]


async def test_a_held_child_is_critical(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(1)
    await talk.says("no")
    assert (await talk.says("yes"))[0] == "em.minor"
    assert "C7" in await _triggers(talk)


async def test_skip_is_no_answer(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(1)
    assert await talk.says("i do not want to say", intent="skip") == ["s.G6"]
    assert await talk.says("skip") == ["s.S08"]
    assert await _answers(talk) == {"G5": "skip", "G6": "skip"}


async def test_free_words_answer_the_open_question_where_the_machine_is_sure(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(1)
    await talk.says("no")
    await talk.says("no")
    assert await talk.says("we are not let out of the gate", intent="help_trapped") == ["s.S22"]
    assert (await _answers(talk))["S08"] == "no"


async def test_an_interrupted_flow_goes_on_where_it_was(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(1)
    await talk.says("no")
    assert await talk.says("who are you", intent="ask_who_are_you") == ["m.machine", "m.honest", "s.G6"]
    assert await talk.says("what", intent="repeat") == ["nu.again", "s.G6"]
    assert await talk.says("they do not pay me", intent="disclose_unpaid") == ["q.country"]
    assert await talk.presses(1) == ["card.unpaid", "m.law", "s.G6"]
    assert await talk.says("no") == ["s.S08"]


async def test_wrong_button_goes_back_one_question_and_lowers_nothing(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(1)
    await talk.says("no")
    await talk.says("no")
    await talk.says("no")  # cannot leave: H1
    assert await talk.says("no i meant yes", intent="correct") == ["nu.correct", "s.S08"]
    assert await talk.says("yes") == ["s.S22"]
    assert "H1" in await _triggers(talk)
    assert (await _answers(talk))["S08"] == "yes"


async def test_repair_works_before_anything_else_is_known(talk: Talk) -> None:
    await talk.says("hello", intent="greet")
    assert await talk.says("who is this?", intent="ask_who_are_you") == ["m.machine", "q.watched"]
    assert await talk.says("what did you say", intent="repeat") == ["nu.again", "q.watched"]
    assert await talk.says("other language", intent="change_language") == ["q.language"]


async def test_somebody_who_is_out_is_asked_for_needs_first_and_questions_are_only_offered(talk: Talk) -> None:
    await _open(talk)
    assert await talk.presses(2) == ["s.S26"]
    assert await talk.presses(2) == ["s.G4b"]
    assert await talk.says("no") == ["card.stranded", "human.nobody", "q.handover"]
    assert await talk.presses(2) == ["handover.write_myself"]
    assert await talk.says("thanks", intent="thanks") == ["m.thanks", "q.want_out"]
    assert await talk.presses(3) == ["s.S01"]


async def test_the_full_set_rests_after_six_and_ends_with_what_it_may_mean(talk: Talk) -> None:
    await _open(talk)
    for press in (2, 2):
        await talk.presses(press)
    await talk.says("no")
    await talk.says("thanks", intent="thanks")
    assert await talk.presses(3) == ["s.S01"]
    assert await talk.says("no") == ["s.S02"]
    assert await talk.presses(2) == ["s.S02a"]
    assert await talk.says("yes") == ["s.S03"]
    assert await talk.says("yes") == ["s.S05"]
    assert await talk.says("yes") == ["s.S05a"]
    assert await talk.says("yes") == ["q.go_on"]
    assert await talk.presses(1) == ["s.S07"]
    keys: list[str] = []
    for _ in range(40):
        keys = await talk.says("2") if keys != ["q.go_on"] else await talk.presses(1)
        if keys[0].startswith("screen."):
            break
    assert keys[0] == "screen.R3"
    assert await talk.says("ok", intent="affirm") == ["q.want"]


async def test_two_hard_questions_left_out_end_the_part(talk: Talk) -> None:
    await _open(talk)
    for press in (2, 2):
        await talk.presses(press)
    await talk.says("no")
    await talk.says("thanks", intent="thanks")
    keys = await talk.presses(3)
    for _ in range(30):
        if keys == ["s.S16"]:
            break
        keys = await talk.presses(1) if keys == ["q.go_on"] else await talk.says("not sure")
    await talk.says("skip")
    keys = await talk.says("skip")
    assert keys[0] == "s.enough"


async def test_suicide_asks_at_most_three_and_then_stays(talk: Talk) -> None:
    await _open(talk)
    assert await talk.says("i want to die", intent="disclose_suicidal") == ["su.told", "em.still_nobody", "s.U1"]
    assert await talk.says("yes") == ["s.U2"]
    assert await talk.says("yes") == ["s.U3"]
    assert await talk.says("yes") == ["su.stay.1"]
    assert "C3" in await _triggers(talk)
    assert await talk.says("i am so tired") == ["em.still_nobody", "su.stay.2"]
    assert await talk.says("...ok") == ["em.still_nobody", "su.stay.3"]


async def test_who_says_no_to_the_first_question_is_asked_nothing_more(talk: Talk) -> None:
    await _open(talk)
    await talk.says("everything is too much", intent="disclose_suicidal")
    assert (await talk.says("no"))[0] == "human.nobody"


async def test_a_job_offer_is_never_called_safe(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(4)
    assert await talk.presses(2) == ["card.job_offer", "s.J1"]
    assert await talk.presses(2) == ["s.J2"]
    assert await talk.presses(3) == ["job.many", "q.want"]
    assert "M5" in await _triggers(talk)


async def test_on_the_way_to_a_job_is_critical(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(4)
    await talk.presses(2)
    await talk.presses(1)
    assert (await talk.presses(1))[0] == "em.travel"
    assert "C14" in await _triggers(talk)


async def test_held_by_police_gets_rights_first_and_then_four_questions(talk: Talk) -> None:
    await _open(talk)
    assert await talk.presses(3) == ["card.detained", "s.G5"]
    assert await talk.says("no") == ["s.D1"]
    assert await talk.says("no") == ["s.D2"]
    assert "H5" in await _triggers(talk)


async def test_two_things_asked_at_once_are_both_answered(talk: Talk) -> None:
    await _open(talk)
    talk.nlu.also = ("ask_interpreter",)
    keys = await talk.says("can i have a lawyer and a translator", intent="ask_lawyer")
    assert keys == ["q.country"]
    assert await talk.presses(1) == ["card.lawyer", "card.interpreter", "m.law", "q.want"]


async def test_the_agreement_of_the_persons_own_country_is_shown(talk: Talk) -> None:
    await _open(talk)
    await talk.presses(4)
    await talk.presses(3)
    assert await talk.presses(3) == ["q.cards_home"]
    assert await talk.presses(3) == ["s.G9"]
    assert await talk.presses(2) == ["q.country"]
    assert (await talk.presses(1))[0] == "card.agreement.VN"


@pytest.mark.parametrize("intent", ["help_trapped", "help_released", "help_detained", "ask_job_offer_check"])
async def test_what_was_said_first_leads_into_its_branch_after_the_gates(talk: Talk, intent: str) -> None:
    await talk.says("hello i need something", intent=intent)
    await talk.says("no")
    keys = await talk.says("no one")
    assert keys[-1] in {"s.G5", "s.S26", "s.J1"}

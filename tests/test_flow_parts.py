"""Pure pieces: the runner's strictness, effects, the catalogue's refusals, keys, ids, logs."""

from __future__ import annotations

import io
import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from rasa_sdk import Action

import actions
from actions.base import questions
from actions.rights import cards
from bot.core import logs
from bot.core.catalogue import Catalogue
from bot.core.crypto import Keyring, Sealer, new_key, read_key
from bot.core.errors import ActionRefused, CatalogueError, KeyMissing, NotApproved, SealBroken, SettingsError
from bot.core.ids import new_id
from bot.core.settings import load
from bot.flow.answers import press_payload
from bot.flow.dialogue import Rules
from bot.flow.effects import Outcome
from bot.flow.runner import Runner
from bot.run.content_check import check

ROOT = Path(__file__).parents[1]
CATALOGUE = Catalogue.load(ROOT / "bot" / "locales")
RULES = Rules(ROOT / "bot" / "rules.yml").by_intent
FACTS = {
    "presence": "nobody",
    "speaks": False,
    "demo": False,
    "first": True,
    "view": "open",
    "language": "en",
    "triggers": (),
    "case_open": False,
    "closed_lately": False,
    "window_until": "12:00",
}


def _tracker() -> dict[str, Any]:
    return {"sender_id": "x", "slots": {}, "latest_message": {"facts": FACTS}, "events": [], "paused": False}


def _runner(*more: type[Action]) -> Runner:
    return Runner((*actions.EVERY, *more), CATALOGUE, RULES)


def _action(answer: Any, *, text: str | None = None) -> type[Action]:
    class Wild(Action):  # type: ignore[misc]  # rasa_sdk carries no types
        def name(self) -> str:
            return "action_wild"

        def run(self, dispatcher: Any, tracker: Any, domain: Any) -> Any:
            if text is not None:
                dispatcher.utter_message(text=text)
            return answer

    return Wild


@pytest.mark.parametrize(
    "answer",
    [
        ["not a dict"],
        [{"name": "no event"}],
        [{"event": "restart"}],
        [{"event": "hotline.erase_everything"}],
        [{"event": "hotline.case", "triggers": ["C99"]}],
        [{"event": "hotline.case", "triggers": []}],
        [{"event": "hotline.view", "view": "loud"}],
        [{"event": "followup", "name": "action_nowhere"}],
        [{"event": "followup", "name": "action_wild"}],
    ],
)
async def test_an_unknown_or_invalid_event_is_refused_and_not_dropped(answer: Any) -> None:
    with pytest.raises(ActionRefused):
        await _runner(_action(answer)).run("action_wild", _tracker())


async def test_an_action_cannot_write_words_of_its_own() -> None:
    with pytest.raises(NotApproved):
        await _runner(_action([], text="Help is coming!")).run("action_wild", _tracker())


async def test_an_action_that_is_not_registered_is_refused() -> None:
    with pytest.raises(ActionRefused):
        await _runner().run("action_unknown", _tracker())


def test_intents_rules_domain_and_data_name_the_same_things() -> None:
    """Rasa's own validation returns 0 on a missing folder or an intent without examples (`pitfalls.md`)."""
    import yaml

    domain = yaml.safe_load((ROOT / "bot" / "domain.yml").read_text())
    assert set(domain["intents"]) == set(RULES)
    assert set(RULES.values()) <= set(domain["actions"])
    assert set(domain["actions"]) == _runner().names - {"action_listen"}
    for language in CATALOGUE.languages:
        trained = yaml.safe_load((ROOT / "nlu" / "data" / language / "nlu.yml").read_text(encoding="utf-8"))
        assert {entry["intent"] for entry in trained["nlu"] if "intent" in entry} == set(RULES), language


def test_every_card_rule_has_a_card_and_every_question_an_action() -> None:
    names = _runner().names
    assert {intent for intent, action in RULES.items() if action == "action_card"} <= set(cards())
    assert {question.then for question in questions().values()} <= names


def test_the_approved_texts_have_no_gap() -> None:
    assert [f"{p.language} {p.key}: {p.what}" for p in check(CATALOGUE)] == []


def test_a_half_translated_language_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text("language: en\nentries:\n  a: {text: x}\n  b: {text: y}\n")
    (tmp_path / "xx.yml").write_text("language: xx\nentries:\n  a: {text: z}\n")
    with pytest.raises(CatalogueError, match="xx lacks b"):
        Catalogue.load(tmp_path)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text("language: en\nentries:\n  a: {text: x}\n  a: {text: y}\n")
    with pytest.raises(CatalogueError, match="twice"):
        Catalogue.load(tmp_path)


@pytest.mark.parametrize("key", ["card.unpaid", "q.mode", "m.privacy.caution", "nothing"])
def test_a_text_without_a_quiet_wording_is_refused_on_a_watched_phone(key: str) -> None:
    with pytest.raises(NotApproved):
        CATALOGUE.text(key, "en", quiet=True)


def test_a_sealed_value_opens_only_where_it_belongs() -> None:
    sealer = Sealer(read_key(new_key()))
    sealed = sealer.seal(b"words", "outbound/1/body")
    assert sealer.open(sealed, "outbound/1/body") == b"words"
    for place, content in (
        ("outbound/2/body", sealed),
        ("outbound/1/body", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(SealBroken):
            sealer.open(content, place)


def test_keys_rotate_and_old_values_still_open() -> None:
    old, new, index = (read_key(new_key()) for _ in range(3))
    before, after = Keyring([old], index), Keyring([new, old], index)
    contact = uuid4()
    wrapped, sealed = before.new_contact_key(contact), before.seal_intake(b"raw", "here")
    assert after.contact_sealer(contact, wrapped)
    assert after.open_intake(sealed, "here") == b"raw"
    with pytest.raises(SealBroken):
        Keyring([new], index).open_intake(sealed, "here")


@pytest.mark.parametrize("keys", [[], [b"short"], [bytes(32), b""]])
def test_missing_or_short_keys_are_no_start(keys: list[bytes]) -> None:
    with pytest.raises(KeyMissing):
        Keyring(keys, bytes(range(32)))


def test_equal_keys_for_sealing_and_looking_up_are_refused() -> None:
    with pytest.raises(KeyMissing):
        Keyring([bytes(32)], bytes(32))


def test_a_demo_makes_keys_that_only_its_owner_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOTLINE_SECRET_KEYS", "HOTLINE_INDEX_KEY", "HOTLINE_MODE"):
        monkeypatch.delenv(name, raising=False)
    first, second = load(data_dir=tmp_path), load(data_dir=tmp_path)
    assert (tmp_path / "keys.env").stat().st_mode & 0o777 == 0o600
    assert first.secret_keys == second.secret_keys


def test_invalid_settings_are_named_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_PUBLIC_PORT", "not-a-port-SENTINEL")
    with pytest.raises(SettingsError, match="HOTLINE_PUBLIC_PORT") as caught:
        load()
    assert "SENTINEL" not in str(caught.value)


def test_ids_sort_by_birth_and_say_their_version() -> None:
    early, late = (new_id(datetime(2026, 11, day, tzinfo=UTC)) for day in (1, 2))
    assert early < late
    assert early.version == 7


def test_a_button_fits_telegrams_64_bytes() -> None:
    keyring = Keyring([bytes(range(32))], bytes(range(32, 64)))
    longest = max((v for q in questions().values() for v, _ in q.choices), key=len)
    payload = press_payload(uuid4(), longest, UUID(int=1), keyring)
    assert len(payload.encode()) <= 64


def test_no_two_choices_of_a_question_share_a_payload_code() -> None:
    for question in questions().values():
        assert len({value[:20] for value, _ in question.choices}) == len(question.choices)


def test_third_party_records_are_logged_without_their_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    logs.configure(level=logging.DEBUG)
    try:
        raise ValueError("SENTINEL in an exception")
    except ValueError:
        logging.getLogger("some.library").exception("SENTINEL %s", "SENTINEL")
    logs.get_logger("bot.test").error("a fixed sentence", id="1", text="SENTINEL", exc_info=ValueError("SENTINEL"))
    lines = [json.loads(line) for line in shown.getvalue().splitlines()]
    assert "SENTINEL" not in shown.getvalue()
    assert lines[0]["error"] == "ValueError"
    assert lines[1]["event"] == "a fixed sentence"


def test_outcomes_gather_events_in_order() -> None:
    outcome = Outcome().with_event({"event": "slot", "name": "a", "value": 1})
    outcome = outcome.with_event({"event": "hotline.silence", "delete": True})
    assert outcome.slots == {"a": 1}
    assert outcome.silence
    assert outcome.delete

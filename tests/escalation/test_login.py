"""Signing in: once for each code, slowly for strangers, and never for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pyotp
import pytest

from bot.core.clock import FakeClock
from bot.store.operators import Operator
from bot.store.session import Store
from escalation.login import Login
from escalation.refusals import (
    CodeWrong,
    NameTaken,
    PasswordUnfit,
    SetupRefused,
    SignInRefused,
    TooManyAttempts,
)
from tests.escalation.seeds import Seeds

PASSWORD = "four words that rhyme badly"
HERE = "192.0.2.7"


async def test_a_set_up_link_works_once(login: Login, clock: FakeClock) -> None:
    """The same secret however often it is opened; after the first right code it is used up."""
    token = await login.create("Ana", "operator", ["en"])
    first, second = await login.begin_setup(token), await login.begin_setup(token)
    assert first.secret == second.secret

    await login.finish_setup(token, PASSWORD, _code(first.secret, clock))

    for attempt in (login.begin_setup(token), login.finish_setup(token, PASSWORD, "000000")):
        with pytest.raises(SetupRefused):
            await attempt


async def test_a_set_up_link_runs_out_after_a_day(login: Login, clock: FakeClock) -> None:
    """24 hours, and then a new one is needed."""
    token = await login.create("Ana", "operator", ["en"])
    clock.advance(hours=24, seconds=1)

    with pytest.raises(SetupRefused):
        await login.begin_setup(token)


async def test_a_set_up_needs_a_long_password_and_a_right_code(login: Login, clock: FakeClock) -> None:
    """14 characters are too few, 257 too many; a wrong code does not use the link up."""
    token = await login.create("Ana", "operator", ["en"])
    secret = (await login.begin_setup(token)).secret
    for unfit in ("x" * 14, "x" * 257):
        with pytest.raises(PasswordUnfit):
            await login.finish_setup(token, unfit, _code(secret, clock))
    with pytest.raises(CodeWrong):
        await login.finish_setup(token, PASSWORD, "12345")

    await login.finish_setup(token, PASSWORD, _code(secret, clock))


async def test_an_alias_belongs_to_one_operator(login: Login) -> None:
    """A second one of that name is refused; so are an empty one and an unknown role."""
    await login.create("Ana", "operator", [])
    with pytest.raises(NameTaken):
        await login.create(" Ana ", "admin", [])
    for name, role in (("", "operator"), ("Bo", "root")):
        with pytest.raises(ValueError, match="alias"):
            await login.create(name, role, [])


async def test_a_code_signs_in_once(login: Login, clock: FakeClock) -> None:
    """The same code again is refused, also at the same moment; the code of set-up counts as used."""
    secret = await _staff(login, clock)
    code = _code(secret, clock)

    results = await asyncio.gather(
        *(login.sign_in("Ana", PASSWORD, code, HERE) for _ in range(3)), return_exceptions=True
    )

    assert sum(isinstance(r, str) for r in results) == 1
    assert sum(isinstance(r, SignInRefused) for r in results) == 2


async def test_one_sentence_for_everything_that_is_wrong(login: Login, clock: FakeClock) -> None:
    """No such name, wrong password, wrong code, not set up yet: nobody learns which."""
    secret = await _staff(login, clock)
    await login.create("Chan", "operator", [])
    sentences = set()
    for name, password, code in (
        ("Nobody", PASSWORD, _code(secret, clock)),
        ("Ana", "wrong words that rhyme badly", _code(secret, clock)),
        ("Ana", PASSWORD, "000000"),
        ("Ana", PASSWORD, "१२३४५६"),
        ("Chan", "", ""),
    ):
        with pytest.raises(SignInRefused) as refused:
            await login.sign_in(name, password, code, HERE)
        sentences.add(str(refused.value))

    assert len(sentences) == 1


@pytest.mark.parametrize("name", ["Ana", "Nobody"])
async def test_guessing_is_slow_and_locks_nobody_out_for_good(login: Login, clock: FakeClock, name: str) -> None:
    """After five attempts a name waits, known or not; a little later the right person comes in."""
    secret = await _staff(login, clock)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await login.sign_in(name, "guess", "000000", HERE)
    with pytest.raises(TooManyAttempts):
        await login.sign_in(name, PASSWORD, _code(secret, clock), HERE)

    clock.advance(minutes=1)

    assert await login.sign_in("Ana", PASSWORD, _code(secret, clock), HERE)


async def test_one_address_cannot_try_every_name(login: Login) -> None:
    """20 attempts a minute from one address, whatever the names; another address is not held up."""
    for n in range(20):
        with pytest.raises(SignInRefused):
            await login.sign_in(f"name {n}", "guess", "000000", HERE)
    with pytest.raises(TooManyAttempts):
        await login.sign_in("one more", "guess", "000000", HERE)
    with pytest.raises(SignInRefused):
        await login.sign_in("one more", "guess", "000000", "192.0.2.8")


async def test_a_session_ends_after_15_minutes_without_a_hand(login: Login, clock: FakeClock) -> None:
    """Used within the time it lives on; left alone it is gone."""
    token = await _signed_in(login, clock)
    for _ in range(3):
        clock.advance(minutes=14)
        session = await login.session(token)
        assert session is not None
        await login.touch(token, session)

    clock.advance(minutes=15)

    assert await login.session(token) is None


async def test_a_session_ends_after_12_hours_whatever_is_done(login: Login, clock: FakeClock) -> None:
    """The absolute end."""
    token = await _signed_in(login, clock)
    for _ in range(71):
        clock.advance(minutes=10)
        session = await login.session(token)
        assert session is not None
        await login.touch(token, session)

    clock.advance(minutes=10)

    assert await login.session(token) is None


async def test_signing_out_ends_the_session_and_the_shift(login: Login, clock: FakeClock) -> None:
    """Nobody is counted on who is not there."""
    token = await _signed_in(login, clock)
    ana = await _find(login, "Ana")
    await login.set_shift(ana, on=True)

    await login.sign_out(token, ana)

    assert await login.session(token) is None
    assert not (await _find(login, "Ana")).on_shift


async def test_a_disabled_operator_is_out_at_once_and_stays_out(login: Login, clock: FakeClock) -> None:
    """Every session ends, and signing in is refused like a wrong password."""
    secret = await _staff(login, clock)
    token = await login.sign_in("Ana", PASSWORD, _code(secret, clock), HERE)
    clock.advance(seconds=30)

    await login.disable((await _find(login, "Ana")).id, by=None)

    assert await login.session(token) is None
    with pytest.raises(SignInRefused):
        await login.sign_in("Ana", PASSWORD, _code(secret, clock), HERE)


async def test_each_sign_in_has_a_token_of_its_own_that_is_not_stored(
    login: Login, clock: FakeClock, seeds: Seeds
) -> None:
    """256 bits each; the table holds a keyed hash."""
    secret = await _staff(login, clock)
    tokens = []
    for _ in range(2):
        tokens.append(await login.sign_in("Ana", PASSWORD, _code(secret, clock), HERE))
        clock.advance(seconds=30)

    stored = await seeds.one("SELECT string_agg(encode(token_hmac, 'escape'), ' ') FROM operator_session")

    assert tokens[0] != tokens[1]
    assert all(len(token) >= 43 and token not in stored for token in tokens)


async def test_secrets_are_sealed(login: Login, clock: FakeClock, store: Store, seeds: Seeds) -> None:
    """Neither the password nor the secret of the codes stands in the table."""
    secret = await _staff(login, clock)

    row = await seeds.one("SELECT operator::text FROM operator")

    assert secret not in row
    assert secret.encode().hex() not in row
    assert PASSWORD not in row


async def _staff(login: Login, clock: FakeClock) -> str:
    token = await login.create("Ana", "operator", ["en"])
    secret = (await login.begin_setup(token)).secret
    await login.finish_setup(token, PASSWORD, _code(secret, clock))
    clock.advance(seconds=30)
    return secret


async def _signed_in(login: Login, clock: FakeClock) -> str:
    secret = await _staff(login, clock)
    return await login.sign_in("Ana", PASSWORD, _code(secret, clock), HERE)


async def _find(login: Login, name: str) -> Operator:
    return next(o for o in await login.everyone() if o.name == name)


def _code(secret: str, clock: FakeClock) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta())

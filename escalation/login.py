"""Who is at the screen: set-up link, password and one-time code, sessions that end (C18, C26)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import Clock
from bot.core.crypto import Keyring
from bot.core.ids import new_id
from bot.store import audit, operators
from bot.store.operators import Operator, Secrets, Session
from bot.store.session import Store
from escalation import paging
from escalation.codes import Codes
from escalation.passwords import LONGEST, SHORTEST, Passwords
from escalation.refusals import (
    CodeWrong,
    NameTaken,
    PasswordUnfit,
    SetupRefused,
    SignInRefused,
    TooManyAttempts,
)

IDLE = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)
LINK_LIVES = timedelta(hours=24)
_TOUCH_EVERY = timedelta(seconds=20)  # fewer writes; an idle time is exact to this


@dataclass(frozen=True, kw_only=True)
class SetupForm:
    """What the set-up page shows."""

    name: str
    address: str  # otpauth:// address, for the QR code
    secret: str  # the same, to type by hand

    def __repr__(self) -> str:
        return "SetupForm()"


class Login:
    """Signing in and out. Tokens are 256 bits; only their keyed hashes are stored."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, *, passwords: Passwords | None = None) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._codes = Codes(keyring)

    # -- set-up ------------------------------------------------------------------------------------

    async def create(self, name: str, role: str, languages: Sequence[str]) -> str:
        """A new operator; returns the token of a one-time set-up link, good for 24 hours.

        Raises:
            NameTaken: the alias exists.
            ValueError: an empty alias or an unknown role.
        """
        alias, now, token = name.strip(), self._clock.now(), secrets.token_urlsafe(32)
        if not alias or len(alias) > 40 or role not in operators.ROLES:
            raise ValueError("an alias of 1 to 40 characters and a role are needed")
        new = new_id(now)
        async with self._store.transaction() as c:
            added = await operators.add(
                c,
                operator_id=new,
                name=alias,
                role=role,
                languages=languages,
                setup_hmac=self._mark("setup", token),
                setup_until=now + LINK_LIVES,
                now=now,
            )
            if not added:
                raise NameTaken
            await audit.record(c, operator_id=None, action="operator.created", subject=str(new), now=now)
        return token

    async def begin_setup(self, token: str) -> SetupForm:
        """What the set-up page shows; the same secret however often it is opened.

        Raises:
            SetupRefused: the link is not good.
        """
        async with self._store.transaction() as c:
            found = await self._by_link(c, token)
            sealed = found.totp_sealed
            if sealed is None:
                sealed = self._codes.new(found.operator.id)
                await operators.set_totp(c, found.operator.id, sealed)
        secret = self._codes.secret(found.operator.id, sealed)
        address = self._codes.address(found.operator.name, secret)
        return SetupForm(name=found.operator.name, address=address, secret=secret)

    async def finish_setup(self, token: str, password: str, code: str) -> None:
        """Set the password and use the link up, after one right code.

        Raises:
            SetupRefused, PasswordUnfit, CodeWrong, TooManyAttempts
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise PasswordUnfit
        mark, now = self._mark("setup", token), self._clock.now()
        await self._allow(f"setup/{mark.hex()}", now, size=10)
        hashed = await self._passwords.hash(password)
        async with self._store.transaction() as c:
            found = await self._by_link(c, token)
            timecode = self._timecode(found, code, now)
            if timecode is None:
                raise CodeWrong
            used = await operators.finish_setup(c, mark, password_hash=hashed, timecode=timecode, now=now)
            if not used:
                raise SetupRefused
            subject = str(found.operator.id)
            await audit.record(c, operator_id=found.operator.id, action="operator.set_up", subject=subject, now=now)

    # -- sessions ----------------------------------------------------------------------------------

    async def sign_in(self, name: str, password: str, code: str, address: str) -> str:
        """A new session's token. `address` is where the attempt came from; it is kept only as a keyed hash.

        Raises:
            SignInRefused: one thing or another is wrong; which one is never said.
            TooManyAttempts: over 5 a minute for this name from this address, 30 for this name, or 20
                for this address.
        """
        now, alias = self._clock.now(), name.strip()
        # By name and address, so that a stranger's wrong tries do not keep the operator out; by name alone, wider.
        by_name = f"login/{self._mark('login name', f'{alias} from {address}').hex()}"
        await self._allow(f"login to/{self._mark('login name', alias).hex()}", now, size=30)
        await self._allow(f"login from/{self._mark('login address', address).hex()}", now, size=20)
        await self._allow(by_name, now, size=5)
        async with self._store.reading() as c:
            found = await operators.by_name(c, alias)
        right = await self._passwords.matches(found.password_hash if found else None, password)
        timecode = self._timecode(found, code, now) if found else None
        if not right or found is None or timecode is None or not found.operator.active:
            await self._refused(found, now)
            raise SignInRefused
        return await self._admit(found, timecode, by_name, now)

    async def _admit(self, found: Secrets, timecode: int, bucket: str, now: datetime) -> str:
        token, operator_id = secrets.token_urlsafe(32), found.operator.id
        async with self._store.transaction() as c:
            if not await operators.accept_timecode(c, operator_id, timecode):
                raise SignInRefused
            await operators.refill_attempts(c, bucket)
            await operators.add_session(c, self._mark("session", token), operator_id, now)
            await audit.record(c, operator_id=operator_id, action="signed_in", subject=str(operator_id), now=now)
        return token

    async def _refused(self, found: Secrets | None, now: datetime) -> None:
        subject = str(found.operator.id) if found else "unknown"
        async with self._store.transaction() as c:
            await audit.record(c, operator_id=None, action="sign_in_refused", subject=subject, now=now)

    async def session(self, token: str) -> Session | None:
        """The session of a token; None when unknown, 15 minutes idle, 12 hours old, or its operator out."""
        now = self._clock.now()
        async with self._store.reading() as c:
            return await operators.session(
                c, self._mark("session", token), used_since=now - IDLE, made_since=now - LONGEST_SESSION
            )

    async def touch(self, token: str, session: Session) -> None:
        """A human did something on this screen; what a script does by itself does not count."""
        now = self._clock.now()
        if now - session.used_at >= _TOUCH_EVERY:
            async with self._store.reading() as c:
                await operators.touch_session(c, self._mark("session", token), now)

    async def sign_out(self, token: str, operator: Operator) -> None:
        """End this session and the operator's shift."""
        now = self._clock.now()
        async with self._store.transaction() as c:
            await operators.end_session(c, self._mark("session", token))
            await operators.set_shift(c, operator.id, on=False)
            await operators.saw(c, operator.id, None)
            await audit.record(c, operator_id=operator.id, action="signed_out", subject=str(operator.id), now=now)

    async def disable(self, operator_id: UUID, by: Operator | None) -> None:
        """Shut an operator out at once: every session ends, and the streams with them."""
        now = self._clock.now()
        async with self._store.transaction() as c:
            if await operators.disable(c, operator_id):
                actor = by.id if by else None
                await audit.record(c, operator_id=actor, action="operator.disabled", subject=str(operator_id), now=now)

    async def set_shift(self, operator: Operator, *, on: bool) -> None:
        """Go on or off shift; going on counts this screen as live."""
        now = self._clock.now()
        async with self._store.transaction() as c:
            await operators.set_shift(c, operator.id, on=on)
            if on:
                await paging.answered(c, operator.id, now)
            action = "shift.on" if on else "shift.off"
            await audit.record(c, operator_id=operator.id, action=action, subject=str(operator.id), now=now)

    async def everyone(self) -> list[Operator]:
        """All operators by alias."""
        async with self._store.reading() as c:
            return await operators.everyone(c)

    async def screen_answered(self, operator: Operator) -> None:
        """The operator's screen is alive, and has shown what was put there."""
        async with self._store.transaction() as c:
            await paging.answered(c, operator.id, self._clock.now())

    def form_mark(self, token: str) -> str:
        """The CSRF token of a session."""
        return self._mark("form", token).hex()

    # -- parts -------------------------------------------------------------------------------------

    async def _by_link(self, c: AsyncConnection, token: str) -> Secrets:
        found = await operators.by_setup(c, self._mark("setup", token), self._clock.now())
        if found is None:
            raise SetupRefused
        return found

    async def _allow(self, bucket: str, now: datetime, *, size: int) -> None:
        refill = timedelta(minutes=1) / size
        async with self._store.reading() as c:
            if not await operators.take_attempt(c, bucket, size=size, refill=refill, now=now):
                raise TooManyAttempts

    def _timecode(self, found: Secrets, code: str, now: datetime) -> int | None:
        return self._codes.timecode(found.operator.id, found.totp_sealed, code, now)

    def _mark(self, kind: str, value: str) -> bytes:
        return self._keyring.index(kind, value)

"""One-time codes by time (TOTP, RFC 6238): 6 digits, 30 s, one step of tolerance, each code good once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pyotp
from pyotp.exceptions import OTPVerificationError

from bot.core.crypto import Keyring

_ISSUER = "Line"  # what the authenticator app shows: no topic
_TOLERANCE = 1  # steps of 30 s before and after


class Codes:
    """Makes, seals and checks the secrets behind the codes."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def new(self, operator_id: UUID) -> bytes:
        """A new secret, sealed for its operator's row."""
        return self._keyring.seal_intake(pyotp.random_base32(32).encode(), _place(operator_id))

    def secret(self, operator_id: UUID, sealed: bytes) -> str:
        """The secret in base32, for the set-up page."""
        return self._keyring.open_intake(sealed, _place(operator_id)).decode()

    def address(self, name: str, secret: str) -> str:
        """The otpauth:// address behind the QR code."""
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)

    def timecode(self, operator_id: UUID, sealed: bytes | None, code: str, now: datetime) -> int | None:
        """The time step of a right code, to be used up; None for a wrong one."""
        digits = "".join(code.split())
        if sealed is None or not (digits.isascii() and digits.isdigit() and len(digits) == 6):
            return None
        totp = pyotp.TOTP(self.secret(operator_id, sealed))
        try:
            return totp.verify_and_get_timecode(digits, for_time=now, valid_window=_TOLERANCE)
        except OTPVerificationError:
            return None


def _place(operator_id: UUID) -> str:
    return f"operator/{operator_id}/totp"

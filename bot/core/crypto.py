"""Sealing at rest: AES-256-GCM, one data key for each contact, wrapped by a key that never enters the database.

Erasing a contact is dropping its wrapped key. What is sealed is bound to its row by AAD, so a ciphertext copied
to another row does not open (`security.md` C14). Looking a number up goes through a keyed hash under a key of its
own that does not rotate (C15).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.core.errors import KeyMissing, SealBroken

_KEY = 32  # bytes, AES-256
_NONCE = 12  # bytes, random for each seal
_ID = 4  # bytes that say which of our keys sealed something


class Sealer:
    """One AES-256-GCM key. `where` names the row and column a value belongs to, and is bound to it."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise KeyMissing
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, where: str) -> bytes:
        """Nonce and ciphertext of `plain`, which open only at `where`."""
        nonce = os.urandom(_NONCE)
        return nonce + self._aead.encrypt(nonce, plain, where.encode())

    def open(self, sealed: bytes, where: str) -> bytes:
        """What was sealed at `where`.

        Raises:
            SealBroken: another key, another place, or changed bytes.
        """
        try:
            return self._aead.decrypt(bytes(sealed[:_NONCE]), bytes(sealed[_NONCE:]), where.encode())
        except InvalidTag:
            raise SealBroken from None


class Keyring:
    """The keys of one deployment: `secret_keys` (first seals, all open) and `index_key` (32 bytes each)."""

    def __init__(self, secret_keys: Iterable[bytes], index_key: bytes) -> None:
        keys = list(secret_keys)
        if not keys or any(len(k) != _KEY for k in keys) or len(index_key) != _KEY:
            raise KeyMissing
        if index_key in keys:
            raise KeyMissing("HOTLINE_INDEX_KEY must differ from every one of HOTLINE_SECRET_KEYS.")
        self._index_key = index_key
        self._wrappers = {_key_id(k): Sealer(_derive(k, "wrap")) for k in keys}
        self._intake = {_key_id(k): Sealer(_derive(k, "intake")) for k in keys}
        self._first = _key_id(keys[0])
        self._press_key = _derive(index_key, "press")

    def new_contact_key(self, contact_id: UUID) -> bytes:
        """A fresh data key for a contact, wrapped for storing."""
        return self._seal_with(self._wrappers, os.urandom(_KEY), f"contact/{contact_id}/key")

    def contact_sealer(self, contact_id: UUID, wrapped: bytes) -> Sealer:
        """The sealer of one contact, from its wrapped key as stored.

        Raises:
            SealBroken: none of our keys opens it.
        """
        return Sealer(self._open_with(self._wrappers, wrapped, f"contact/{contact_id}/key"))

    def seal_intake(self, plain: bytes, where: str) -> bytes:
        """Seal raw provider bytes on arrival, in the database or in the spool, before a contact is known."""
        return self._seal_with(self._intake, plain, where)

    def open_intake(self, sealed: bytes, where: str) -> bytes:
        """Open what `seal_intake` made.

        Raises:
            SealBroken: none of our keys opens it, or it belongs elsewhere.
        """
        return self._open_with(self._intake, sealed, where)

    def index(self, kind: str, value: bytes | str) -> bytes:
        """A keyed hash (32 bytes) to find or compare `value` without storing it (`security.md` C15)."""
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        return hmac.digest(self._index_key, kind.encode() + b"\0" + raw, "sha256")

    def press_mark(self, text: str) -> str:
        """A short signature of a button's payload: 16 characters of URL-safe base64 (96 bits)."""
        digest = hmac.digest(self._press_key, text.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(digest[:12]).decode()

    def press_is_ours(self, text: str, mark: str) -> bool:
        """Whether `mark` is our signature of `text`, compared in constant time."""
        return hmac.compare_digest(self.press_mark(text).encode(), mark.encode("utf-8", "surrogatepass"))

    def _seal_with(self, sealers: dict[bytes, Sealer], plain: bytes, where: str) -> bytes:
        return self._first + sealers[self._first].seal(plain, where)

    def _open_with(self, sealers: dict[bytes, Sealer], sealed: bytes, where: str) -> bytes:
        sealer = sealers.get(bytes(sealed[:_ID]))
        if sealer is None:
            raise SealBroken
        return sealer.open(sealed[_ID:], where)


def new_key() -> str:
    """A new 32-byte key as URL-safe base64, as the settings take it."""
    return base64.urlsafe_b64encode(os.urandom(_KEY)).decode()


def read_key(text: str) -> bytes:
    """The 32 bytes of a key written as base64, of either alphabet.

    Raises:
        KeyMissing: it is empty, not base64, or of another length.
    """
    try:
        key = base64.urlsafe_b64decode(text.strip().replace("+", "-").replace("/", "_").encode())
    except ValueError:
        raise KeyMissing from None
    if len(key) != _KEY:
        raise KeyMissing
    return key


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"hotline key id" + key).digest()[:_ID]


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=f"hotline/{purpose}".encode()).derive(key)

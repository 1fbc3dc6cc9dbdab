"""One tree of errors; the docstring of a class is its message, so none can be raised without a sentence.

No error text ever carries what a person wrote, a name, an address or a key (design §2.10): ids only.
"""

from __future__ import annotations


class HotlineError(Exception):
    """Something in the hotline failed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class SettingsError(HotlineError):
    """A setting is missing or unsafe."""


class KeyMissing(SettingsError):
    """HOTLINE_SECRET_KEYS or HOTLINE_INDEX_KEY is missing or not 32 bytes of base64."""


class SealBroken(HotlineError):
    """A sealed value does not open: wrong key, or the value was moved or changed."""


class CatalogueError(HotlineError):
    """The catalogue of approved texts is incomplete or inconsistent."""


class NotApproved(HotlineError):
    """Something that is not an approved catalogue key was about to be said."""


class ActionRefused(HotlineError):
    """An action returned an event that the hotline does not know or cannot carry out."""


class Unreadable(HotlineError):
    """A provider's bytes could not be read as a message."""


class SpoolUnavailable(HotlineError):
    """The spool folder cannot be written, so a message could be lost: refuse to go on."""


class StoreUnavailable(HotlineError):
    """The database does not answer."""


class StaleConversation(HotlineError):
    """The conversation changed while a turn was being decided: decide again."""


class AlreadyHeld(HotlineError):
    """The case is held by another operator."""


class NotAllowed(HotlineError):
    """This operator may not do that."""

"""Why something was refused to an operator; the sentence is what the screen says."""

from __future__ import annotations

from bot.core.errors import HotlineError


class SignInRefused(HotlineError):
    """The name, the password or the code is not right."""


class TooManyAttempts(HotlineError):
    """Too many attempts. Wait a minute, then try again."""


class SetupRefused(HotlineError):
    """This link was used already, or it has run out. Ask for a new one."""


class PasswordUnfit(HotlineError):
    """The password needs 15 characters or more, and 256 at most."""


class CodeWrong(HotlineError):
    """The code is not right. Use the newest one that the app shows."""


class NameTaken(HotlineError):
    """There is an operator of that name."""


class NoSuchCase(HotlineError):
    """There is no such case."""


class NotHeld(HotlineError):
    """You do not hold this case now, so nothing was sent."""


class HiddenView(HotlineError):
    """This chat is hidden, so nothing was sent. Tick the box to write all the same."""


class NothingToSay(HotlineError):
    """The message is empty, or longer than 4,000 characters, so nothing was sent."""

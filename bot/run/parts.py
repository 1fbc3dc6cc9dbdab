"""The composition root: the one place that builds the parts and hands them to each other (style rule 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import actions
from bot.core.catalogue import Catalogue
from bot.core.clock import SystemClock
from bot.core.crypto import Keyring
from bot.core.deployment import Deployment
from bot.core.errors import SettingsError
from bot.core.settings import ROOT, Settings
from bot.flow.committing import Committing
from bot.flow.deliver import Delivery
from bot.flow.dialogue import Rules
from bot.flow.hearing import Ear, Understands
from bot.flow.intake import Intake
from bot.flow.runner import Runner
from bot.flow.spool import Spool
from bot.flow.sweep import Sweep
from bot.flow.turn import Turn
from bot.store.session import Store, engine_for
from channels.base import Channel
from channels.webchat.channel import WebChatChannel
from escalation.queue import Queue
from nlu import danger
from nlu.rasa_client import RasaClient
from nlu.understand import Understander
from nlu.weights import ModelFolder

if TYPE_CHECKING:
    from channels.telegram.channel import TelegramChannel


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What every role is built from."""

    settings: Settings
    deployment: Deployment
    keyring: Keyring
    clock: SystemClock
    catalogue: Catalogue
    store: Store
    channels: dict[str, Channel]

    @property
    def telegram(self) -> TelegramChannel | None:
        """The Telegram bot, if one is set up."""
        return cast("TelegramChannel | None", self.channels.get("telegram"))

    @property
    def live_window(self) -> timedelta:
        """How long after a person's word anything may be said."""
        return timedelta(minutes=self.deployment.live_window_minutes)

    def intake(self) -> Intake:
        """Stores what providers bring.

        Raises:
            SpoolUnavailable: no writable spool, no start.
            ValueError: a danger phrase does not compile.
        """
        danger.matchers()  # now, so that no person waits for it
        return Intake(
            store=self.store,
            keyring=self.keyring,
            clock=self.clock,
            spool=Spool(self.settings.spool_dir, self.keyring),
            channels=self.channels,
            urgency=danger.urgency,
        )

    def turn(self, understander: Understands) -> Turn:
        """Decides.

        Raises:
            ValueError: a danger phrase does not compile.
        """
        danger.matchers()  # now, so that no person waits for it
        rules = Rules(ROOT / "bot" / "rules.yml").by_intent
        return Turn(
            store=self.store,
            keyring=self.keyring,
            clock=self.clock,
            channels=self.channels,
            ear=Ear(understander=understander, catalogue=self.catalogue, keyring=self.keyring),
            committing=Committing(
                keyring=self.keyring,
                catalogue=self.catalogue,
                runner=Runner(actions.EVERY, self.catalogue, rules),
                rules=rules,
                demo=self.settings.mode == "demo",
                live_window=self.live_window,
            ),
            live_window=self.live_window,
        )

    def delivery(self) -> Delivery:
        """Sends."""
        return Delivery(store=self.store, keyring=self.keyring, clock=self.clock, channels=self.channels)

    def sweep(self) -> Sweep:
        """Wakes what is due."""
        return Sweep(store=self.store, clock=self.clock, return_silent=self.queue().return_silent)

    def queue(self) -> Queue:
        """What operators do with cases."""
        return Queue(self.store, self.keyring, self.clock, self.catalogue)

    async def close(self) -> None:
        """Let go of connections, in reverse."""
        for channel in self.channels.values():
            await channel.close()
        await self.store.close()


def build(settings: Settings, *, pool: int = 8) -> Parts:
    """The parts of one role.

    Raises:
        SettingsError: something is missing or unsafe; `live` mode names everything that is.
    """
    if settings.database_url is None:
        raise SettingsError("HOTLINE_DATABASE_URL is not set: start a role alone only with a database server.")
    deployment = Deployment.load(settings.deployment)
    catalogue = Catalogue.load(ROOT / "bot" / "locales")
    if settings.mode == "live":
        deployment.check_live(settings, catalogue)
    clock = SystemClock()
    return Parts(
        settings=settings,
        deployment=deployment,
        keyring=settings.keyring(),
        clock=clock,
        catalogue=catalogue,
        store=Store(engine_for(settings.database_url.get_secret_value(), size=pool)),
        channels=_channels(settings),
    )


def understander(settings: Settings) -> tuple[Understander, RasaClient | None]:
    """Understanding with Rasa where it is set up, and with the trained weights in this process beside it."""
    token = settings.nlu_token.get_secret_value() if settings.nlu_token else ""
    rasa = RasaClient(settings.nlu_url, token) if token else None
    return Understander(rasa=rasa, classifier=ModelFolder(settings.models_dir / "current")), rasa


def _channels(settings: Settings) -> dict[str, Channel]:
    channels: dict[str, Channel] = {"webchat": WebChatChannel()}
    if settings.telegram_token is not None:
        from channels.telegram.channel import TelegramChannel  # a large library: only where it is used

        token = settings.telegram_token.get_secret_value()
        # Telegram's time is compared with the machine's own clock, not with the one that the result corrects.
        machine = SystemClock()
        channels["telegram"] = TelegramChannel(token, token.split(":")[0], settings.telegram_api, machine)
    return channels

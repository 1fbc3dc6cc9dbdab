"""What the NGO decides, in one validated `deployment.yml`: never in this repository, since captors read it too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.core.errors import SettingsError

if TYPE_CHECKING:
    from bot.core.catalogue import Catalogue
    from bot.core.settings import Settings


class Deployment(BaseModel):
    """The deployment's own decisions; the defaults are those of a demo."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    live_window_minutes: int = Field(
        15, ge=1, le=60, description="Minutes after a person's word in which anything may be said."
    )
    child_protection_contact: str | None = Field(
        None, description="Named focal person for children (screening.md §8.4)."
    )

    @classmethod
    def load(cls, path: Path | None) -> Deployment:
        """Read the file, or the defaults where there is none.

        Raises:
            SettingsError: the file is missing or invalid; the message names the fields, never their values.
        """
        if path is None:
            return cls()
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            return cls(**content)
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()}))
            raise SettingsError(f"deployment.yml: invalid {fields}.") from None
        except (OSError, yaml.YAMLError, TypeError):
            raise SettingsError("deployment.yml cannot be read.") from None

    def check_live(self, settings: Settings, catalogue: Catalogue) -> None:
        """Refuse to start `live` with anything unsafe or unreviewed, naming all of it.

        Raises:
            SettingsError: with every reason.
        """
        reasons = []
        drafted = sum(
            catalogue.entry(key, language).state != "reviewed"
            for language in catalogue.languages
            for key in catalogue.every_key()
        )
        if drafted:
            reasons.append(f"{drafted} texts are not reviewed by a named human (`hotline content check`)")
        if self.child_protection_contact is None:
            reasons.append("deployment.yml names no child_protection_contact")
        for name in ("public_url", "console_url"):
            address = getattr(settings, name)
            if not (address or "").startswith("https://"):
                reasons.append(f"HOTLINE_{name.upper()} is not an https address")
        if settings.telegram_token is not None and settings.telegram_webhook_secret is None:
            reasons.append("Telegram is polled: set HOTLINE_TELEGRAM_WEBHOOK_SECRET and register the webhook")
        if reasons:
            raise SettingsError("Not safe to go live: " + "; ".join(reasons) + ".")

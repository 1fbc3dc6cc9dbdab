"""Every setting, read once from the environment and checked; the only file that reads `os.environ`.

Secrets and addresses come from the environment; what the NGO decides stands in `deployment.yml`
(`bot/core/deployment.py`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.crypto import Keyring, new_key, read_key
from bot.core.errors import KeyMissing, SettingsError

ROOT = Path(__file__).parents[2]
"""The project's folder."""


class Settings(BaseSettings):
    """The hotline's settings. Environment names are the field names in capitals with `HOTLINE_` before them."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", frozen=True, extra="ignore")

    mode: Literal["demo", "live"] = Field(
        "demo", description="`demo` says that it is a test line; `live` refuses anything unsafe."
    )
    data_dir: Path = Field(Path("var"), description="Folder for the embedded database, keys, spool, logs.")
    database_url: SecretStr | None = Field(None, description="A PostgreSQL server; without it an embedded one is run.")
    secret_keys: SecretStr | None = Field(
        None, description="Comma-separated 32-byte keys in base64; the first seals, all open."
    )
    index_key: SecretStr | None = Field(
        None, description="32-byte key in base64 for looking up numbers; never rotates."
    )
    public_url: str | None = Field(None, description="Address under which providers reach the public app.")
    public_host: str = Field("127.0.0.1", description="Address the public app listens on.")
    public_port: int = Field(8080, description="Port of the public app.")
    console_host: str = Field("127.0.0.1", description="Address the operators' console listens on.")
    console_port: int = Field(8090, description="Port of the console.")
    console_url: str | None = Field(
        None,
        description="Address under which operators reach the console, for set-up links and origin checks.",
    )
    nlu_url: str = Field("http://127.0.0.1:5005", description="Address of `rasa run --enable-api`.")
    nlu_token: SecretStr | None = Field(
        None, description="Token of the Rasa server; made for each start of the embedded one."
    )
    telegram_token: SecretStr | None = Field(None, description="Bot token; without it there is no Telegram.")
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="Secret header of the webhook; without it Telegram is polled."
    )
    telegram_api: str | None = Field(None, description="Base address of a Bot API server, if not Telegram's own.")
    deployment: Path | None = Field(None, description="Path of `deployment.yml`; without it the defaults of a demo.")
    models_dir: Path = Field(Path("models"), description="Folder of the trained NLU model.")
    workers: int = Field(2, ge=1, le=64, description="Worker processes of `hotline run`.")
    concurrency: int = Field(6, ge=1, le=32, description="Conversations that one worker handles at once.")
    log_level: Literal["info", "debug"] = Field(
        "info", description="`debug` shows libraries' lines too; never their text."
    )
    exit_url: str = Field(
        "https://www.wikipedia.org/", description="Neutral site that the web chat's exit button goes to."
    )

    def keyring(self) -> Keyring:
        """The deployment's keys.

        Raises:
            KeyMissing: a key is absent or malformed; nothing starts without keys (`security.md` C16).
        """
        if self.secret_keys is None or self.index_key is None:
            raise KeyMissing
        secrets = [read_key(k) for k in self.secret_keys.get_secret_value().split(",") if k.strip()]
        return Keyring(secrets, read_key(self.index_key.get_secret_value()))

    @property
    def spool_dir(self) -> Path:
        """Where messages wait while the database is away."""
        return self.data_dir / "spool"

    @property
    def console_address(self) -> str:
        """The address that operators type, without a slash at the end. Passkeys and cookies want `localhost`."""
        host = "localhost" if self.console_host in {"127.0.0.1", "localhost"} else self.console_host
        return (self.console_url or f"http://{host}:{self.console_port}").rstrip("/")

    @property
    def public_address(self) -> str:
        """The address of the public app, without a slash at the end."""
        host = "localhost" if self.public_host in {"127.0.0.1", "localhost"} else self.public_host
        return (self.public_url or f"http://{host}:{self.public_port}").rstrip("/")


def load(**given: object) -> Settings:
    """Settings from the environment, with `given` (from the command line) on top, and demo keys made if need be.

    Raises:
        SettingsError: a value is invalid; the message names the settings and never their values.
    """
    values = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**values)  # type: ignore[arg-type]  # pydantic checks each value
    except ValueError as error:
        names = sorted({str(e["loc"][0]) for e in error.errors()}) if hasattr(error, "errors") else []
        raise SettingsError("Invalid settings: " + ", ".join(f"HOTLINE_{n.upper()}" for n in names)) from None
    if settings.secret_keys is None and settings.index_key is None and settings.mode == "demo":
        settings = settings.model_copy(update=_demo_keys(settings.data_dir / "keys.env"))
    if settings.mode == "live" and settings.database_url is None and not settings.secret_keys:
        raise KeyMissing
    return settings


def _demo_keys(path: Path) -> dict[str, SecretStr]:
    """Keys for a demo, made once, in a file that only its owner can read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = f"HOTLINE_SECRET_KEYS={new_key()}\nHOTLINE_INDEX_KEY={new_key()}\n"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(lines)
    pairs = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    try:
        return {
            "secret_keys": SecretStr(pairs["HOTLINE_SECRET_KEYS"]),
            "index_key": SecretStr(pairs["HOTLINE_INDEX_KEY"]),
        }
    except KeyError:
        raise KeyMissing(f"{path} does not hold both keys.") from None


def child_environment(settings: Settings) -> dict[str, str]:
    """The whole environment of a child role of ours: the machine's own, and every setting as it was resolved."""
    environment = dict(os.environ)
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None:
            continue
        shown = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        environment[f"HOTLINE_{name.upper()}"] = shown
    return environment


def machine_environment(
    names: tuple[str, ...] = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR"),
) -> Mapping[str, str]:
    """The few variables that a process outside our trust (Rasa, PostgreSQL) may see."""
    kept = {n: os.environ[n] for n in names if n in os.environ}
    kept.update({n: v for n, v in os.environ.items() if n.startswith("OPENBLAS_")})
    return kept

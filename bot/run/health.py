"""Whether the line is well: not "does a process exist" but "can a message be kept, and is it handled"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from bot.core.errors import StoreUnavailable
from bot.core.settings import ROOT
from bot.flow.intake import Intake
from bot.run.parts import Parts
from bot.store import pulse
from nlu.train import Paths, up_to_date

FRESH = timedelta(seconds=15)
"""A worker that has not said anything for so long is not there."""


class Health:
    """Answers `/readyz`. A missing model never takes the line out of service (design §6)."""

    def __init__(self, parts: Parts, intake: Intake) -> None:
        self._parts = parts
        self._intake = intake
        self._http = httpx.AsyncClient(timeout=1.0, trust_env=False)

    async def state(self) -> dict[str, Any]:
        """The state of every part; `ready` is whether messages are kept and handled."""
        now = self._parts.clock.now()
        database, workers, waiting, quarantined = "away", 0, None, 0
        try:
            async with self._parts.store.reading() as c:
                workers = await pulse.alive(c, now - FRESH)
                waiting = await pulse.oldest_unhandled(c)
                quarantined = await pulse.quarantined(c)
                database = "ready"
        except StoreUnavailable:
            pass
        return {
            "ready": database == "away" or workers > 0,  # away: the spool takes messages, and it was writable
            "database": database,
            "workers": workers,
            "oldest_unhandled_seconds": round((now - waiting).total_seconds()) if waiting else 0,
            "spooled": self._intake.spooled,
            "spool_set_aside": self._intake.stuck,
            "quarantined": quarantined,
            "nlu": await self._nlu(),
            "clock_offset_seconds": self._parts.clock.offset.total_seconds(),
            "mode": self._parts.settings.mode,
        }

    async def _nlu(self) -> str:
        """ready: Rasa answers · training: no current model yet · degraded: the worker answers by itself."""
        try:
            if (await self._http.get(f"{self._parts.settings.nlu_url}/")).status_code == 200:
                return "ready"
        except httpx.HTTPError:
            pass
        paths = Paths.of(ROOT, models=self._parts.settings.models_dir)
        return "degraded" if up_to_date(paths) else "training"

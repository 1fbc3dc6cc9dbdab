"""How much more than usual the large tests do: `HOTLINE_TEST_SCALE=8 make test`."""

from __future__ import annotations

import os

SCALE = max(1, int(os.environ.get("HOTLINE_TEST_SCALE", "1")))

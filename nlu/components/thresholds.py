"""From which score on something is believed, chosen on sentences that the model had not seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

WRONG_COSTS = 1.0
"""How much a wrong answer is worse than a right one is good. At one, what is more likely right than wrong is
answered; below that the bot says it is not sure and offers a menu and a human. Dearer means fewer answers."""


def believed(confidence: Any, right: Any, *, wrong_costs: float = WRONG_COSTS) -> float:
    """The confidence from which an answer is worth giving: the best sum of right ones minus `wrong_costs` × wrong."""
    order = np.argsort(-np.asarray(confidence), kind="stable")
    gains = np.cumsum(np.where(np.asarray(right)[order], 1.0, -wrong_costs))
    if not len(gains) or gains.max() <= 0:
        return 1.0
    return round(float(np.asarray(confidence)[order][int(gains.argmax())]), 4)


def for_recall(dangerous: Any, recall: float) -> float:
    """The highest score from which `recall` of dangerous messages alarm, for messages like these n kept apart.

    Conformal: a new one is as likely to fall in any of the n + 1 gaps between their scores, so that below the k-th
    smallest it falls with a chance of k / (n + 1). 0, which everything reaches, where n is too small to promise it.
    """
    ordered = np.sort(np.asarray(dangerous, dtype=np.float64))
    k = math.floor((len(ordered) + 1) * (1 - recall) + 1e-9)
    return float(ordered[k - 1]) if k > 0 else 0.0


def for_price(harmless: Any, share: float) -> float:
    """The lowest score that no more than `share` of harmless messages reach, for messages like these n kept apart.

    Conformal as above. Infinite, which nothing reaches, where n is too small to promise it.
    """
    ordered = np.sort(np.asarray(harmless, dtype=np.float64))
    k = math.ceil((len(ordered) + 1) * (1 - share) - 1e-9)
    return float(np.nextafter(ordered[k - 1], np.inf)) if 0 < k <= len(ordered) else math.inf

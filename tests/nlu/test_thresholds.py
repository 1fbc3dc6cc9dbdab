"""Thresholds that keep their promise on messages like those they were chosen on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nlu.components.thresholds import believed, for_price, for_recall


def test_recall_is_the_order_statistic() -> None:
    """Of 99 messages the tenth lowest promises nine in ten of new ones."""
    scores = [n / 100 for n in range(1, 100)]

    assert for_recall(scores, 0.90) == 0.10
    assert for_recall(scores, 0.99) == 0.01


def test_too_few_messages_promise_nothing_and_so_everything_alarms() -> None:
    """On doubt, up."""
    assert for_recall([0.9] * 5, 0.90) == 0.0
    assert for_recall([], 0.90) == 0.0


def test_price_is_the_order_statistic_from_above() -> None:
    """Of 99 harmless messages no more than one may reach it."""
    scores = [n / 100 for n in range(1, 100)]
    at = for_price(scores, 0.02)

    assert sum(score >= at for score in scores) == 1
    assert for_price(scores, 0.001) == math.inf
    assert for_price([], 0.5) == math.inf


@pytest.mark.parametrize("recall", [0.8, 0.9, 0.95])
def test_the_promise_holds_on_average(recall: float) -> None:
    """Over many draws of messages from one source."""
    random = np.random.default_rng(0)
    kept = [np.mean(random.normal(size=200) >= for_recall(random.normal(size=60), recall)) for _ in range(2000)]
    paid = [np.mean(random.normal(size=200) >= for_price(random.normal(size=60), 1 - recall)) for _ in range(2000)]

    assert np.mean(kept) >= recall - 0.005
    assert np.mean(paid) <= 1 - recall + 0.005


def test_the_threshold_keeps_more_right_than_wrong_answers() -> None:
    """Below it, wrong ones take away what right ones give."""
    confidence = [0.5, 0.3, 0.2, 0.9, 0.8, 0.7, 0.4]
    right = [False, False, False, True, True, True, True]

    assert believed(confidence, right) == 0.7
    assert believed([], []) == 1.0

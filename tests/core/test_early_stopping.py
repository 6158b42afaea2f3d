"""The best look so far, and when waiting for a better one ends."""

import math

import pytest

from cfgui.core.early_stopping import BestSoFar


def test_before_the_first_look_there_is_nothing():
    best = BestSoFar(3)
    assert (best.step, best.rmse, best.payload) == (None, math.inf, None)


def test_the_best_look_is_kept_and_patience_counts_looks_without_a_better_one():
    best = BestSoFar(2)
    looks = [(1, 1.0, "a"), (2, 0.9, "b"), (3, 0.95, "c"), (4, 0.8, "d"), (5, 0.8, "e"), (6, 0.81, "f")]
    assert [best.look(*look) for look in looks] == [False, False, False, False, False, True]
    assert (best.step, best.rmse, best.payload) == (4, 0.8, "d")


def test_no_patience_never_stops():
    best = BestSoFar(0)
    assert not any(best.look(step, 1.0 + step, step) for step in range(100))
    assert best.payload == 0


@pytest.mark.parametrize("rmse", [math.nan, math.inf])
def test_what_is_no_number_is_never_the_best(rmse):
    best = BestSoFar(1)
    assert best.look(1, rmse, "bad")
    assert best.payload is None
    assert not best.look(2, 2.0, "good")
    assert best.look(3, rmse, "worse")
    assert (best.rmse, best.payload) == (2.0, "good")

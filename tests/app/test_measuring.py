"""Measuring behind the window: the RMSE, and the end on demand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfgui.app import measuring
from cfgui.app.measuring import measured_rmse
from cfgui.app.scope import Measured, Scope
from cfgui.core import models
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors


def never() -> bool:
    return False


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("compiled_from", [1, 1_000_000])
def test_it_is_the_rmse(bias: bool, compiled_from: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "WHOLE_COMPILED_FROM", compiled_from)
    monkeypatch.setattr(models, "WHOLE_COMPILED_FROM", compiled_from)
    rng = np.random.default_rng(1)
    table = rng.integers(1, 11, (12, 9)) / 2
    rated = rng.random((12, 9)) < 0.6
    ratings = Ratings.from_crosstab([str(u) for u in range(12)], [str(m) for m in range(9)], table, rated)
    factors = random_factors(12, 9, 3, bias=bias, seed=4)
    predicted = factors.user_factors @ factors.movie_factors.T
    if factors.user_bias is not None and factors.movie_bias is not None:
        predicted = predicted + factors.user_bias[:, None] + factors.movie_bias
    expected = math.sqrt(float(((table - predicted)[rated] ** 2).mean()))
    found = measured_rmse(Measured(factors, ratings, Scope(ratings, None)), never)
    assert found == pytest.approx(expected, abs=1e-13)


def test_nothing_rated_has_no_rmse() -> None:
    ratings = Ratings.from_crosstab(["a"], ["b"], np.zeros((1, 1)), np.zeros((1, 1), dtype=bool))
    found = measured_rmse(Measured(random_factors(1, 1, 2, bias=False), ratings, Scope(ratings, None)), never)
    assert found is not None
    assert math.isnan(found)


def test_it_ends_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "WHOLE_COMPILED_FROM", 1)
    shape = (300, 200)  # more than one piece
    ratings = Ratings.from_crosstab(
        [*map(str, range(300))], [*map(str, range(200))], np.ones(shape), np.ones(shape) > 0
    )
    measured = Measured(random_factors(300, 200, 2, bias=False), ratings, Scope(ratings, None))
    assert measured_rmse(measured, lambda: True) is None
    assert measured_rmse(measured, never) == pytest.approx(models.rmse(measured.whole, ratings), abs=1e-15)

"""The slope by one weight: the same as in the whole gradient, and as the loss computed twice says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.factors import Factors
from cfgui.core.finite_differences import Scheme, finite_differences
from cfgui.core.models import gradient, predict
from cfgui.core.one_weight import slopes_by_weight
from cfgui.core.rating_range import RatingRange
from cfgui.core.starts import random_factors

N = 9


def weights(kind: str) -> Factors:
    made = random_factors(1, N, 7, bias=True, init="normal", seed=3)
    return replace(made, global_mean=0.4, range=RatingRange(kind, 0.0, 5.5) if kind != "none" else made.range)


@pytest.mark.parametrize("kind", ["none", "clip", "sigmoid"])
@pytest.mark.parametrize("scheme", ["forward", "central"])
@pytest.mark.parametrize(("table", "row", "factor"), [
    ("user_factors", 0, 4), ("user_bias", 0, 0), ("movie_factors", 2, 6), ("movie_bias", 2, 0),
])  # fmt: skip
def test_it_is_that_of_the_whole_gradient(kind: str, scheme: Scheme, table: str, row: int, factor: int) -> None:
    factors, rng = weights(kind), np.random.default_rng(5)
    movies = np.arange(N, dtype=np.int32) if table.startswith("user") else np.full(1, row, dtype=np.int32)
    users, values = np.zeros(len(movies), dtype=np.int32), rng.uniform(0.5, 5.0, len(movies))
    index = factors.flat_index(table, row, factor)
    for loss in ("mse", "bce") if kind == "sigmoid" else ("mse",):
        found = slopes_by_weight(factors, users, movies, values, table, factor, h=0.01, scheme=scheme, loss=loss)
        whole = finite_differences(factors, users, movies, values, h=0.01, scheme=scheme, loss=loss)[index]
        exact = gradient(factors, users, movies, values, loss=loss)[index]
        assert found == (whole, exact), "bit for bit"


def test_it_is_what_the_loss_computed_twice_says() -> None:
    factors, movies = weights("none"), np.arange(N, dtype=np.int32)
    users, values = np.zeros(N, dtype=np.int32), np.linspace(0.5, 4.5, N)

    def loss(nudge: float) -> float:
        nudged = factors.user_factors.copy()
        nudged[0, 4] += nudge
        return float(np.mean(np.square(predict(replace(factors, user_factors=nudged), users, movies) - values)))

    estimated, exact = slopes_by_weight(factors, users, movies, values, "user_factors", 4, h=0.01)
    assert estimated == pytest.approx((loss(0.01) - loss(0.0)) / 0.01, rel=1e-10)
    assert exact == pytest.approx((loss(1e-5) - loss(-1e-5)) / 2e-5, rel=1e-8)

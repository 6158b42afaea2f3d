"""The gradient of all parameters by finite differences beside the closed form, on a table of 100,000 ratings.

Both compute the slope of the MSE by every weight of a bias model of 50 factors; a naive loop would compute the whole
loss once per weight. They take turns in one process; a figure is the median of the turns, and the ratio that of the
medians. How far the nudged slopes are from the naive form's is measured on a hundred weights drawn from a seed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.finite_differences import Scheme, finite_differences
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.starts import random_factors
from cfgui.io.synthetic import synthetic_ratings

SHAPE, SEED = (943, 1_682, 100_000), 25
"""Users, movies and ratings of MovieLens 100k."""

N_FACTORS, H, TURNS, N_NAIVE = 50, 1e-4, 7, 100


def main() -> None:
    """Print milliseconds, ratios and the distance from the naive form."""
    ratings = synthetic_ratings(*SHAPE, seed=SEED)
    factors = random_factors(ratings.n_users, ratings.n_movies, N_FACTORS, bias=True, init="normal", seed=0)
    triples = ratings.users, ratings.movies, ratings.values
    ways: dict[str, Callable[[], Floats]] = {
        "closed form": lambda: models.gradient(factors, *triples),
        "forward": lambda: finite_differences(factors, *triples, h=H, scheme="forward"),
        "central": lambda: finite_differences(factors, *triples, h=H, scheme="central"),
        "forward, of the RMSE": lambda: finite_differences(factors, *triples, h=H, objective="rmse"),
    }
    medians = in_turns(ways)
    print(f"{ratings.n_ratings:,} ratings, {factors.n_parameters:,} weights, h = {H:g}")
    for name, seconds in medians.items():
        print(f"  {name:<22} {1000 * seconds:8.1f} ms   {seconds / medians['closed form']:5.2f} x the closed form")
    for scheme in ("forward", "central"):
        print(
            f"  {scheme} differs from the naive form by {distance(ratings, factors, scheme):.1e} of the largest slope"
        )


def in_turns(ways: dict[str, Callable[[], Floats]]) -> dict[str, float]:
    """Median seconds of each, one after another in every turn; the first turn does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TURNS + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def distance(ratings: Ratings, factors: Factors, scheme: Scheme) -> float:
    """The farthest of some slopes from those of two whole losses each, as a part of the largest slope."""
    triples = ratings.users, ratings.movies, ratings.values
    slopes = finite_differences(factors, *triples, h=H, scheme=scheme)
    vector, low, high = factors.flat(), 0.0 if scheme == "forward" else -H, H

    def loss(weight: int, nudge: float) -> float:
        moved = vector.copy()
        moved[weight] += nudge
        return models.mse(factors.view_of(moved), ratings)

    chosen = np.random.default_rng(0).choice(len(vector), N_NAIVE, replace=False)
    naive = np.array([(loss(weight, high) - loss(weight, low)) / (high - low) for weight in chosen])
    return float(np.abs(slopes[chosen] - naive).max() / np.abs(slopes).max())


if __name__ == "__main__":
    main()

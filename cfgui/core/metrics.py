"""Errors of predictions: MSE, RMSE and MAE over all ratings, by user and by movie.

Every sum is taken in float64, in row order, so that its bits depend on no number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Floats, Indices, Ratings

Predictor = Callable[[Indices, Indices], Floats]
"""Predictions for parallel arrays (users, movies) of indices, float64 of the same length."""

PIECE = 1 << 18
"""Ratings predicted at once."""

SUMMED_AT_ONCE = 2_000_000
"""Residuals summed by user or movie in one go: numpy lets no other thread work meanwhile, the window's neither."""


@dataclass(frozen=True)
class Errors:
    """How far ``n`` predictions are from their ratings.

    ``mse`` is the mean of the squared residuals, ``rmse`` its root, ``mae`` the mean of their absolute values; each is
    NaN where there are none.
    """

    n: int
    mse: float
    rmse: float
    mae: float


@dataclass(frozen=True, eq=False)
class GroupErrors:
    """The same for each user, or for each movie: arrays as long as there are users or movies.

    ``counts`` (int64) are the ratings of each; ``mse``, ``rmse``, ``mae`` and ``mean`` (of the residuals: above 0 where
    the ratings are higher than predicted) are NaN where a user or movie has none.
    """

    counts: NDArray[np.int64]
    mse: Floats
    rmse: Floats
    mae: Floats
    mean: Floats


def errors_of(residuals: Floats) -> Errors:
    """MSE, RMSE and MAE of residuals = rating - prediction."""
    n = len(residuals)
    if not n:
        return Errors(0, math.nan, math.nan, math.nan)
    residuals = residuals.astype(np.float64, copy=False)
    mse = float(np.cumsum(residuals * residuals)[-1]) / n
    return Errors(n, mse, math.sqrt(mse), float(np.cumsum(np.abs(residuals))[-1]) / n)


def errors_by(indices: Indices, residuals: Floats, n: int) -> GroupErrors:
    """The errors of each of ``n`` users or movies; ``indices`` (len(residuals),) says whose each residual is."""
    starts = range(0, len(indices), SUMMED_AT_ONCE)
    parts = [slice(start, start + SUMMED_AT_ONCE) for start in starts]
    counts = np.zeros(n, dtype=np.int64)
    for part in parts:
        counts += np.bincount(indices[part], minlength=n)

    def means(terms: Floats) -> Floats:
        sums = np.zeros(n)
        for part in parts:
            sums += np.bincount(indices[part], weights=terms[part], minlength=n)
        found: Floats = np.divide(sums, counts, out=np.full(n, np.nan), where=counts > 0)
        return found

    mse = means(residuals * residuals)
    return GroupErrors(counts, mse, np.sqrt(mse), means(np.abs(residuals)), means(residuals))


def residuals_of(ratings: Ratings, predict: Predictor) -> Floats:
    """(n_ratings,) rating - prediction of every rated cell, in float64."""
    residuals = ratings.values.astype(np.float64)
    for part in pieces(ratings.n_ratings):
        residuals[part] -= predict(ratings.users[part], ratings.movies[part])
    return residuals


def pieces(n: int) -> Iterator[slice]:
    """Consecutive slices of ``n`` ratings, each small enough to be predicted at once."""
    for start in range(0, n, PIECE):
        yield slice(start, min(start + PIECE, n))

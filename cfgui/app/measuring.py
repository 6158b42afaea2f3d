"""Measuring: the RMSE of what is too large to be measured in a moment, piece by piece."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cfgui.app.scope import Measured
from cfgui.app.turnstile import TURNSTILE, Turnstile
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices

CHUNK = 8_000
"""Ratings measured between two looks at whether the answer is still wanted: their weights fit the processor's cache."""


def measured_rmse(measured: Measured, cancelled: Callable[[], bool], turnstile: Turnstile = TURNSTILE) -> float | None:
    """The RMSE of ``measured``, added up in float64; None when it was cancelled, NaN where nothing is rated."""
    factors, ratings = measured.scope.factors(measured.whole), measured.scope.ratings
    users, movies, values = ratings.users, ratings.movies, ratings.values
    total = 0.0
    for start in range(0, len(values), CHUNK):
        if cancelled():
            return None
        turnstile.pass_through()
        part = slice(start, start + CHUNK)
        with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
            residuals = values[part] - _predicted(factors, users[part], movies[part])
            total += float(residuals @ residuals)
    return math.sqrt(total / len(values)) if len(values) else math.nan


def _predicted(factors: Factors, users: Indices, movies: Indices) -> Floats:
    """As ``models.predict``, faster for many factors and to the last bits only: products are added in any order."""
    predictions: Floats = np.einsum("ij,ij->i", factors.user_factors[users], factors.movie_factors[movies])
    if factors.user_bias is not None and factors.movie_bias is not None:
        predictions += factors.movie_bias[movies] + factors.user_bias[users]
    return predictions

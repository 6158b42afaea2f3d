"""Finite differences: derivatives by nudging every weight a little and watching the loss, as Excel's Solver does.

Nudging one weight of a user touches that user's row of residuals only, one of a movie that movie's column only. Where
the weight meets ``v`` in the prediction (the other side's factor, or 1 for a bias), adding ``h`` turns the residual
``e`` into ``e - h v``, so its square changes by ``h v (h v - 2 e)``. Summed by row and by column that gives the loss
with each weight nudged, for all weights at about the cost of one closed-form gradient. These are the differences of the
naive form, which computes the whole loss once per weight, without the digits that form loses by subtracting two losses
that are nearly equal; the error a finite ``h`` makes is all there.

Source: the sheet ``basic SGD`` of the course's graddesc workbook, columns "est de/db" and "est de/da".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.models import predict, sum_by, sum_rows_by
from cfgui.core.ratings import Floats, Indices

Scheme = Literal["forward", "central"]
"""forward: (loss(w + h) - loss(w)) / h; central: (loss(w + h) - loss(w - h)) / 2h."""

Objective = Literal["mse", "rmse"]
"""What is differentiated: the loss that is trained, or its root, the cell that Solver minimises."""


Change = Callable[[Floats | float, Floats], Floats]
"""(partner, residuals) -> by how much the squares of the residuals differ between the two ends of a nudge."""


def finite_differences(
    factors: Factors,
    users: Indices,
    movies: Indices,
    values: Floats,
    *,
    h: float,
    scheme: Scheme = "forward",
    objective: Objective = "mse",
    weight_decay: float = 0.0,
) -> Floats:
    """Estimated gradient of objective + ``weight_decay * sum(p ** 2)`` in the order of ``Factors.flat``.

    ``users``, ``movies`` and ``values`` are parallel arrays of the ratings that count; a weight that none of them
    touches has the slope of its penalty only.
    """
    rise = partial(_rise, h) if scheme == "forward" else partial(_rise_both_ways, h)
    span = h if scheme == "forward" else 2.0 * h
    residuals = values - predict(factors, users, movies)
    slopes = _by_weight(factors, users, movies, residuals, rise)
    if objective == "mse":
        slopes /= len(values) * span
    else:
        lower_end = partial(_rise, 0.0 if scheme == "forward" else -h)
        lowered = _by_weight(factors, users, movies, residuals, lower_end)
        slopes = _rises_of_root(slopes, lowered, residuals) / span
    if weight_decay:
        # A squared weight is the square of the "residual" -p, which a nudge meets with partner 1.
        slopes += weight_decay * rise(1.0, -factors.flat()) / span
    return slopes


def _rise(nudge: float, partner: Floats | float, residuals: Floats) -> Floats:
    """By how much ``residuals ** 2`` rise when a weight that meets ``partner`` grows by ``nudge``."""
    shift = nudge * partner
    rise: Floats = shift * (shift - 2.0 * residuals)
    return rise


def _rise_both_ways(nudge: float, partner: Floats | float, residuals: Floats) -> Floats:
    """By how much ``residuals ** 2`` rise from ``nudge`` below the weight to ``nudge`` above it."""
    return _rise(nudge, partner, residuals) - _rise(-nudge, partner, residuals)


def _by_weight(factors: Factors, users: Indices, movies: Indices, residuals: Floats, rise: Change) -> Floats:
    """The sum of ``rise`` over the residuals each weight touches, in the order of ``Factors.flat``."""
    column = residuals[:, None]
    parts = [
        sum_rows_by(users, rise(factors.movie_factors[movies], column), factors.n_users).ravel(),
        sum_rows_by(movies, rise(factors.user_factors[users], column), factors.n_movies).ravel(),
    ]
    if factors.has_bias:
        alone = rise(1.0, residuals)
        parts += [sum_by(users, alone, factors.n_users), sum_by(movies, alone, factors.n_movies)]
    return np.concatenate(parts)


def _rises_of_root(rises: Floats, lowered: Floats, residuals: Floats) -> Floats:
    """Rises of the RMSE from those of the sum of squares, sqrt(a) - sqrt(b) = (a - b) / (sqrt(a) + sqrt(b)).

    ``lowered`` is how far each sum of squares at the lower end of the nudge lies from that of ``residuals``.
    """
    n = len(residuals)
    # Rounding may put a sum of squares that should be 0 just below it.
    lower = np.maximum(float(residuals @ residuals) + lowered, 0.0)
    roots = np.sqrt(np.maximum(lower + rises, 0.0) / n) + np.sqrt(lower / n)
    rises_of_root: Floats = np.divide(rises / n, roots, out=np.zeros_like(rises), where=roots > 0.0)
    return rises_of_root

"""Finite differences: derivatives by nudging every weight a little and watching the loss, as Excel's Solver does.

Nudging one weight of a user touches that user's row of residuals only, one of a movie that movie's column only. Where
the weight meets ``v`` in the prediction (the other side's factor, or 1 for a bias), adding ``h`` turns the residual
``e`` into ``e - h v``, so its square changes by ``h v (h v - 2 e)``. Summed by row and by column that gives the loss
with each weight nudged, for all weights at about the cost of one closed-form gradient. These are the differences of the
naive form, which computes the whole loss once per weight, without the digits that form loses by subtracting two losses
that are nearly equal; the error a finite ``h`` makes is all there. With a rating range or another loss the rise is
that of the cost when the score grows by ``h v`` (``losses``).

Source: the sheet ``basic SGD`` of the course's graddesc workbook, columns "est de/db" and "est de/da".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np

from cfgui.core.factors import Decay, Factors
from cfgui.core.losses import loss_of
from cfgui.core.models import scores, sum_by, sum_rows_by
from cfgui.core.network_gradients import network_differences
from cfgui.core.ratings import Floats, Indices

Scheme = Literal["forward", "central"]
"""forward: (loss(w + h) - loss(w)) / h; central: (loss(w + h) - loss(w - h)) / 2h."""

Objective = Literal["mse", "rmse"]
"""What is differentiated: the loss that is trained, or its root, the cell that Solver minimises."""


BLOCK = 2048
"""Ratings whose squares are nudged at once."""

Change = Callable[[Floats | float, bool], Floats]
"""(partner, whether it has a column per factor) -> by how much costs differ between the two ends of a nudge."""


def finite_differences(
    factors: Factors,
    users: Indices,
    movies: Indices,
    values: Floats,
    *,
    h: float,
    scheme: Scheme = "forward",
    objective: Objective = "mse",
    weight_decay: Decay = 0.0,
    loss: str = "mse",
) -> Floats:
    """Estimated gradient of objective + ``sum(weight_decay * p ** 2)`` in the order of ``Factors.flat``.

    ``users``, ``movies`` and ``values`` are parallel arrays of the ratings that count; a weight that none of them
    touches has the slope of its penalty only. ``objective`` "rmse" is the root of the mean squared residual; "mse" the
    mean of whatever ``loss`` names. Dropout has no part in it.
    """
    ends = (0.0, h) if scheme == "forward" else (-h, h)
    span = ends[1] - ends[0]
    if factors.layers:
        slopes = network_differences(factors, users, movies, values, nudges=ends, loss=loss)
        slopes /= len(values) * span
    else:
        slopes = _slopes(factors, users, movies, values, ends, objective, loss)
    if not isinstance(weight_decay, float) or weight_decay:
        # A squared weight rises by h (h + 2p).
        weights = factors.flat()
        risen = [end * (end + 2.0 * weights) for end in ends]
        slopes += weight_decay * (risen[1] - risen[0]) / span
    return slopes


def _slopes(
    factors: Factors,
    users: Indices,
    movies: Indices,
    values: Floats,
    ends: tuple[float, float],
    objective: Objective,
    loss: str,
) -> Floats:
    """Differences of the mean loss, or of the RMSE, by those of the nudge."""
    found, (low, high) = scores(factors, users, movies), ends
    rises = _by_weight(factors, users, movies, rising(factors, found, values, ends, loss))
    if objective == "mse":
        rises /= len(values) * (high - low)
        return rises
    residuals = values - factors.range.apply(found)
    lowered: Floats | float = 0.0
    if low:
        lowered = _by_weight(factors, users, movies, rising(factors, found, values, (0.0, low), loss))
    return _rises_of_root(rises, lowered, residuals) / (high - low)


def rising(factors: Factors, found: Floats, values: Floats, ends: tuple[float, float], loss: str) -> Change:
    """By how much costs rise when a weight that meets ``partner`` in the score goes from one end to the other."""
    low, high = ends
    if loss == "mse" and factors.range.kind == "none":
        return partial(_rise_of_squares, 2.0 * (found - values) * (high - low), (high - low) * (high + low))
    cost = loss_of(loss, factors.range)

    def rise(partner: Floats | float, wide: bool) -> Floats:
        at, rated = (found[:, None], values[:, None]) if wide else (found, values)
        risen = cost.rise(at, rated, high * partner) if high else 0.0
        return risen - cost.rise(at, rated, low * partner) if low else np.asarray(risen)

    return rise


def _rise_of_squares(slopes: Floats, curvature: float, partner: Floats | float, wide: bool) -> Floats:
    """(e - high v)^2 - (e - low v)^2 = v ((high^2 - low^2) v - 2 (high - low) e), v being ``partner``.

    Block by block, in the processor's cache, and in the place of a wide ``partner``, which is nobody else's.
    """
    if not wide or isinstance(partner, float):
        rises: Floats = (curvature * partner + slopes) * partner
        return rises
    for start in range(0, len(partner), BLOCK):
        block = partner[start : start + BLOCK]
        bent = curvature * block if curvature else np.zeros((1, 1))
        block *= bent + slopes[start : start + BLOCK, None]
    return partner


def _by_weight(factors: Factors, users: Indices, movies: Indices, change: Change) -> Floats:
    """The sum of ``change`` over the ratings each weight touches, in the order of ``Factors.flat``."""
    parts = [
        sum_rows_by(users, change(factors.movie_factors[movies], True), factors.n_users).ravel(),
        sum_rows_by(movies, change(factors.user_factors[users], True), factors.n_movies).ravel(),
    ]
    if factors.has_bias:
        alone = change(1.0, False)
        parts += [sum_by(users, alone, factors.n_users), sum_by(movies, alone, factors.n_movies)]
    return np.concatenate(parts)


def _rises_of_root(rises: Floats, lowered: Floats | float, residuals: Floats) -> Floats:
    """Rises of the RMSE from those of the sum of squares, sqrt(a) - sqrt(b) = (a - b) / (sqrt(a) + sqrt(b)).

    ``lowered`` is how far each sum of squares at the lower end of the nudge lies from that of ``residuals``.
    """
    n = len(residuals)
    # Rounding may put a sum of squares that should be 0 just below it.
    lower = np.maximum(float(np.square(residuals).sum()) + lowered, 0.0)
    roots = np.sqrt(np.maximum(lower + rises, 0.0) / n) + np.sqrt(lower / n)
    rises_of_root: Floats = np.divide(rises / n, roots, out=np.zeros_like(rises), where=roots > 0.0)
    return rises_of_root

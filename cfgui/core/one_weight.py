"""The slope of the loss by one weight of a model of sums and products: estimated by a nudge, and exact.

What ``finite_differences`` and ``models.gradient`` say of all weights, for one of them: of hundreds of factors it looks
at the column of this one only, once the scores are known.
"""

from __future__ import annotations

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.finite_differences import Scheme, rising
from cfgui.core.losses import loss_of
from cfgui.core.models import scores, sum_by
from cfgui.core.ratings import Floats, Indices


def slopes_by_weight(
    factors: Factors,
    users: Indices,
    movies: Indices,
    values: Floats,
    table: str,
    factor: int,
    *,
    h: float,
    scheme: Scheme = "forward",
    loss: str = "mse",
) -> tuple[float, float]:
    """(estimated, exact) slope of the mean loss over these ratings, without a penalty.

    The weight belongs to the one user, or the one movie, of whom all these ratings are: the one of ``table``
    ("user_factors", "movie_factors", "user_bias", "movie_bias") at ``factor``, which has no meaning for a bias.
    ``users``, ``movies`` and ``values`` (n,) are parallel, n at least 1.
    """
    found, n = scores(factors, users, movies), len(values)
    ends = (0.0, h) if scheme == "forward" else (-h, h)
    meets: Floats | float = 1.0
    if table == "user_factors":
        meets = factors.movie_factors[movies, factor]
    elif table == "movie_factors":
        meets = factors.user_factors[users, factor]
    rises = rising(factors, found, values, ends, loss)(meets, False)
    if loss == "mse" and factors.range.kind == "none":
        slopes = (found - values) * (2.0 / n)
    else:
        slopes = loss_of(loss, factors.range).slope(found, values) * (1.0 / n)
    return _total(rises) / (n * (ends[1] - ends[0])), _total(slopes * meets)


def _total(terms: Floats) -> float:
    """Their sum, added in the order given, as that of a whole gradient is."""
    return float(sum_by(np.zeros(len(terms), dtype=np.int32), terms, 1)[0])

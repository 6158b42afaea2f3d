"""The mean of several draws as the weights of one model, for what goes through all users and movies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Floats


def mean_model(draws: Sequence[Factors], scale: tuple[float, float] | None) -> Factors | None:
    """One model whose predictions are the mean over ``draws``, clipped to ``scale``, to rounding.

    The mean of u_1 . m_1, u_2 . m_2, ... over s draws is one product of s times as many factors:
    (u_1 / s, u_2 / s, ...) . (m_1, m_2, ...); biases and the mean are averaged. None without draws, and for draws that
    are no sum of products: nets, and those with a range.
    """
    if not draws or any(draw.layers or draw.range.kind != "none" for draw in draws):
        return None
    n = len(draws)
    user_biases = [draw.user_bias for draw in draws if draw.user_bias is not None]
    movie_biases = [draw.movie_bias for draw in draws if draw.movie_bias is not None]
    return Factors(
        np.hstack([draw.user_factors / n for draw in draws]).astype(np.float64, copy=False),
        np.hstack([draw.movie_factors for draw in draws]).astype(np.float64, copy=False),
        _mean(user_biases) if user_biases else None,
        _mean(movie_biases) if movie_biases else None,
        global_mean=sum(draw.global_mean for draw in draws) / n,
        range=NO_RANGE if scale is None else RatingRange("clip", *scale),
    )


def _mean(tables: Sequence[Floats]) -> Floats:
    mean: Floats = np.mean(np.stack(tables).astype(np.float64), axis=0)
    return mean

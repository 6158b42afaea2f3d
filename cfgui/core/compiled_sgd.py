"""Inner loops of ``compiled_loops``: SGD with an update after each rating, with and without weight decay."""

from __future__ import annotations

import math

from cfgui.core.ratings import Floats, Indices

FAR_SCALE = 1e100
"""Where ``sgd_decayed`` folds its common factor into the weights, long before either leaves the range of a float."""


def sgd(
    users: Indices,
    movies: Indices,
    values: Floats,
    start: int,
    stop: int,
    rate: float,
    h: float,
    p: Floats,
    q: Floats,
    user_bias: Floats,
    movie_bias: Floats,
) -> int:
    """One update after each rating from ``start`` up to ``stop``; returns the first whose residual is not finite.

    That is ``stop`` when all are. Both sides move from the same old values: p - rate * (2 (prediction - value) q), or
    by forward differences with nudge ``h`` p - rate * q (h q + 2 (prediction - value)).
    """
    k, biased = p.shape[1], len(user_bias) > 0
    for i in range(start, stop):
        u, m = users[i], movies[i]
        prediction = p[u, 0] * q[m, 0]
        for f in range(1, k):
            prediction += p[u, f] * q[m, f]
        if biased:
            prediction = prediction + movie_bias[m] + user_bias[u]
        slope = (prediction - values[i]) * 2.0
        if not math.isfinite(slope):
            return i
        if h == 0.0:
            for f in range(k):
                a, b = p[u, f], q[m, f]
                p[u, f] = a - rate * (slope * b)
                q[m, f] = b - rate * (slope * a)
        else:
            for f in range(k):
                a, b = p[u, f], q[m, f]
                p[u, f] = a - rate * (b * (h * b + slope))
                q[m, f] = b - rate * (a * (h * a + slope))
        if biased:
            user_bias[u] -= rate * (h + slope)
            movie_bias[m] -= rate * (h + slope)
    return stop


def sgd_decayed(
    users: Indices,
    movies: Indices,
    values: Floats,
    start: int,
    stop: int,
    rate: float,
    shrink: float,
    h: float,
    scale: float,
    weights: Floats,
    p: Floats,
    q: Floats,
    user_bias: Floats,
    movie_bias: Floats,
) -> tuple[int, float]:
    """As ``sgd``, with weight decay, which moves *every* weight after every rating.

    A weight no rating touches goes from w to shrink * w - (1 - shrink) * h / 2, where shrink = 1 - 2 rate decay, and so
    w + h / 2 shrinks by the same factor everywhere. The arrays, all of them views into ``weights``, therefore hold
    (w + h / 2) / ``scale``; each update multiplies that one number by ``shrink`` and changes only the rows it touches,
    by rate * v (h v - 2 e) / scale. Returns where it stopped, as ``sgd`` does, and the new scale.
    """
    k, biased = p.shape[1], len(user_bias) > 0
    rest = -0.5 * h
    for i in range(start, stop):
        u, m = users[i], movies[i]
        prediction = 0.0
        for f in range(k):
            prediction += (scale * p[u, f] + rest) * (scale * q[m, f] + rest)
        if biased:
            prediction = prediction + (scale * movie_bias[m] + rest) + (scale * user_bias[u] + rest)
        slope = (prediction - values[i]) * 2.0
        if not math.isfinite(slope):
            return i, scale
        after = scale * shrink
        step = rate / after
        for f in range(k):
            a, b = scale * p[u, f] + rest, scale * q[m, f] + rest
            p[u, f] -= step * (b * (h * b + slope))
            q[m, f] -= step * (a * (h * a + slope))
        if biased:
            user_bias[u] -= step * (h + slope)
            movie_bias[m] -= step * (h + slope)
        scale = after
        if not 1.0 / FAR_SCALE < abs(scale) < FAR_SCALE:
            for w in range(len(weights)):
                weights[w] *= scale
            scale = 1.0
    return stop, scale

"""Inner loops of ``compiled_loops``: the slope of the loss of many ratings, added to each weight they touch."""

from __future__ import annotations

from cfgui.core.ratings import Floats, Indices


def add_scaled(
    users: Indices,
    movies: Indices,
    slopes: Floats,
    start: int,
    stop: int,
    p: Floats,
    q: Floats,
    p_slopes: Floats,
    q_slopes: Floats,
    user_bias_slopes: Floats,
    movie_bias_slopes: Floats,
) -> None:
    """Add to each weight's slope those of the scores it enters, given as ``slopes`` (stop - start,)."""
    k, biased = p.shape[1], len(user_bias_slopes) > 0
    for i in range(start, stop):
        u, m, slope = users[i], movies[i], slopes[i - start]
        for f in range(k):
            p_slopes[u, f] += slope * q[m, f]
            q_slopes[m, f] += slope * p[u, f]
        if biased:
            user_bias_slopes[u] += slope
            movie_bias_slopes[m] += slope


def add_slopes(
    users: Indices,
    movies: Indices,
    values: Floats,
    start: int,
    stop: int,
    h: float,
    p: Floats,
    q: Floats,
    user_bias: Floats,
    movie_bias: Floats,
    p_slopes: Floats,
    q_slopes: Floats,
    user_bias_slopes: Floats,
    movie_bias_slopes: Floats,
) -> None:
    """Add the slopes of the squared residuals of the ratings from ``start`` up to ``stop``.

    With residual e and partner v (the other side's factor, 1 for a bias) a slope is -2 e v, or by forward differences
    with nudge ``h`` it is v (h v - 2 e).
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
        for f in range(k):
            a, b = p[u, f], q[m, f]
            p_slopes[u, f] += b * (h * b + slope)
            q_slopes[m, f] += a * (h * a + slope)
        if biased:
            user_bias_slopes[u] += h + slope
            movie_bias_slopes[m] += h + slope

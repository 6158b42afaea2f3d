"""The inner loops over many ratings, compiled by numba when they are first needed: float64, one thread, strict order.

Every loop adds factor by factor and rating by rating, in the order of ``models.predict`` and ``models.mean_square``, so
it gives the bits of the array form whatever the pieces it is called in. None of them holds Python's lock. Rows of
weights are not padded: measured with 5 and 50 factors, padding to whole cache lines gains nothing.

"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from cfgui.core.compiling import compiled
from cfgui.core.ratings import Floats, Indices

FAR_SCALE = 1e100
"""Where ``sgd_decayed`` folds its common factor into the weights, long before either leaves the range of a float."""


class Loops(NamedTuple):
    """The compiled forms of the functions below that have these names."""

    square_sum: Callable[..., float]
    scores: Callable[..., None]
    add_slopes: Callable[..., None]
    add_scaled: Callable[..., None]
    sgd: Callable[..., int]
    sgd_decayed: Callable[..., tuple[int, float]]


@cache
def loops() -> Loops:
    """All loops, ready to be compiled for the arrays they are first called with. Imports numba."""
    return Loops(*(compiled(function) for function in (square_sum, scores, add_slopes, add_scaled, sgd, sgd_decayed)))


def square_sum(
    users: Indices,
    movies: Indices,
    values: Floats,
    start: int,
    stop: int,
    total: float,
    p: Floats,
    q: Floats,
    user_bias: Floats,
    movie_bias: Floats,
) -> float:
    """``total`` plus the squared residuals of the ratings from ``start`` up to ``stop``, one after another.

    ``p`` (n_users, k) and ``q`` (n_movies, k) are the factors; the biases are empty in a model without.
    """
    k, biased = p.shape[1], len(user_bias) > 0
    fours = start + (stop - start) // 4 * 4
    # Four ratings at a time: each waits for memory, and so they wait together.
    for i in range(start, fours, 4):
        u0, u1, u2, u3 = users[i], users[i + 1], users[i + 2], users[i + 3]
        m0, m1, m2, m3 = movies[i], movies[i + 1], movies[i + 2], movies[i + 3]
        p0, p1, p2, p3 = p[u0, 0] * q[m0, 0], p[u1, 0] * q[m1, 0], p[u2, 0] * q[m2, 0], p[u3, 0] * q[m3, 0]
        for f in range(1, k):
            p0 += p[u0, f] * q[m0, f]
            p1 += p[u1, f] * q[m1, f]
            p2 += p[u2, f] * q[m2, f]
            p3 += p[u3, f] * q[m3, f]
        if biased:
            p0, p1 = p0 + movie_bias[m0] + user_bias[u0], p1 + movie_bias[m1] + user_bias[u1]
            p2, p3 = p2 + movie_bias[m2] + user_bias[u2], p3 + movie_bias[m3] + user_bias[u3]
        e0, e1, e2, e3 = values[i] - p0, values[i + 1] - p1, values[i + 2] - p2, values[i + 3] - p3
        total = total + e0 * e0 + e1 * e1 + e2 * e2 + e3 * e3
    for i in range(fours, stop):
        u, m = users[i], movies[i]
        prediction = p[u, 0] * q[m, 0]
        for f in range(1, k):
            prediction += p[u, f] * q[m, f]
        if biased:
            prediction = prediction + movie_bias[m] + user_bias[u]
        residual = values[i] - prediction
        total += residual * residual
    return total


def scores(
    users: Indices,
    movies: Indices,
    start: int,
    stop: int,
    p: Floats,
    q: Floats,
    user_bias: Floats,
    movie_bias: Floats,
    found: Floats,
) -> None:
    """Write the scores of the ratings from ``start`` up to ``stop`` into ``found`` (stop - start,)."""
    k, biased = p.shape[1], len(user_bias) > 0
    fours = start + (stop - start) // 4 * 4
    # Four ratings at a time: each sum waits for its last term, and so they wait together.
    for i in range(start, fours, 4):
        u0, u1, u2, u3 = users[i], users[i + 1], users[i + 2], users[i + 3]
        m0, m1, m2, m3 = movies[i], movies[i + 1], movies[i + 2], movies[i + 3]
        s0, s1, s2, s3 = p[u0, 0] * q[m0, 0], p[u1, 0] * q[m1, 0], p[u2, 0] * q[m2, 0], p[u3, 0] * q[m3, 0]
        for f in range(1, k):
            s0 += p[u0, f] * q[m0, f]
            s1 += p[u1, f] * q[m1, f]
            s2 += p[u2, f] * q[m2, f]
            s3 += p[u3, f] * q[m3, f]
        if biased:
            s0, s1 = s0 + movie_bias[m0] + user_bias[u0], s1 + movie_bias[m1] + user_bias[u1]
            s2, s3 = s2 + movie_bias[m2] + user_bias[u2], s3 + movie_bias[m3] + user_bias[u3]
        at = i - start
        found[at], found[at + 1], found[at + 2], found[at + 3] = s0, s1, s2, s3
    for i in range(fours, stop):
        u, m = users[i], movies[i]
        score = p[u, 0] * q[m, 0]
        for f in range(1, k):
            score += p[u, f] * q[m, f]
        if biased:
            score = score + movie_bias[m] + user_bias[u]
        found[i - start] = score


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

"""Inner loops of ``compiled_loops``: the scores of many ratings, and what they are off by."""

from __future__ import annotations

from cfgui.core.ratings import Floats, Indices


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

"""Many steps of a sheet in one call: gradient descent or momentum over all ratings, each step measured, compiled.

On a sheet a step is a microsecond or two of arithmetic; asking for one at a time costs ten times that. The loop works
in the order of ``compiled_loops``' and of ``first_order``, so the bits are those of step after step with the engine
"compiled". Every step's weights are kept, for whoever has to go back to one of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from cfgui.core.compiling import compiled
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Ratings

AT_ONCE = 256
"""Steps in one call at most: about a millisecond of a sheet, after which a wish to stop is heard."""

CELLS_AT_ONCE = 1_000_000
"""Weights kept at once at most: steps times weights."""


class Steps(NamedTuple):
    """Steps that went well: every number of them is finite."""

    vectors: Floats
    """(n_steps, n_parameters) weights after each"""
    velocities: Floats
    """the same of what momentum remembers; (n_steps, 0) for gradient descent"""
    mses: Floats
    """(n_steps,) mean squared residual over all ratings after each"""


@dataclass(frozen=True, eq=False)
class CompiledSteps:
    """What makes such steps: the dot or bias model over all ratings, without range and global mean.

    ``h`` is the nudge of forward differences, 0 for the exact slope; ``decay`` the L2 in the loss of every weight;
    ``remembers`` whether the move before counts (momentum).
    """

    ratings: Ratings
    shape: Factors
    h: float
    decay: float
    remembers: bool

    @property
    def at_once(self) -> int:
        """Steps in one call at most."""
        return max(1, min(AT_ONCE, CELLS_AT_ONCE // self.shape.n_parameters))

    def run(self, vector: Floats, velocity: Floats, rates: Floats, momenta: Floats) -> Steps:
        """As many steps from ``vector`` as there are ``rates``, fewer where a number would not be finite.

        ``velocity`` is what momentum remembers, or (0,). All arrays stay as they are.
        """
        n_steps, n, shape = len(rates), len(vector), self.shape
        vectors, velocities = np.empty((n_steps, n)), np.empty((n_steps, n if self.remembers else 0))
        mses, weights, moving = np.empty(n_steps), vector.copy(), velocity.copy()
        sizes = shape.n_users, shape.n_movies, shape.n_factors, shape.has_bias
        arrays = self.ratings.users, self.ratings.movies, self.ratings.values
        work = weights, moving, np.empty(n), vectors, velocities, mses
        done = loop()(*arrays, sizes, rates, momenta, self.h, self.decay, *work)
        return Steps(vectors[:done], velocities[:done], mses[:done])


@cache
def loop() -> Callable[..., int]:
    """``steps``, ready to be compiled. Imports numba."""
    return compiled(steps)


def steps(
    users: Indices,
    movies: Indices,
    values: Floats,
    sizes: tuple[int, int, int, bool],
    rates: Floats,
    momenta: Floats,
    h: float,
    decay: float,
    weights: Floats,
    moving: Floats,
    slopes: Floats,
    vectors: Floats,
    velocities: Floats,
    mses: Floats,
) -> int:
    """Move ``weights`` once by each of ``rates``; returns how many moves led to finite numbers.

    ``sizes`` are users, movies, factors and whether there are biases. One pass over the ratings measures the weights
    and gives their slopes.
    """
    n_users, n_movies, k, biased = sizes
    n, n_steps, movie_part = len(values), len(rates), n_users * k
    user_bias = movie_part + n_movies * k
    movie_bias = user_bias + n_users
    for step in range(n_steps + 1):
        slopes[:] = 0.0
        total = 0.0
        for i in range(n):
            u, m = users[i] * k, movie_part + movies[i] * k
            prediction = weights[u] * weights[m]
            for f in range(1, k):
                prediction += weights[u + f] * weights[m + f]
            if biased:
                prediction = prediction + weights[movie_bias + movies[i]] + weights[user_bias + users[i]]
            residual = values[i] - prediction
            total += residual * residual
            slope = (prediction - values[i]) * 2.0
            for f in range(k):
                a, b = weights[u + f], weights[m + f]
                slopes[u + f] += b * (h * b + slope)
                slopes[m + f] += a * (h * a + slope)
            if biased:
                slopes[user_bias + users[i]] += h + slope
                slopes[movie_bias + movies[i]] += h + slope
        if step:
            mses[step - 1] = total / n
            if not math.isfinite(total):
                return step - 1
        if step == n_steps:
            break
        rate, share = rates[step], momenta[step]
        for w in range(len(weights)):
            direction = slopes[w] / n + decay * (2.0 * weights[w] + h)
            if len(moving):
                direction += share * moving[w]
                moving[w] = velocities[step, w] = direction
            weights[w] = vectors[step, w] = weights[w] - rate * direction
            if not math.isfinite(weights[w]) or not math.isfinite(direction):
                return step
    return n_steps

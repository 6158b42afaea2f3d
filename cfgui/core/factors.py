"""Factors: the weights of one model, as the sheet shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cfgui.core.ratings import Floats


@dataclass(frozen=True, eq=False)
class Factors:
    """The parameters of a dot or bias model, float64.

    ``user_factors`` is (n_users, n_factors), ``movie_factors`` (n_movies, n_factors); ``user_bias`` (n_users,) and
    ``movie_bias`` (n_movies,) are None in the dot model. Treat the arrays as read-only: edits make new objects.
    """

    user_factors: Floats
    movie_factors: Floats
    user_bias: Floats | None = None
    movie_bias: Floats | None = None

    @property
    def n_users(self) -> int:
        """Rows of the user table."""
        return int(self.user_factors.shape[0])

    @property
    def n_movies(self) -> int:
        """Rows of the movie table."""
        return int(self.movie_factors.shape[0])

    @property
    def n_factors(self) -> int:
        """Latent factors per user and per movie."""
        return int(self.user_factors.shape[1])

    @property
    def has_bias(self) -> bool:
        """Whether users and movies carry a bias each."""
        return self.user_bias is not None

    @property
    def n_parameters(self) -> int:
        """How many numbers an optimizer may change."""
        return (self.n_users + self.n_movies) * (self.n_factors + int(self.has_bias))

    def flat(self) -> Floats:
        """A new vector of all parameters: user_factors, movie_factors, user_bias, movie_bias, each row by row."""
        parts = [self.user_factors.ravel(), self.movie_factors.ravel()]
        if self.user_bias is not None and self.movie_bias is not None:
            parts += [self.user_bias, self.movie_bias]
        return np.concatenate(parts)

    def view_of(self, vector: Floats) -> Factors:
        """Factors of this shape whose arrays are views into ``vector`` (the layout of ``flat``)."""
        n, m, k = self.n_users, self.n_movies, self.n_factors
        a, b = n * k, (n + m) * k
        bias = (vector[b : b + n], vector[b + n : b + n + m]) if self.has_bias else (None, None)
        return Factors(vector[:a].reshape(n, k), vector[a:b].reshape(m, k), *bias)

    def flat_index(self, table: str, row: int, factor: int) -> int:
        """Where a weight stands in ``flat``; ``table`` is a field of this class, a bias has factor 0."""
        n, m, k = self.n_users, self.n_movies, self.n_factors
        starts = {"user_factors": 0, "movie_factors": n * k, "user_bias": (n + m) * k, "movie_bias": (n + m) * k + n}
        return starts[table] + (row * k + factor if table.endswith("factors") else row)

    def copy(self) -> Factors:
        """A deep copy in one new read-only block of memory."""
        vector = self.flat()
        vector.flags.writeable = False
        return self.view_of(vector)

    def equals(self, other: Factors) -> bool:
        """Whether shapes and every bit of every number agree (NaN equals nothing)."""
        same_shape = self.user_factors.shape == other.user_factors.shape and self.has_bias == other.has_bias
        return same_shape and np.array_equal(self.flat(), other.flat())

    def with_n_factors(self, n_factors: int, seed: int) -> Factors:
        """These factors with columns dropped from, or added at, the end.

        An added factor is uniform in [0, 1) for users and exactly 0 for movies, so no prediction changes at the moment
        of adding and yet its gradient is not zero. Raises ValueError when ``n_factors`` < 1.
        """
        if n_factors < 1:
            raise ValueError("A model needs at least one factor.")
        keep = min(n_factors, self.n_factors)
        extra = n_factors - keep
        fresh = np.random.default_rng(seed).random((self.n_users, extra))
        return Factors(
            np.hstack([self.user_factors[:, :keep], fresh]),
            np.hstack([self.movie_factors[:, :keep], np.zeros((self.n_movies, extra))]),
            self.user_bias,
            self.movie_bias,
        ).copy()


def random_factors(
    n_users: int, n_movies: int, n_factors: int, *, bias: bool, init: str = "uniform", seed: int = 0
) -> Factors:
    """New starting weights from a seed: the same seed gives the same bits.

    ``init`` is "uniform", every number in [0, 1) as RAND() fills the sheet, or "normal", N(0, 0.01) factors and zero
    biases as fastai starts its embeddings. Raises ValueError for another name.
    """
    draws: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Floats]] = {
        "uniform": lambda rng, shape: rng.random(shape),
        "normal": lambda rng, shape: rng.normal(0.0, 0.01, shape),
    }
    if init not in draws:
        raise ValueError(f"unknown way to start weights: {init}")
    rng, draw = np.random.default_rng(seed), draws[init]
    users, movies = draw(rng, (n_users, n_factors)), draw(rng, (n_movies, n_factors))
    if not bias:
        return Factors(users, movies).copy()
    if init == "normal":
        return Factors(users, movies, np.zeros(n_users), np.zeros(n_movies)).copy()
    return Factors(users, movies, draw(rng, (n_users,)), draw(rng, (n_movies,))).copy()

"""Baselines: predictions that know no taste, as lines that every model should stay below.

Each is a number for all, plus one for the user, plus one for the movie. The regularised one is the baseline of Koren,
"Factorization meets the neighborhood", KDD 2008, equation 1, solved to convergence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Floats, Indices, Ratings

DAMPING = 3.0
"""What a user's or movie's bias counts besides its ratings, as so many ratings with residual 0 would.

Chosen on folds of the training ratings of ml-latest-small (MSE .799; .802 with 2 or 5, .813 with 10).
"""

CONVERGED = 1e-12
"""Alternation ends when no bias moves further than this."""

MAX_ROUNDS = 1000
"""At most so many alternations; some 10 to 30 are needed."""

SUMMED_AT_ONCE = 2_000_000
"""Ratings summed in one go: numpy lets no other thread work meanwhile, the window's neither."""


@dataclass(frozen=True, eq=False)
class Baseline:
    """prediction = ``mean`` + ``user_bias``[user] + ``movie_bias``[movie], clipped to ``low`` .. ``high``.

    ``user_bias`` is (n_users,), ``movie_bias`` (n_movies,), each 0 where the training ratings say nothing; ``low`` and
    ``high`` are the ends of the scale of the training ratings. ``ranks`` says whether it can tell movies apart, so that
    recommendations by it mean something.
    """

    name: str
    label: str
    mean: float
    user_bias: Floats
    movie_bias: Floats
    low: float
    high: float
    ranks: bool

    def __call__(self, users: Indices, movies: Indices) -> Floats:
        """Predictions for parallel index arrays."""
        return np.clip(self.mean + self.movie_bias[movies] + self.user_bias[users], self.low, self.high)

    def block(self, users: Indices, movies: Indices) -> Floats:
        """(len(users), len(movies)) predictions, bit for bit the same."""
        table: Floats = (self.mean + self.movie_bias[movies])[None, :] + self.user_bias[users][:, None]
        return np.clip(table, self.low, self.high)


def global_mean(train: Ratings) -> Baseline:
    """The mean of all training ratings, whoever and whatever."""
    return _baseline(train, "global mean", "Global mean", np.zeros(train.n_users), np.zeros(train.n_movies))


def user_mean(train: Ratings) -> Baseline:
    """The mean of the user's training ratings; the global mean for a user without any."""
    bias = _offsets(train.user_sums, train.user_counts, _mean(train))
    return _baseline(train, "user mean", "User mean", bias, np.zeros(train.n_movies))


def movie_mean(train: Ratings) -> Baseline:
    """The mean of the movie's training ratings; the global mean for a movie without any."""
    bias = _offsets(train.movie_sums, train.movie_counts, _mean(train))
    return _baseline(train, "item mean", "Item mean", np.zeros(train.n_users), bias)


def bias_only(train: Ratings, damping: float = DAMPING) -> Baseline:
    """Global mean + user bias + movie bias that minimise sum(residual ** 2) + ``damping`` * sum(bias ** 2).

    The one minimum, found by solving users, movies and what the two share, a constant that could stand on either side,
    in turn until nothing moves. A user or movie without training ratings has bias 0.
    """
    mean = _mean(train)
    residuals = train.values - np.float64(mean)
    user_bias, movie_bias = np.zeros(train.n_users), np.zeros(train.n_movies)
    user_weights, movie_weights = _inverse(train.user_counts, damping), _inverse(train.movie_counts, damping)
    n_rated_users, n_rated_movies = (np.count_nonzero(counts) for counts in (train.user_counts, train.movie_counts))
    for _ in range(MAX_ROUNDS):
        before = movie_bias
        movie_bias = _sums(train.movies, residuals, user_bias, train.users, train.n_movies) * movie_weights
        user_bias = _sums(train.users, residuals, movie_bias, train.movies, train.n_users) * user_weights
        if damping > 0:  # by turns alone, a constant would need hundreds of rounds to find its place
            shift = (movie_bias.sum() - user_bias.sum()) / (n_rated_users + n_rated_movies)
            user_bias = np.where(train.user_counts > 0, user_bias + shift, 0.0)
            movie_bias = np.where(train.movie_counts > 0, movie_bias - shift, 0.0)
        if np.abs(movie_bias - before).max(initial=0.0) <= CONVERGED:
            break
    return _baseline(train, "bias only", "Biases only", user_bias, movie_bias)


@dataclass(frozen=True, eq=False)
class MostPopular:
    """Ranks movies by how many training ratings they have: everybody is recommended what everybody knows.

    It predicts no rating: what ``block`` gives are the counts (n_movies,), to rank by.
    """

    counts: Floats
    name: str = "most popular"
    label: str = "Most popular"

    def block(self, users: Indices, movies: Indices) -> Floats:
        """(len(users), len(movies)) training ratings of each movie, the same for every user."""
        return np.tile(self.counts[movies], (len(users), 1))


def most_popular(train: Ratings) -> MostPopular:
    """The ranking by number of training ratings."""
    return MostPopular(train.movie_counts.astype(np.float64))


BASELINES: Mapping[str, Callable[[Ratings], Baseline]] = {
    "global mean": global_mean,
    "user mean": user_mean,
    "item mean": movie_mean,
    "bias only": bias_only,
}
"""What fits each baseline on training ratings, by its name, the plainest first. They need at least one rating."""


def fitted_baselines(train: Ratings) -> tuple[Baseline, ...]:
    """Every baseline, fitted on these ratings. Raises ValueError where there are none."""
    if not train.n_ratings:
        raise ValueError("There are no ratings to learn from.")
    return tuple(fit(train) for fit in BASELINES.values())


def _baseline(train: Ratings, name: str, label: str, user_bias: Floats, movie_bias: Floats) -> Baseline:
    return Baseline(name, label, _mean(train), user_bias, movie_bias, *train.scale, ranks=bool(movie_bias.any()))


def _mean(train: Ratings) -> float:
    return float(train.values.mean(dtype=np.float64))


def _offsets(sums: Floats, counts: NDArray[np.int64], mean: float) -> Floats:
    """Mean of each minus the mean of all; 0 where there is none."""
    return np.where(counts > 0, sums / np.maximum(counts, 1) - mean, 0.0)


def _sums(owners: Indices, residuals: Floats, bias: Floats, others: Indices, n: int) -> Floats:
    """(n,) sums of ``residuals`` - ``bias``[``others``] by owner."""
    total = np.zeros(n)
    for start in range(0, len(residuals), SUMMED_AT_ONCE):
        part = slice(start, start + SUMMED_AT_ONCE)
        total += np.bincount(owners[part], weights=residuals[part] - bias[others[part]], minlength=n)
    return total


def _inverse(counts: NDArray[np.int64], damping: float) -> Floats:
    """1 / (counts + damping), and 0 for 0: without damping, a row without ratings still has bias 0."""
    weights = counts + damping
    inverse: Floats = np.divide(1.0, weights, out=np.zeros(len(weights)), where=weights > 0)
    return inverse

"""Finding the best of many movies: candidates by a product in float32 first, exact predictions only for these.

The candidates are every movie whose approximate prediction comes within twice the largest rounding error of the n-th
best, or whose prediction the range makes equal to that. Only these are predicted exactly and sorted, so the answer is
that of a full sort.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.rating_range import RatingRange, sigmoid
from cfgui.core.ratings import Floats, Indices, Ratings

NO_MOVIE = -1
"""Stands where a user has fewer unseen movies than were asked for."""

Best = tuple[Indices, Floats]
"""(users, n) movie indices and predictions, best first, filled up with ``NO_MOVIE`` and NaN."""

_LARGEST = float(np.finfo(np.float64).max)

_LARGEST_FLOAT32 = 1e30
"""Beyond this the quick search would overflow."""


class NetSearch:
    """The best by a net's predictions of all ``movies`` (ascending indices)."""

    def __init__(self, factors: Factors, ratings: Ratings, movies: Indices) -> None:
        self._factors, self._ratings, self._movies = factors, ratings, movies

    def best(self, users: Indices, n: int) -> Best:
        """The ``n`` best unseen movies of a few users."""
        with np.errstate(all="ignore"):
            predictions = models.predict_block(self._factors, users, self._movies)
        # What is no number comes last, but before what is rated.
        scores = np.nan_to_num(predictions, nan=-_LARGEST, posinf=_LARGEST, neginf=-_LARGEST)
        _strike_out_rated(scores, self._ratings, users, self._movies)
        lowest = _nth_best(scores, n)
        rows, found = _cells((scores >= lowest[:, None]) & (scores > -np.inf))
        return _sorted_best(len(users), rows, self._movies[found], predictions[rows, found], n)


class Search:
    """The best of ``movies`` (ascending indices) by approximate scores in float32.

    These are without the user's bias and the mean, which change no order.
    """

    def __init__(self, factors: Factors, ratings: Ratings, movies: Indices) -> None:
        self.factors, self.ratings, self.movies = factors, ratings, movies
        columns = [factors.movie_factors[movies]]
        if factors.movie_bias is not None:
            columns.append(factors.movie_bias[movies, None])
        with np.errstate(over="ignore", invalid="ignore"):
            self.columns = np.ascontiguousarray(np.hstack(columns).T, dtype=np.float32)
            squares = np.einsum("ij,ij->i", columns[0], columns[0])
            self._longest = math.sqrt(squares.max(initial=0.0))
        self._largest_bias = float(np.abs(columns[-1]).max(initial=0.0)) if len(columns) > 1 else 0.0

    def best(self, users: Indices, n: int) -> Best:
        """The ``n`` best unseen movies of a few users."""
        rows, margins = self.rows(users)
        with np.errstate(over="ignore", invalid="ignore"):
            scores = rows @ self.columns
        scores[np.isnan(margins)] = 0.0
        _strike_out_rated(scores, self.ratings, users, self.movies)
        lowest = self.lowest(users, _nth_best(scores, n).astype(np.float64), np.nan_to_num(margins, nan=0.0))
        where, found = _cells((scores >= lowest[:, None]) & (scores > -np.inf))
        return self.exact_best(users, where, self.movies[found], n)

    def exact_best(self, users: Indices, rows: NDArray[np.intp], movies: Indices, n: int) -> Best:
        """Of the candidates ``movies`` of ``users[rows]`` the best by exact prediction; ``rows`` is ascending."""
        with np.errstate(over="ignore", invalid="ignore"):
            exact = models.predict(self.factors, users[rows], movies)
        return _sorted_best(len(users), rows, movies, exact, n)

    def lowest(self, users: Indices, nth: Floats, margins: Floats) -> NDArray[np.float32]:
        """The approximate score of each user from which a movie may be among the exact best.

        ``nth`` is each one's n-th best approximate score, ``margins`` how far a score may be from the exact one.
        """
        lowest = nth - 2.0 * margins
        if self.factors.range.kind != "none":
            # Scores apart may give equal predictions, where a range is flat: they count as equal here too.
            shift = self.factors.global_mean
            shifts = shift if self.factors.user_bias is None else shift + self.factors.user_bias[users]
            with np.errstate(all="ignore"):
                lowest = _same_prediction_from(self.factors.range, lowest + shifts) - shifts - 2.0 * margins
            lowest[np.isnan(lowest)] = -np.inf
        with np.errstate(over="ignore"):
            return np.nextafter(lowest.astype(np.float32), np.float32(-np.inf))

    def rows(self, users: Indices) -> tuple[NDArray[np.float32], Floats]:
        """(users, k) weights whose product with ``columns`` is the scores, and how far one may be from the exact one.

        That margin is NaN for a user whose weights are beyond float32 or no numbers: all movies are candidates.
        """
        factors = self.factors
        rows = factors.user_factors[users]
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
            sizes = lengths * self._longest + self._largest_bias + abs(factors.global_mean)
            if factors.user_bias is not None:
                sizes += np.abs(factors.user_bias[users])
                rows = np.hstack([rows, np.ones((len(rows), 1))])
            single = rows.astype(np.float32)
            lengths += self._longest
            hopeless = ~((sizes < _LARGEST_FLOAT32) & (lengths < _LARGEST_FLOAT32))
            # |error| <= (products + sums + roundings of the weights) x 2^-24 x size, doubled to be safe also for the
            # float64 of the exact prediction; the second term is what underflow can lose.
            margins = (factors.n_factors + 5) * (2.0**-23 * sizes + 2.0**-120 * (1.0 + lengths))
        margins[hopeless] = np.nan
        return single, margins


def _strike_out_rated(
    scores: NDArray[np.floating[Any]], ratings: Ratings, users: Indices, movies: Indices | None = None
) -> None:
    """Give what each of ``users`` has rated the score -inf; the columns are ``movies``, ascending, or all of them."""
    for row, user in enumerate(users):
        rated = ratings.movies[ratings.user_starts[user] : ratings.user_starts[user + 1]]
        if movies is not None and len(movies) < ratings.n_movies:
            places = np.searchsorted(movies, rated)
            there = places < len(movies)
            rated = places[there][movies[places[there]] == rated[there]]
        scores[row, rated] = -np.inf


def _nth_best(scores: NDArray[np.floating[Any]], n: int) -> NDArray[np.floating[Any]]:
    """The n-th highest score of each row, -inf where there are not more than ``n``."""
    n_movies = scores.shape[1]
    if n >= n_movies:
        return np.full(len(scores), -np.inf, dtype=scores.dtype)
    return np.partition(scores, n_movies - n, axis=1)[:, n_movies - n]


def _same_prediction_from(rating_range: RatingRange, scores: Floats) -> Floats:
    """A score for each of ``scores`` below which every prediction is lower than its own, rounding included.

    It is the inverse of the range at the prediction less a billionth of its width, or what rounding can hide; -inf
    where the prediction is the low end.
    """
    ends = max(abs(rating_range.low), abs(rating_range.high))
    hidden = max(1e-9, 8.0 * np.finfo(np.float64).eps * ends / rating_range.width)
    with np.errstate(divide="ignore", invalid="ignore"):
        if rating_range.kind == "clip":
            place = np.clip(scores, rating_range.low, rating_range.high) - hidden * rating_range.width
            return np.where(place > rating_range.low, place, -np.inf)
        steepness = 2.0 if rating_range.kind == "tanh" else 1.0  # tanh(s) = 2 sigmoid(2 s) - 1
        place = sigmoid(steepness * scores) - hidden
        logit = np.log(place) - np.log1p(-place)
        return np.where(place > 0.0, logit / steepness - 1e-6, -np.inf)


def _sorted_best(n_users: int, rows: NDArray[np.intp], movies: Indices, exact: Floats, n: int) -> Best:
    """The first ``n`` candidates of each row by exact prediction; ``rows`` is ascending."""
    best = np.full((n_users, n), NO_MOVIE, dtype=np.int32)
    predictions = np.full((n_users, n), np.nan)
    order = np.lexsort((movies, -exact, rows))
    rows, movies, exact = rows[order], movies[order], exact[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, np.arange(n_users))[rows]
    kept = ranks < n
    best[rows[kept], ranks[kept]] = movies[kept]
    predictions[rows[kept], ranks[kept]] = exact[kept]
    return best, predictions


def _cells(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(rows, columns) of what is true, row by row; flat, for numpy looks through a flat mask ten times as fast."""
    return np.divmod(np.flatnonzero(mask), max(mask.shape[1], 1))

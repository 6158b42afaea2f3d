"""Recommendations: for each user the unseen movies with the highest predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.rating_range import RatingRange, sigmoid
from cfgui.core.ratings import Floats, Indices, Ratings

CHUNK_CELLS = 1_000_000
"""Predictions held at once: 4 MB in float32, made in 2 ms, so that whoever waits is told often."""

NO_MOVIE = -1
"""Stands where a user has fewer unseen movies than were asked for."""

_LARGEST = float(np.finfo(np.float64).max)

_LARGEST_FLOAT32 = 1e30
"""Beyond this the quick search would overflow."""


class Recommended(NamedTuple):
    """Recommendations of users ``start`` to ``start + len(movies)`` of those asked for, best first.

    ``movies`` is (users, n) int32 indices, ``predictions`` (users, n) float64; ``NO_MOVIE`` and NaN fill up.
    """

    start: int
    movies: Indices
    predictions: Floats


def recommend(
    factors: Factors, ratings: Ratings, users: Indices, n: int, *, report: Callable[[int], None] | None = None
) -> tuple[Indices, Floats]:
    """The ``n`` movies with the highest predictions that each of ``users`` has not rated, best first.

    Returns (len(users), n) int32 movie indices and float64 predictions as ``models.predict`` makes them, bit for bit,
    those of a net to about 1e-15; of equal predictions the movie with the smaller index comes first, one that is no
    number last. Where fewer than ``n`` are unseen, -1 and NaN fill up. ``report`` is told often how many users are
    done; what it raises ends the work. Raises ValueError when ``n`` < 1.
    """
    movies = np.full((len(users), n), NO_MOVIE, dtype=np.int32)
    predictions = np.full((len(users), n), np.nan)
    for part in recommend_in_chunks(factors, ratings, users, n):
        end = part.start + len(part.movies)
        movies[part.start : end], predictions[part.start : end] = part.movies, part.predictions
        if report is not None:
            report(end)
    return movies, predictions


def recommend_in_chunks(factors: Factors, ratings: Ratings, users: Indices, n: int) -> Iterator[Recommended]:
    """As ``recommend``, a few users at a time: nothing of the size users x movies is ever held.

    For the plain models a matrix product in float32 finds the candidates: every movie whose approximate prediction
    comes within twice the largest rounding error of the n-th best, or whose prediction the range makes equal to that.
    Only these are predicted exactly and sorted, so the answer is that of a full sort. A net predicts every movie.
    Raises ValueError when ``n`` < 1.
    """
    if n < 1:
        raise ValueError("At least one recommendation a user, please.")
    n_outputs = factors.layers[-1].bias.size if factors.layers else 1
    rows = min(max(CHUNK_CELLS // max(factors.n_movies * n_outputs, 1), 1), 4096)
    best_of = _net_best if factors.layers else _Search(factors).best
    for start in range(0, len(users), rows):
        yield Recommended(start, *best_of(factors, ratings, users[start : start + rows], n))


def _net_best(factors: Factors, ratings: Ratings, users: Indices, n: int) -> tuple[Indices, Floats]:
    """The best of a few users by a net's predictions of all movies."""
    movies = np.arange(factors.n_movies, dtype=np.int32)
    with np.errstate(all="ignore"):
        predictions = models.predict_block(factors, users, movies)
    # What is no number comes last, but before what is rated.
    scores = np.nan_to_num(predictions, nan=-_LARGEST, posinf=_LARGEST, neginf=-_LARGEST)
    _strike_out_rated(scores, ratings, users)
    lowest = _nth_best(scores, n)
    rows, found = _cells((scores >= lowest[:, None]) & (scores > -np.inf))
    return _best(len(users), rows, found, predictions[rows, found], n)


def _strike_out_rated(scores: NDArray[np.floating[Any]], ratings: Ratings, users: Indices) -> None:
    for row, user in enumerate(users):
        scores[row, ratings.movies[ratings.user_starts[user] : ratings.user_starts[user + 1]]] = -np.inf


def _cells(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(rows, columns) of what is true, row by row; flat, for numpy looks through a flat mask ten times as fast."""
    return np.divmod(np.flatnonzero(mask), max(mask.shape[1], 1))


def _nth_best(scores: NDArray[np.floating[Any]], n: int) -> NDArray[np.floating[Any]]:
    """The n-th highest score of each row, -inf where there are not more than ``n``."""
    n_movies = scores.shape[1]
    if n >= n_movies:
        return np.full(len(scores), -np.inf, dtype=scores.dtype)
    return np.partition(scores, n_movies - n, axis=1)[:, n_movies - n]


class _Search:
    """Approximate scores in float32, without the user's bias and the mean, which change no order."""

    def __init__(self, factors: Factors) -> None:
        self._factors = factors
        columns = [factors.movie_factors]
        if factors.movie_bias is not None:
            columns.append(factors.movie_bias[:, None])
        with np.errstate(over="ignore", invalid="ignore"):
            self._movies = np.ascontiguousarray(np.hstack(columns).T, dtype=np.float32)
            squares = np.einsum("ij,ij->i", factors.movie_factors, factors.movie_factors)
            self._longest = math.sqrt(squares.max(initial=0.0))
        self._largest_bias = 0.0 if factors.movie_bias is None else float(np.abs(factors.movie_bias).max(initial=0.0))

    def best(self, factors: Factors, ratings: Ratings, users: Indices, n: int) -> tuple[Indices, Floats]:
        """The best of a few users."""
        scores, margins = self.approximate(users)
        _strike_out_rated(scores, ratings, users)
        lowest = self._lowest(users, _nth_best(scores, n).astype(np.float64), margins)
        rows, movies = _cells((scores >= lowest[:, None]) & (scores > -np.inf))
        with np.errstate(over="ignore", invalid="ignore"):
            exact = models.predict(factors, users[rows], movies.astype(np.int32))
        return _best(len(users), rows, movies, exact, n)

    def _lowest(self, users: Indices, nth: Floats, margins: Floats) -> NDArray[np.float32]:
        """The approximate score of each user from which a movie may be among the exact best."""
        lowest = nth - 2.0 * margins
        if self._factors.range.kind != "none":
            # Scores apart may give equal predictions, where a range is flat: they count as equal here too.
            shift = self._factors.global_mean
            shifts = shift if self._factors.user_bias is None else shift + self._factors.user_bias[users]
            with np.errstate(all="ignore"):
                lowest = same_prediction_from(self._factors.range, lowest + shifts) - shifts - 2.0 * margins
            lowest[np.isnan(lowest)] = -np.inf
        with np.errstate(over="ignore"):
            return np.nextafter(lowest.astype(np.float32), np.float32(-np.inf))

    def approximate(self, users: Indices) -> tuple[NDArray[np.float32], Floats]:
        """(users, n_movies) approximate scores, and for each user how far one may be from the exact one.

        A user whose weights are beyond float32, or no numbers, gets 0 everywhere: all movies are candidates.
        """
        factors = self._factors
        rows = factors.user_factors[users]
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
            sizes = lengths * self._longest + self._largest_bias + abs(factors.global_mean)
            if factors.user_bias is not None:
                sizes += np.abs(factors.user_bias[users])
                rows = np.hstack([rows, np.ones((len(rows), 1))])
            scores = rows.astype(np.float32) @ self._movies
        lengths += self._longest
        hopeless = ~((sizes < _LARGEST_FLOAT32) & (lengths < _LARGEST_FLOAT32))
        scores[hopeless], sizes[hopeless], lengths[hopeless] = 0.0, 0.0, 0.0
        # |error| <= (products + sums + roundings of the weights) x 2^-24 x size, doubled to be safe also for the
        # float64 of the exact prediction; the second term is what underflow can lose.
        n_terms = factors.n_factors + 5
        return scores, n_terms * (2.0**-23 * sizes + 2.0**-120 * (1.0 + lengths))


def same_prediction_from(rating_range: RatingRange, scores: Floats) -> Floats:
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


def _best(
    n_users: int, rows: NDArray[np.intp], movies: NDArray[np.intp], exact: Floats, n: int
) -> tuple[Indices, Floats]:
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

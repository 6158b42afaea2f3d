"""Recommendations: for each user the unseen movies with the highest predictions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Ratings

CHUNK_CELLS = 1_000_000
"""Predictions held at once: 4 MB in float32, made in 2 ms, so that whoever waits is told often."""

NO_MOVIE = -1
"""Stands where a user has fewer unseen movies than were asked for."""

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

    Returns (len(users), n) int32 movie indices and float64 predictions as ``models.predict`` makes them, bit for bit;
    of equal predictions the movie with the smaller index comes first, one that is no number last. Where fewer than
    ``n`` are unseen, -1 and NaN fill up. ``report`` is told often how many users are done; what it raises ends the
    work. Raises ValueError when ``n`` < 1.
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

    A matrix product in float32 finds the candidates: every movie whose approximate prediction comes within twice the
    largest rounding error of the n-th best. Only these are predicted exactly and sorted, so the answer is that of a
    full sort. Raises ValueError when ``n`` < 1.
    """
    if n < 1:
        raise ValueError("At least one recommendation a user, please.")
    search = _Search(factors)
    rows = min(max(CHUNK_CELLS // max(factors.n_movies, 1), 1), 4096)
    for start in range(0, len(users), rows):
        chunk = users[start : start + rows]
        scores, margins = search.approximate(chunk)
        for row, user in enumerate(chunk):
            scores[row, ratings.movies[ratings.user_starts[user] : ratings.user_starts[user + 1]]] = -np.inf
        # Flat, for numpy looks through a flat mask ten times as fast.
        found, movies = np.divmod(np.flatnonzero(_candidates(scores, margins, n)), max(factors.n_movies, 1))
        yield Recommended(start, *_best(factors, chunk, found, movies, n))


class _Search:
    """Approximate predictions in float32, without the user's bias, which changes no order."""

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

    def approximate(self, users: Indices) -> tuple[NDArray[np.float32], Floats]:
        """(users, n_movies) approximate predictions, and for each user how far one may be from the exact one.

        A user whose weights are beyond float32, or no numbers, gets 0 everywhere: all movies are candidates.
        """
        factors = self._factors
        rows = factors.user_factors[users]
        with np.errstate(over="ignore", invalid="ignore"):
            lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
            sizes = lengths * self._longest + self._largest_bias
            if factors.user_bias is not None:
                sizes += np.abs(factors.user_bias[users])
                rows = np.hstack([rows, np.ones((len(rows), 1))])
            scores = rows.astype(np.float32) @ self._movies
        lengths += self._longest
        hopeless = ~((sizes < _LARGEST_FLOAT32) & (lengths < _LARGEST_FLOAT32))
        scores[hopeless], sizes[hopeless], lengths[hopeless] = 0.0, 0.0, 0.0
        # |error| <= (products + sums + roundings of the weights) x 2^-24 x size, doubled to be safe also for the
        # float64 of the exact prediction; the second term is what underflow can lose.
        n_terms = factors.n_factors + 4
        return scores, n_terms * (2.0**-23 * sizes + 2.0**-120 * (1.0 + lengths))


def _candidates(scores: NDArray[np.float32], margins: Floats, n: int) -> NDArray[np.bool_]:
    """Which movies may be among the exact ``n`` best; rated ones have the score -inf and never are."""
    n_movies = scores.shape[1]
    if n >= n_movies:
        return scores > -np.inf
    nth = np.partition(scores, n_movies - n, axis=1)[:, n_movies - n]
    lowest = np.nextafter((nth - 2.0 * margins).astype(np.float32), np.float32(-np.inf))
    return (scores >= lowest[:, None]) & (scores > -np.inf)


def _best(
    factors: Factors, users: Indices, rows: NDArray[np.intp], movies: NDArray[np.intp], n: int
) -> tuple[Indices, Floats]:
    """The first ``n`` candidates of each row by exact prediction; ``rows`` is ascending."""
    best = np.full((len(users), n), NO_MOVIE, dtype=np.int32)
    predictions = np.full((len(users), n), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        exact = models.predict(factors, users[rows], movies.astype(np.int32))
    order = np.lexsort((movies, -exact, rows))
    rows, movies, exact = rows[order], movies[order], exact[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, np.arange(len(users)))[rows]
    kept = ranks < n
    best[rows[kept], ranks[kept]] = movies[kept]
    predictions[rows[kept], ranks[kept]] = exact[kept]
    return best, predictions

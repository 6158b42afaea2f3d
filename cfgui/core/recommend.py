"""Recommendations: for each user the unseen movies with the highest predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from cfgui.core import recommend_many, recommend_search
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.recommend_search import NetSearch, Search

NO_MOVIE = recommend_search.NO_MOVIE
"""Stands where a user has fewer unseen movies than were asked for."""

CHUNK_CELLS = 1_000_000
"""Predictions held at once: 4 MB in float32, made in 2 ms, so that whoever waits is told often."""


class Recommended(NamedTuple):
    """Recommendations of users ``start`` to ``start + len(movies)`` of those asked for, best first.

    ``movies`` is (users, n) int32 indices, ``predictions`` (users, n) float64; ``NO_MOVIE`` and NaN fill up.
    """

    start: int
    movies: Indices
    predictions: Floats


def recommend(
    factors: Factors,
    ratings: Ratings,
    users: Indices,
    n: int,
    *,
    candidates: Mask | None = None,
    report: Callable[[int], None] | None = None,
) -> tuple[Indices, Floats]:
    """The ``n`` movies with the highest predictions that each of ``users`` has not rated, best first.

    Returns (len(users), n) int32 movie indices and float64 predictions as ``models.predict`` makes them, bit for bit,
    those of a net to about 1e-15; of equal predictions the movie with the smaller index comes first, one that is no
    number last. Where fewer than ``n`` are unseen, -1 and NaN fill up. Only movies that ``candidates`` (n_movies,) has
    as True come into question, all where it is None. ``report`` is told often how many users are done; what it raises
    ends the work. Raises ValueError when ``n`` < 1.
    """
    movies = np.full((len(users), n), NO_MOVIE, dtype=np.int32)
    predictions = np.full((len(users), n), np.nan)
    for part in recommend_in_chunks(factors, ratings, users, n, candidates):
        end = part.start + len(part.movies)
        movies[part.start : end], predictions[part.start : end] = part.movies, part.predictions
        if report is not None:
            report(end)
    return movies, predictions


def recommend_in_chunks(
    factors: Factors, ratings: Ratings, users: Indices, n: int, candidates: Mask | None = None
) -> Iterator[Recommended]:
    """As ``recommend``, a few users at a time: nothing of the size users x movies is ever held.

    ``recommend_search`` tells how the plain models are searched, ``recommend_many`` how that is done for many users; a
    net predicts every movie. Raises ValueError when ``n`` < 1.
    """
    if n < 1:
        raise ValueError("At least one recommendation a user, please.")
    users = users.astype(np.int32, copy=False)
    movies = np.flatnonzero(np.ones(factors.n_movies, np.bool_) if candidates is None else candidates).astype(np.int32)
    if not factors.layers and len(users) * len(movies) >= recommend_many.MANY_FROM:
        for start, best in recommend_many.ManySearch(factors, ratings, movies).all_best(users, n):
            yield Recommended(start, *best)
        return
    n_outputs = factors.layers[-1].bias.size if factors.layers else 1
    search = (NetSearch if factors.layers else Search)(factors, ratings, movies)
    rows = min(max(CHUNK_CELLS // max(len(movies) * n_outputs, 1), 1), 4096)
    for start in range(0, len(users), rows):
        yield Recommended(start, *search.best(users[start : start + rows], n))

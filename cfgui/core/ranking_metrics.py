"""How good recommendations are: precision, recall and NDCG of the first n, coverage and popularity.

For each user all movies that the user has not rated in the training part are ranked by their prediction; movies without
any training rating are left out, for nothing is known of them. A movie is *relevant* to a user who rated it in the
held-out part with at least the threshold. NDCG with relevance 0 or 1 is that of Järvelin & Kekäläinen, "Cumulated
gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002: a hit at rank i counts 1 / log2(i + 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.split import Split, cells_of

BlockPredictor = Callable[[Indices, Indices], Floats]
"""(len(users), len(movies)) predictions of users for movies, float64."""

RELEVANT_SHARE = 0.8
"""A rating of at least this share of the highest one is relevant unless said otherwise: 4 of 5 stars."""

POPULAR_SHARE = 0.1
"""The share of movies with the most training ratings that counts as popular."""

MAX_USERS = 10_000
"""Users ranked at most: of more, so many are drawn from the seed, which tells averages to about half a percent."""

BLOCK_CELLS = 1 << 20
"""Predictions held at once."""


@dataclass(frozen=True)
class Ranking:
    """Means over users; NaN where there is nobody to ask.

    ``precision`` is the share of relevant movies among the first ``n``, ``recall`` the share of a user's relevant
    movies that are among them, ``ndcg`` the gain relative to the best order; of ``n_relevant_users`` users with a
    relevant held-out rating. ``coverage`` is the share of movies with training ratings that anybody was recommended,
    ``popularity_share`` that of recommendations which are among the tenth of these movies with the most ratings; over
    the ``n_users`` users with a held-out rating.
    """

    n: int
    threshold: float
    n_users: int
    n_relevant_users: int
    precision: float
    recall: float
    ndcg: float
    coverage: float
    popularity_share: float


def default_threshold(train: Ratings) -> float:
    """The lowest relevant rating where nobody said: 80 % of the highest training rating, 4 of 5 stars."""
    return RELEVANT_SHARE * train.scale[1]


def ranking(
    split: Split,
    predict_block: BlockPredictor,
    n: int = 10,
    threshold: float | None = None,
    *,
    seed: int = 0,
    stop: Stop = never,
) -> Ranking:
    """Rank by these predictions and compare with the held-out ratings; ``threshold`` None is ``default_threshold``.

    Raises ValueError when ``n`` < 1, Interrupted where ``stop`` says so between two groups of users.
    """
    if n < 1:
        raise ValueError("At least one recommendation a user, please.")
    threshold = default_threshold(split.train) if threshold is None else threshold
    users = _ranked_users(split, seed)
    candidates = np.flatnonzero(split.train.movie_counts > 0).astype(np.int32)
    tally = _Tally(split, candidates, n, threshold)
    rows = max(1, BLOCK_CELLS // max(len(candidates), 1))
    for start in range(0, len(users), rows):
        if stop():
            raise Interrupted
        chunk = users[start : start + rows]
        tally.add(chunk, top_n(split.train, predict_block, chunk, candidates, n))
    return tally.result(len(users))


class TopN(NamedTuple):
    """Recommendations of some users, one after another: parallel arrays.

    ``rows`` says whose each is, as a place among the users asked for; ``ranks`` counts from 0, the best, to ``n`` - 1.
    """

    rows: NDArray[np.intp]
    movies: Indices
    ranks: NDArray[np.intp]


def top_n(train: Ratings, predict_block: BlockPredictor, users: Indices, candidates: Indices, n: int) -> TopN:
    """The ``n`` of ``candidates`` (ascending) with the highest predictions that each of ``users`` has not rated.

    Of equal predictions the smaller index comes first, what is no number last. Somebody with fewer unrated candidates
    gets all of them.
    """
    keys = -predict_block(users, candidates)
    keys[np.isnan(keys)] = np.finfo(np.float64).max
    for row, user in enumerate(users.tolist()):
        keys[row, np.searchsorted(candidates, train.user_line(user)[0])] = np.inf
    last = min(n, len(candidates)) - 1
    limits = np.partition(keys, last, axis=1)[:, last : last + 1]
    # Flat, for numpy looks through a flat mask ten times as fast.
    rows, places = np.divmod(np.flatnonzero((keys <= limits) & (keys < np.inf)), len(candidates))
    order = np.lexsort((places, keys[rows, places], rows))
    rows, places = rows[order], places[order]
    ranks = np.arange(len(rows)) - np.searchsorted(rows, np.arange(len(users)))[rows]
    first = ranks < n
    return TopN(rows[first], candidates[places[first]], ranks[first])


class _Tally:
    """Sums over the users ranked so far."""

    def __init__(self, split: Split, candidates: Indices, n: int, threshold: float) -> None:
        held_out, n_movies = split.held_out, split.train.n_movies
        is_relevant = held_out.values >= threshold
        self._cells = cells_of(held_out)[is_relevant]
        self._n_relevant = np.bincount(held_out.users[is_relevant], minlength=held_out.n_users)
        self._n, self._threshold, self._n_movies = n, threshold, n_movies
        self._candidates, self._popular = candidates, _most_rated(split.train, candidates)
        self._discounts = 1.0 / np.log2(np.arange(2, n + 2))
        self._ideal = np.cumsum(self._discounts)
        self._times = np.zeros(n_movies, dtype=np.int64)
        self._n_users, self._precision, self._recall, self._ndcg = 0, 0.0, 0.0, 0.0

    def add(self, users: Indices, top: TopN) -> None:
        """Count the recommendations of some users."""
        self._times += np.bincount(top.movies, minlength=self._n_movies)
        cells = users[top.rows].astype(np.int64) * self._n_movies + top.movies
        hit = np.isin(cells, self._cells)
        n_hits = np.bincount(top.rows, weights=hit, minlength=len(users))
        gains = np.bincount(top.rows, weights=hit * self._discounts[top.ranks], minlength=len(users))
        n_relevant = self._n_relevant[users]
        asked = n_relevant > 0
        n_hits, gains, n_relevant = n_hits[asked], gains[asked], n_relevant[asked]
        self._n_users += len(n_hits)
        self._precision += float(np.sum(n_hits)) / self._n
        self._recall += float(np.sum(n_hits / n_relevant))
        self._ndcg += float(np.sum(gains / self._ideal[np.minimum(n_relevant, self._n) - 1]))

    def result(self, n_users: int) -> Ranking:
        """The means."""
        n_given = int(self._times.sum())
        return Ranking(
            n=self._n,
            threshold=self._threshold,
            n_users=n_users,
            n_relevant_users=self._n_users,
            precision=_ratio(self._precision, self._n_users),
            recall=_ratio(self._recall, self._n_users),
            ndcg=_ratio(self._ndcg, self._n_users),
            coverage=_ratio(int((self._times > 0).sum()), len(self._candidates)),
            popularity_share=_ratio(int(self._times[self._popular].sum()), n_given),
        )


def _ranked_users(split: Split, seed: int) -> Indices:
    """Users with a held-out rating, ascending; of more than ``MAX_USERS`` so many of them."""
    users = np.flatnonzero(split.held_out.user_counts > 0).astype(np.int32)
    if len(users) <= MAX_USERS:
        return users
    return np.sort(np.random.default_rng(seed).permutation(users)[:MAX_USERS])


def _most_rated(train: Ratings, candidates: Indices) -> Indices:
    """The tenth of the candidates, rounded up, with the most training ratings; of equals the smaller index."""
    order = np.argsort(-train.movie_counts[candidates], kind="stable")
    return candidates[order[: math.ceil(POPULAR_SHARE * len(candidates))]]


def _ratio(part: float, whole: int) -> float:
    return part / whole if whole else math.nan

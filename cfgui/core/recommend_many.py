"""Recommending for many users at once: scores a tile at a time, so that they never leave the processor's cache."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Indices, Ratings
from cfgui.core.recommend_search import Best, Search

MANY_FROM = 200_000_000
"""With fewer scores than this altogether, compiling or loading the loops takes longer than it saves."""

USERS_AT_ONCE = 252
"""Users of a piece of work, some 20 ms for 60,000 movies."""

BLOCKS_AT_ONCE = 8
"""Blocks of movies whose scores are held at once: 2 MB."""

N_THREADS = 2

FLAT = 1e-5
"""Scores so much below the n-th best are kept too where there is a range, for they may be the same prediction."""


class ManySearch:
    """The best of ``movies`` (ascending indices), to the same bits as ``Search``, which helps where this one cannot.

    A compiled product in float32 makes the scores of a tile; a second loop keeps what may be among the best. Where more
    would be kept than there is room for, as where many predictions are equal, the user goes the other way.
    """

    def __init__(self, factors: Factors, ratings: Ratings, movies: Indices) -> None:
        from cfgui.core.recommend_loops import BLOCK

        self._search = Search(factors, ratings, movies)
        columns = self._search.columns
        k, n_blocks = len(columns), -(-len(movies) // BLOCK)
        padded = np.zeros((k, n_blocks * BLOCK), dtype=np.float32)
        padded[:, : len(movies)] = columns
        self._blocks = np.ascontiguousarray(padded.reshape(k, n_blocks, BLOCK).swapaxes(0, 1))
        self._places = np.full(ratings.n_movies, -1, dtype=np.int32)
        self._places[movies] = np.arange(len(movies), dtype=np.int32)

    def all_best(self, users: Indices, n: int, n_threads: int = N_THREADS) -> Iterator[tuple[int, Best]]:
        """(place of the first, the ``n`` best of the following users) of all ``users``, in order whoever did it.

        Threads are held until the last is taken, or the iterator is closed.
        """
        pool = ThreadPoolExecutor(n_threads, "recommend")
        try:
            under_way: deque[tuple[int, Future[Best]]] = deque()
            for start in range(0, len(users), USERS_AT_ONCE):
                under_way.append((start, pool.submit(self.best, users[start : start + USERS_AT_ONCE], n)))
                if len(under_way) > n_threads:
                    first, best = under_way.popleft()
                    yield first, best.result()
            for first, best in under_way:
                yield first, best.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def best(self, users: Indices, n: int) -> Best:
        """The ``n`` best unseen movies of up to ``USERS_AT_ONCE`` users."""
        search, n_users = self._search, len(users)
        rows, margins = search.rows(users)
        counts = np.where(np.isnan(margins), -1, 0)
        rows[counts < 0] = 0.0
        margins = np.nan_to_num(margins, nan=0.0)
        room = max(4 * n, n + 128)
        kept, scores = np.zeros((n_users, room), dtype=np.int32), np.zeros((n_users, room), dtype=np.float32)
        limits = np.where(counts < 0, np.inf, -np.inf).astype(np.float32)
        slacks = 5.0 * margins + (FLAT if search.factors.range.kind != "none" else 0.0)
        self._keep(users, rows, n, slacks, limits, counts, kept, scores)
        scores[np.arange(room) >= counts[:, None]] = -np.inf
        nth = np.partition(scores, room - n, axis=1)[:, room - n].astype(np.float64)
        lowest = search.lowest(users, nth, margins)
        lost = (counts < 0) | (lowest < limits)
        where, places = np.nonzero((scores >= lowest[:, None]) & (scores > -np.inf) & ~lost[:, None])
        best, predictions = search.exact_best(users, where, search.movies[kept[where, places]], n)
        for row in np.flatnonzero(lost):
            best[row], predictions[row] = (found[0] for found in search.best(users[row : row + 1], n))
        return best, predictions

    def _keep(
        self,
        users: Indices,
        rows: NDArray[np.float32],
        n: int,
        slacks: NDArray[np.float64],
        limits: NDArray[np.float32],
        counts: NDArray[np.int64],
        kept: Indices,
        scores: NDArray[np.float32],
    ) -> None:
        """Go through all tiles; see ``recommend_loops.keep_best``."""
        from cfgui.core.compiled_tiles import PRODUCT_ROWS
        from cfgui.core.recommend_loops import BLOCK, loops

        multiply, keep_best = loops()
        n_rows = -(-len(users) // PRODUCT_ROWS) * PRODUCT_ROWS
        left = np.zeros((rows.shape[1], n_rows), dtype=np.float32)
        left[:, : len(users)] = rows.T
        seen, spots, ends = self._seen(users)
        n_movies, width = len(self._search.movies), BLOCKS_AT_ONCE * BLOCK
        tile = np.empty((n_rows, width), dtype=np.float32)
        for number in range(0, len(self._blocks), BLOCKS_AT_ONCE):
            multiply(left, self._blocks[number : number + BLOCKS_AT_ONCE], tile)
            first = number * BLOCK
            last = min(first + width, n_movies)
            keep_best(tile, first, last - first, seen, spots, ends, n, slacks, limits, counts, kept, scores)

    def _seen(self, users: Indices) -> tuple[Indices, NDArray[np.int64], NDArray[np.int64]]:
        """The places of what each has rated, one user after another, where each one's begin, and where they end."""
        ratings = self._search.ratings
        starts = ratings.user_starts
        lines = [ratings.movies[starts[user] : starts[user + 1]] for user in users]
        ends = np.cumsum([len(line) for line in lines], dtype=np.int64)
        spots = np.concatenate([[0], ends[:-1]]).astype(np.int64)
        return self._places[np.concatenate(lines)], spots, ends

"""Lists of recommendations for many users, by prediction or diverse, and what they have in common."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfgui.core.diversity import directions, diverse, pool_size
from cfgui.core.factors import Factors
from cfgui.core.ratings import Indices, Mask, Ratings
from cfgui.core.recommend import NO_MOVIE, Recommended, recommend_in_chunks

POOL_CELLS = 2_000_000
"""Numbers of candidates' factors held at once: 16 MB."""


def lists_in_chunks(
    factors: Factors,
    ratings: Ratings,
    users: Indices,
    n: int,
    candidates: Mask | None = None,
    diversity: float = 0.0,
) -> Iterator[Recommended]:
    """As ``recommend_in_chunks``; with ``diversity`` chosen by ``diversity.diverse`` out of ``pool_size(n)`` for each.

    Raises ValueError when ``n`` < 1 or the diversity is outside 0 to 1.
    """
    if not diversity:
        yield from recommend_in_chunks(factors, ratings, users, n, candidates)
        return
    units, pool = directions(factors.movie_factors), min(pool_size(n), max(factors.n_movies, n))
    rows = max(1, POOL_CELLS // (pool * factors.n_movie_factors))
    for part in recommend_in_chunks(factors, ratings, users, pool, candidates):
        for start in range(0, len(part.movies), rows):
            some = slice(start, start + rows)
            best = diverse(part.movies[some], part.predictions[some], units, n, diversity)
            yield Recommended(part.start + start, *best)


@dataclass(eq=False)
class ListTally:
    """How often each movie was recommended; ``popular`` (n_movies,) says which ones count as popular.

    ``n_candidates`` is how many movies came into question.
    """

    popular: Mask
    n_candidates: int
    n_users: int = 0
    counts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros(len(self.popular), dtype=np.int64)

    def add(self, part: Recommended) -> None:
        """Count some users' lists."""
        self.n_users += len(part.movies)
        self.counts += np.bincount(part.movies[part.movies != NO_MOVIE], minlength=len(self.counts))

    @property
    def coverage(self) -> float:
        """The share of the movies in question that anybody was recommended; NaN where there are none."""
        return int((self.counts > 0).sum()) / self.n_candidates if self.n_candidates else math.nan

    @property
    def popularity_share(self) -> float:
        """The share of recommendations that are popular movies; NaN where there are none."""
        total = int(self.counts.sum())
        return int(self.counts[self.popular].sum()) / total if total else math.nan

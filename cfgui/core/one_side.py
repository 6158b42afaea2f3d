"""The users of a table, or its movies: what is known of each of them, under the same names for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Ratings

SideName = Literal["user", "movie"]
"""Which side of the crosstab: its rows or its columns."""

SIDES: tuple[SideName, ...] = ("user", "movie")
"""Both of them."""

USUAL_MINIMUM = 20
"""Ratings from which on the weights of a user or movie are taken to tell something."""

ENOUGH = 10
"""So many of a side must have ``USUAL_MINIMUM`` ratings before fewer ratings are left out."""


@dataclass(frozen=True, eq=False)
class OneSide:
    """All users, or all movies, of some ratings and weights; n is their number.

    ``ids`` are raw ids, ``counts`` (n,) numbers of ratings, ``sums`` (n,) sums of ratings, ``factors`` (n, k) and
    ``bias`` (n,) their weights; ``bias`` is None in a model without.
    """

    side: SideName
    ids: tuple[str, ...]
    counts: NDArray[np.int64]
    sums: Floats
    factors: Floats
    bias: Floats | None

    @property
    def means(self) -> Floats:
        """(n,) mean rating of each; NaN where there is none."""
        means: Floats = np.divide(self.sums, self.counts, out=np.full(len(self.ids), np.nan), where=self.counts > 0)
        return means


def one_side(ratings: Ratings, factors: Factors, side: SideName) -> OneSide:
    """The users or the movies of ``ratings`` with their ``factors``; the arrays are shared, not copied."""
    if side == "user":
        counts, sums = ratings.user_counts, ratings.user_sums
        return OneSide(side, ratings.user_ids, counts, sums, factors.user_factors, factors.user_bias)
    counts, sums = ratings.movie_counts, ratings.movie_sums
    return OneSide(side, ratings.movie_ids, counts, sums, factors.movie_factors, factors.movie_bias)


def counts_of_side(ratings: Ratings, side: SideName) -> NDArray[np.int64]:
    """(n,) how many ratings each user, or each movie, has."""
    return ratings.user_counts if side == "user" else ratings.movie_counts


def ids_of_side(ratings: Ratings, side: SideName) -> tuple[str, ...]:
    """The raw ids of the users, or of the movies, in the order of their indices."""
    return ratings.user_ids if side == "user" else ratings.movie_ids


def usual_minimum(counts: NDArray[np.int64]) -> int:
    """How many ratings one should have to be named: ``USUAL_MINIMUM``, or 1 where hardly any have as many.

    A sheet of 15 x 15 has nobody with 20 ratings, and there nobody is left out. 0 where nobody has any, as in a file of
    weights alone.
    """
    if np.count_nonzero(counts >= USUAL_MINIMUM) >= ENOUGH:
        return USUAL_MINIMUM
    return 1 if counts.any() else 0

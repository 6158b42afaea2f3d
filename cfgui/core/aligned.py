"""Aligning: weights that were trained for some users and movies, brought to the ids of another table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats


@dataclass(frozen=True, eq=False)
class Aligned:
    """Weights in the order of other ids, and how many users and movies of these the weights did not know."""

    factors: Factors
    n_new_users: int
    n_new_movies: int


def aligned(
    factors: Factors,
    user_ids: Sequence[str],
    movie_ids: Sequence[str],
    wanted_users: Sequence[str],
    wanted_movies: Sequence[str],
) -> Aligned:
    """``factors``, whose rows belong to ``user_ids`` and ``movie_ids``, with one row for each id that is wanted.

    An id that has no row gets the mean of all rows: the vector of somebody of whom nothing is known. Raises ValueError
    where the numbers of ids and rows differ, or no wanted id has a row.
    """
    if (len(user_ids), len(movie_ids)) != (factors.n_users, factors.n_movies):
        raise ValueError("These weights have another number of rows than of ids.")
    users, movies = _places(user_ids, wanted_users), _places(movie_ids, wanted_movies)
    if not (users >= 0).any() or not (movies >= 0).any():
        raise ValueError("These weights belong to other users or movies: none of the ids is theirs.")
    found = replace(
        factors,
        user_factors=_rows(factors.user_factors, users),
        movie_factors=_rows(factors.movie_factors, movies),
        user_bias=None if factors.user_bias is None else _rows(factors.user_bias, users),
        movie_bias=None if factors.movie_bias is None else _rows(factors.movie_bias, movies),
    )
    return Aligned(found.copy(), int((users < 0).sum()), int((movies < 0).sum()))


def _places(ids: Sequence[str], wanted: Sequence[str]) -> NDArray[np.int64]:
    """Where each wanted id stands among ``ids``, -1 where it does not."""
    place_of = {raw_id: place for place, raw_id in enumerate(ids)}
    return np.array([place_of.get(raw_id, -1) for raw_id in wanted], dtype=np.int64)


def _rows(table: Floats, places: NDArray[np.int64]) -> Floats:
    """The rows at these places; the mean row where there is none."""
    rows = table[np.maximum(places, 0)]
    rows[places < 0] = table.mean(axis=0)
    return rows

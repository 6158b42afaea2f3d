"""Aligning: weights that were trained for some users and movies, brought to the ids of another table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.unknown import UNKNOWN, indices_of, with_mean_rows


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
    users, movies = indices_of(user_ids, wanted_users), indices_of(movie_ids, wanted_movies)
    if not (users >= 0).any() or not (movies >= 0).any():
        raise ValueError("These weights belong to other users or movies: none of the ids is theirs.")
    everybody, every_movie = np.ones(factors.n_users, np.bool_), np.ones(factors.n_movies, np.bool_)
    found = with_mean_rows(factors, everybody, every_movie).part(users, movies)
    return Aligned(found.copy(), int((users == UNKNOWN).sum()), int((movies == UNKNOWN).sum()))

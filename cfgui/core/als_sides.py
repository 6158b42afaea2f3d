"""Ratings grouped by their user, and grouped by their movie: what ALS and Gibbs sampling go through in turn."""

from __future__ import annotations

import weakref
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices

COMPILED_FROM = 20_000
"""Ratings from which loops are compiled; a sheet is done before numba has loaded."""


class Side(NamedTuple):
    """The ratings of each row, one row after another; a row is a user, and then a partner is a movie, or turned round.

    Row ``r`` owns the positions ``starts[r]:starts[r + 1]`` of ``partners`` and ``values``.
    """

    starts: NDArray[np.int64]
    partners: Indices
    values: Floats

    @property
    def n_rows(self) -> int:
        """How many rows there are, those without ratings included."""
        return len(self.starts) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """(n_rows,) ratings of each row."""
        return np.diff(self.starts)


class Sides(NamedTuple):
    """The same ratings by user and by movie."""

    by_user: Side
    by_movie: Side

    @property
    def n_ratings(self) -> int:
        """How many there are."""
        return len(self.by_user.values)


def grouped(rows: Indices, partners: Indices, values: Floats, n_rows: int) -> Side:
    """The ratings by row, within a row in the order given. Copies nothing where they are in that order."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n_rows))])
    if bool((rows[1:] >= rows[:-1]).all()):
        return _sealed(starts, partners, values)
    order = _order(rows, starts)
    return _sealed(starts, partners[order], values[order])


def _sealed(starts: NDArray[np.int64], partners: Indices, values: Floats) -> Side:
    """A side of views that cannot be written to: numba compiles a loop for them and once more for others."""
    views = starts.view(), partners.view(), values.view()
    for view in views:
        view.flags.writeable = False
    return Side(*views)


def _order(rows: Indices, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions by row, and within a row ascending."""
    if len(rows) < COMPILED_FROM:
        return np.argsort(rows, kind="stable")
    from cfgui.core.als_loops import count_sort

    order = np.empty(len(rows), dtype=np.int64)
    count_sort(rows, starts.copy(), order)
    return order


_Sources = tuple["weakref.ref[Indices]", "weakref.ref[Indices]", "weakref.ref[Floats]"]


class _Kept(NamedTuple):
    """Sides made before, and the arrays of ratings they were made of, which they do not keep alive."""

    sources: _Sources
    shape: tuple[int, int]
    user_starts: NDArray[np.int64]
    by_movie: Side


_kept: list[_Kept] = []
"""At most one: a movie-sorted copy is as large as the ratings."""


def sides(shape: Factors, users: Indices, movies: Indices, values: Floats) -> Sides:
    """The ratings, sorted by user, by user and by movie.

    The movie-sorted copy is made once for the same arrays, a second for 25 million ratings, and goes when they go.
    """
    arrays, size = (users, movies, values), (shape.n_users, shape.n_movies)
    for kept in tuple(_kept):
        if kept.shape == size and _are(kept.sources, arrays):
            return Sides(_sealed(kept.user_starts, movies, values), kept.by_movie)
    made = Sides(grouped(users, movies, values, size[0]), grouped(movies, users, values, size[1]))
    if np.may_share_memory(made.by_user.values, values) and not np.may_share_memory(made.by_movie.values, values):
        # Else the copy would hold the very arrays whose end it waits for, or not serve the other side.
        sources_now = (weakref.ref(users), weakref.ref(movies), weakref.ref(values, _forget))
        _kept[:] = [_Kept(sources_now, size, made.by_user.starts, made.by_movie)]
    return made


def _are(sources: _Sources, arrays: tuple[Indices, Indices, Floats]) -> bool:
    """Whether the sources are these very arrays."""
    users, movies, values = sources
    return users() is arrays[0] and movies() is arrays[1] and values() is arrays[2]


def _forget(_gone: object) -> None:
    """The ratings are gone, and so is what was made of them."""
    _kept.clear()

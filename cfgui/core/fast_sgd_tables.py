"""The weights while the fast engine for SGD trains them: rows dealt into groups, columns padded to whole pieces."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.fast_sgd_layout import Layout
from cfgui.core.rating_range import RatingRange

LANES = 16
"""Columns of a piece of a padded row; as in ``fast_sgd_loops``, whose import takes half a second."""


class Tables(NamedTuple):
    """The weights while they are trained: the rows dealt into groups, the columns padded with zeros."""

    p: NDArray[Any]
    """(rows, padded columns) of users"""
    q: NDArray[Any]
    """(rows, padded columns) of movies"""
    user_bias: NDArray[Any]
    """(rows,), or (0,) in a model without bias"""
    movie_bias: NDArray[Any]
    global_mean: float
    range: RatingRange

    def group(self, user_group: int, movie_group: int, layout: Layout) -> Tables:
        """Views of the rows of one block."""
        users, movies = (
            slice(number * side.group_rows, (number + 1) * side.group_rows)
            for number, side in ((user_group, layout.users), (movie_group, layout.movies))
        )
        p, q = self.p[users], self.q[movies]
        if not len(self.user_bias):
            return self._replace(p=p, q=q)
        return self._replace(p=p, q=q, user_bias=self.user_bias[users], movie_bias=self.movie_bias[movies])


def n_pieces(n_factors: int) -> int:
    """Pieces of ``LANES`` columns in a padded row, a power of two.

    The compiler adds up a vector of any other length number by number: 3 pieces take four times as long as 4.
    """
    return 1 << (-(-n_factors // LANES) - 1).bit_length()


def pack(factors: Factors, layout: Layout, dtype: np.dtype[Any]) -> Tables:
    """New tables with these weights, rounded to ``dtype``."""
    users, movies, k = layout.users, layout.movies, factors.n_factors
    n_rows = [layout.n_groups * side.group_rows for side in (users, movies)]
    p, q = (_aligned(n, LANES * n_pieces(k), dtype) for n in n_rows)
    p[users.rows, :k] = factors.user_factors
    q[movies.rows, :k] = factors.movie_factors
    user_bias, movie_bias = (np.zeros(n if factors.has_bias else 0, dtype) for n in n_rows)
    if factors.user_bias is not None and factors.movie_bias is not None:
        user_bias[users.rows], movie_bias[movies.rows] = factors.user_bias, factors.movie_bias
    return Tables(p, q, user_bias, movie_bias, factors.global_mean, factors.range)


def unpack(tables: Tables, layout: Layout, n_factors: int) -> Factors:
    """The weights as the sheet shows them, float64 and read-only."""
    users, movies = layout.users.rows, layout.movies.rows
    arrays = [tables.p[users, :n_factors], tables.q[movies, :n_factors]]
    if len(tables.user_bias):
        arrays += [tables.user_bias[users], tables.movie_bias[movies]]
    wide = [array.astype(np.float64) for array in arrays]
    for array in wide:
        array.flags.writeable = False
    user_bias, movie_bias = wide[2:] if len(wide) > 2 else (None, None)
    return Factors(wide[0], wide[1], user_bias, movie_bias, global_mean=tables.global_mean, range=tables.range)


def _aligned(n: int, columns: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """(n, columns) zeros whose rows start where a line of the cache starts (64 bytes)."""
    line = 64 // dtype.itemsize
    block = np.zeros(n * columns + line, dtype)
    first = -block.ctypes.data % 64 // dtype.itemsize
    return block[first : first + n * columns].reshape(n, columns)

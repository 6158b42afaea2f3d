"""Rows of weights: what one user, or one movie, has: d numbers, its factors and, in a model with biases, the bias last.

A model keeps factors and biases in two tables of each side; here they are read, set and averaged together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.one_side import SideName
from cfgui.core.ratings import Floats, Indices, Mask


def rows_of_side(factors: Factors, side: SideName) -> Floats:
    """(n_rows, d) the weights of all users, or of all movies."""
    table, bias = _tables(factors, side)
    return np.asarray(table if bias is None else np.column_stack([table, bias]), dtype=np.float64)


def row_of_side(factors: Factors, side: SideName, index: int) -> Floats:
    """(d,) the weights of the user or movie at ``index``; a copy. Raises IndexError where there is none."""
    table, bias = _tables(factors, side)
    return table[index].copy() if bias is None else np.append(table[index], bias[index])


def with_rows_at(factors: Factors, side: SideName, places: int | Indices, rows: Floats) -> Factors:
    """``factors`` with the weights at one index set to ``rows`` (d,), or at several to ``rows`` (n, d).

    The tables of that side are copied, those of the other shared.
    """

    def put(table: Floats) -> Floats:
        table = table.copy()
        table[places] = part_of_rows(rows, table)
        table.flags.writeable = False
        return table

    return factors.with_tables(users=put) if side == "user" else factors.with_tables(movies=put)


def part_of_rows(rows: Floats, table: Floats) -> Floats:
    """Of a row (d,), or of rows (n, d), what a table of their side holds: the factors, or of one of biases the bias."""
    found: Floats = rows[..., : table.shape[1]] if table.ndim == 2 else rows[..., -1]
    return found


def mean_row(factors: Factors, side: SideName, counts: NDArray[np.int64]) -> Floats:
    """(d,) the mean of the rows with ratings, of all where none has one; ``counts`` (n_rows,) are those of each."""
    mean: Floats = rows_of_side(factors, side)[with_ratings(counts)].mean(axis=0)
    return mean


def with_ratings(counts: NDArray[np.int64]) -> Mask:
    """(n_rows,) which rows have a rating; all of them where none has, for weights that come without ratings."""
    found: Mask = counts > 0
    return found if found.any() else np.ones_like(found)


def _tables(factors: Factors, side: SideName) -> tuple[Floats, Floats | None]:
    if side == "user":
        return factors.user_factors, factors.user_bias
    return factors.movie_factors, factors.movie_bias

"""One line of ``movielens_emb`` taken apart: its user's, or its movie's, row by a one-hot product and by a lookup."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cfgui.app.embedding_blocks import MODEL
from cfgui.app.session import Session
from cfgui.app.words import counted
from cfgui.core.losses import loss_of
from cfgui.core.models import scores
from cfgui.core.one_hot import (
    by_lookup,
    by_product,
    gradient_by_product,
    gradient_by_scatter,
    multiplications,
    one_hot,
)
from cfgui.core.ratings import Cell, Floats

WHOLE = 200_000
"""Numbers of a matrix up to which the product goes through all its rows; of a larger one through those shown."""


@dataclass(frozen=True, eq=False)
class OneHotLookup:
    """One embedding of a line, both ways, and both ways the gradient of the line's error^2 by the matrix.

    The matrix has ``n`` rows of ``k`` factors, in the order of the sheet, and ``place`` is the row looked up, counted
    from 0. ``one_hot`` (n_shown,), ``matrix`` and ``gradient`` (n_shown, k), that of the product, are the rows from
    ``start`` on. The ``product``, the ``lookup``, the slopes ``upstream``, d error^2 / d row, and ``scattered``, where
    the lookup's gradient has put them, have k numbers. ``is_whole`` says whether all rows were multiplied, not only
    those shown. ``difference`` and ``gradient_difference`` are the largest there are between both ways.
    """

    name: str
    side: str
    place: int
    n: int
    k: int
    start: int
    one_hot: Floats
    matrix: Floats
    product: Floats
    lookup: Floats
    upstream: Floats
    gradient: Floats
    scattered: Floats
    is_whole: bool
    difference: float
    gradient_difference: float

    @property
    def stop(self) -> int:
        """The row after the last one shown."""
        return self.start + len(self.one_hot)

    @property
    def multiplications(self) -> int:
        """What the whole product costs, and again its gradient; the lookup costs none."""
        return multiplications(1, self.n, self.k)


def one_hot_lookup(session: Session, cell: Cell, side: str, n_rows: int) -> OneHotLookup:
    """The embedding of the "user" or the "movie" of a rated cell that is shown, with ``n_rows`` rows at most."""
    factors, view, (user, movie) = session.sheet(MODEL).factors, session.view, cell
    by_user = side == "user"
    owners, rows = (view.users, view.user_rows) if by_user else (view.movies, view.movie_columns)
    table, other = (factors.user_factors, factors.movie_factors[movie])
    if not by_user:
        table, other = factors.movie_factors, factors.user_factors[user]
    place, n, k = int(rows[user if by_user else movie]), len(owners), table.shape[1]
    start = _start(place, n, n_rows)
    shown = slice(start, min(start + n_rows, n))
    is_whole = n * k <= WHOLE
    worked = slice(0, n) if is_whole else shown
    matrix, at = table[owners[worked]], np.array([place - worked.start])
    with np.errstate(over="ignore", invalid="ignore"):  # weights may be as large as a person types them
        upstream = _slope(session, cell) * other[None, :]
        product, lookup = by_product(at, matrix), by_lookup(at, matrix)
        gradients = [way(at, upstream, len(matrix)) for way in (gradient_by_product, gradient_by_scatter)]
        differences = [_difference(product, lookup), _difference(*gradients)]
    part = slice(shown.start - worked.start, shown.stop - worked.start)
    return OneHotLookup(
        f"user {session.ratings.user_ids[user]}" if by_user else session.ratings.movie_name(movie),
        side,
        place,
        n,
        k,
        start,
        one_hot(at, len(matrix))[0, part],
        matrix[part],
        product[0],
        lookup[0],
        upstream[0],
        gradients[0][part],
        gradients[1][at[0]],
        is_whole,
        *differences,
    )


def _start(place: int, n: int, n_rows: int) -> int:
    """The first of ``n_rows`` rows around ``place``, which stands in their middle but near an end of the table."""
    return max(0, min(place - n_rows // 2, n - n_rows))


def _slope(session: Session, cell: Cell) -> float:
    """d error^2 / d score of the line at ``cell``: -2 times the residual, times the slope of a range."""
    factors, (user, movie) = session.sheet(MODEL).factors, cell
    score = scores(factors, np.array([user], dtype=np.int32), np.array([movie], dtype=np.int32))
    rating = session.ratings.rating(user, movie)
    value = np.array([0.0 if rating is None else rating])
    return float(loss_of("mse", factors.range).slope(score, value)[0])


def _difference(left: Floats, right: Floats) -> float:
    return float(np.abs(left - right).max(initial=0.0))


def one_hot_sentences(found: OneHotLookup) -> tuple[str, str]:
    """What the product and the lookup give and cost, and the same of their gradients."""
    n, k, cost = found.n, found.k, f"{found.multiplications:,}"
    rows = "" if found.is_whole else f", worked out here for {counted(len(found.one_hot), 'row')}"
    return (
        f"The product multiplies {n:,} × {k} = {cost} times{rows}; the lookup reads row {found.place + 1:,}: 0 times."
        f" {_equal(found.difference)}",
        f"The slopes, of error^2 by the row, go back the same two ways: the one-hot row, upright, times them multiplies"
        f" {cost} times, the lookup's scatter puts them into row {found.place + 1:,}."
        f" {_equal(found.gradient_difference)}",
    )


def _equal(difference: float) -> str:
    if not math.isfinite(difference):
        return "Some of the numbers are not finite."
    if difference == 0.0:
        return "Equal to the last bit."
    return f"They differ by {difference:.1e} at most."

"""Rotation of the factors to their principal axes, which changes no prediction.

Only the products of a user's factors with a movie's count: u . m = (u A) . (m B) wherever A B^T is the identity. So the
factors that training found are one choice among endlessly many. The principal axes are the one that the singular value
decomposition U M^T = P S Q^T picks out: user factors P sqrt(S) and movie factors Q sqrt(S), orthogonal on either side,
the first with the largest products and each further one with smaller ones. Source: Eckart and Young, "The approximation
of one matrix by another of lower rank", Psychometrika 1, 1936; Golub and Van Loan, "Matrix Computations", 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.products import product
from cfgui.core.ratings import Floats

OF_A_NET = (
    "The factors of a net cannot be rotated: its layers take each of them in by a weight of its own. Choose the sheet"
    " dotprod, bias or movielens_emb."
)
NOT_FINITE = "Some factors are not finite numbers: reset the weights before you rotate them."


@dataclass(frozen=True, eq=False)
class Rotation:
    """``factors`` are those of ``of`` turned to principal axes.

    ``sizes`` (n_factors,) are the singular values of user factors times movie factors, falling; the last ones are 0
    where fewer factors would do.
    """

    of: Factors
    factors: Factors
    sizes: Floats

    @property
    def rank(self) -> int:
        """How many factors the predictions take; the others are 0 for every user and movie."""
        return int(np.count_nonzero(self.sizes))


def rotated(factors: Factors) -> Rotation:
    """The same predictions, to some 1e-14 of the largest, from factors along principal axes; biases stay as they are.

    The product of all users with all movies is never formed: both tables are brought to an orthogonal basis times a
    small matrix (U = Q_u R_u, M = Q_m R_m), and only R_u R_m^T, n_factors square, is decomposed. Both sides take the
    root of the singular values, so the sum of all squared factors becomes the least there can be for these predictions.
    Of the two signs of an axis the one is taken in which the movie farthest out is positive. Raises ValueError for a
    net and where a factor is not finite.
    """
    if factors.layers:
        raise ValueError(OF_A_NET)
    if not (np.isfinite(factors.user_factors).all() and np.isfinite(factors.movie_factors).all()):
        raise ValueError(NOT_FINITE)
    user_basis, user_part = orthogonal_basis(factors.user_factors)
    movie_basis, movie_part = orthogonal_basis(factors.movie_factors)
    left, sizes, right = np.linalg.svd(user_part @ movie_part.T)
    # What is left of a factor that is not needed is rounding, and would pass for a meaning.
    sizes = np.where(sizes > sizes[0] * len(sizes) * np.finfo(np.float64).eps, sizes, 0.0)
    roots = np.sqrt(sizes)
    users, movies = product(user_basis, left * roots), product(movie_basis, right.T * roots)
    signs = _signs(movies)
    turned = replace(factors, user_factors=users * signs, movie_factors=movies * signs)
    return Rotation(factors, turned.copy(), sizes)


def orthogonal_basis(table: Floats) -> tuple[Floats, Floats]:
    """(n, k) table = basis (n, k) times part (k, k), upper triangular; basis has orthonormal columns, or columns of 0.

    A column is 0 where the table's is a sum of those before it. Gram and Schmidt's way, each column twice, which is as
    exact as reflections, takes tables of fewer rows than columns, and gives the same bits on any number of threads.
    """
    n, k = table.shape
    rows, part = np.zeros((k, n)), np.zeros((k, k))
    for column in range(k):
        rest = np.array(table[:, column], dtype=np.float64)
        whole = _length(rest)
        for _ in range(2):
            shares = np.einsum("jn,n->j", rows[:column], rest)
            rest -= np.einsum("jn,j->n", rows[:column], shares)
            part[:column, column] += shares
        length = _length(rest)
        if length > whole * k * np.finfo(np.float64).eps:
            part[column, column] = length
            rows[column] = rest / length
    return np.ascontiguousarray(rows.T), part


def _length(vector: Floats) -> float:
    """The root of the sum of squares, whatever their size."""
    largest = float(np.abs(vector).max(initial=0.0))
    if largest == 0.0:
        return 0.0
    scaled = vector / largest
    return largest * float(np.sqrt(np.einsum("n,n->", scaled, scaled)))


def _signs(table: Floats) -> Floats:
    """(k,) 1 or -1: the sign of each column's entry of the largest size."""
    if not len(table):
        return np.ones(table.shape[1])
    farthest = table[np.abs(table).argmax(axis=0), np.arange(table.shape[1])]
    return np.where(farthest < 0.0, -1.0, 1.0)

"""An embedding is a one-hot row times a matrix: the lookup, the product, and the gradient of both.

A one-hot row has a 1 at one place and 0 at all others; times a matrix of n rows it gives the row at that place, since
all other rows are multiplied by 0. The gradient of a loss by the matrix is, of the product, the one-hot row transposed
times the gradient by what comes out; of the lookup, that gradient put into the row looked up ("scattered") and 0
elsewhere. The two are equal, number by number; only the lookup does not multiply by all the zeros. Source: the course's
lesson on collaborative filtering, "an embedding is a matrix product with a one-hot encoded matrix".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cfgui.core.models import sum_rows_by
from cfgui.core.ratings import Floats

Places = NDArray[np.integer]


def one_hot(places: Places, n: int) -> Floats:
    """(len(places), n) rows of 0 with a 1 at each place. Raises IndexError for a place outside 0 … n - 1."""
    if len(places) and (int(places.min()) < 0 or int(places.max()) >= n):
        raise IndexError(f"A one-hot row of length {n} has its 1 at one of the places 0 to {n - 1}.")
    rows = np.zeros((len(places), n))
    rows[np.arange(len(places)), places] = 1.0
    return rows


def by_product(places: Places, matrix: Floats) -> Floats:
    """(len(places), k) one-hot rows times the (n, k) matrix: every multiplication is done, the zeros' too."""
    return _products(one_hot(places, len(matrix)), matrix)


def by_lookup(places: Places, matrix: Floats) -> Floats:
    """(len(places), k) the rows of the (n, k) matrix at these places: nothing is multiplied."""
    found: Floats = matrix[places]
    return found


def gradient_by_product(places: Places, upstream: Floats, n: int) -> Floats:
    """(n, k) gradient by the matrix of a loss whose gradient by the rows taken is ``upstream`` (len(places), k).

    The one-hot rows transposed, times ``upstream``.
    """
    return _products(one_hot(places, n).T, upstream)


def gradient_by_scatter(places: Places, upstream: Floats, n: int) -> Floats:
    """The same: each row of ``upstream`` is added to the row that it was taken from, and all others stay 0."""
    return sum_rows_by(places.astype(np.int32), upstream, n)


def multiplications(n_places: int, n: int, k: int) -> int:
    """What one-hot rows times an (n, k) matrix cost, and again what their gradient costs: n_places x n x k.

    A lookup costs none, and the gradient of a lookup none.
    """
    return n_places * n * k


def _products(left: Floats, right: Floats) -> Floats:
    """left @ right, with each sum in order: a BLAS may add in another one."""
    found: Floats = np.einsum("in,nk->ik", left, right)
    return found

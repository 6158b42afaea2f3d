"""Cholesky factors and triangular systems of a few hundred unknowns, with the same bits on any number of threads.

LAPACK leaves small ones to one thread; so large ones are made of small blocks and of ``products``.
"""

from __future__ import annotations

import numpy as np

from cfgui.core.products import product
from cfgui.core.ratings import Floats

BLOCK = 48
"""Unknowns that LAPACK works on at once."""


def cholesky(matrix: Floats) -> Floats:
    """The lower triangle L with L L^T = ``matrix`` (n, n). Raises LinAlgError where it is not positive definite."""
    n = len(matrix)
    if n <= BLOCK:
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
    lower = np.zeros((n, n))
    rest = matrix.copy()
    for start in range(0, n, BLOCK):
        here, below = slice(start, start + BLOCK), slice(start + BLOCK, n)
        lower[here, here] = np.linalg.cholesky(rest[here, here])
        if start + BLOCK >= n:
            break
        lower[below, here] = np.linalg.solve(lower[here, here], rest[here, below]).T
        rest[below, below] -= product(lower[below, here], lower[below, here].T)
    return lower


def solved_forward(lower: Floats, right: Floats) -> Floats:
    """The X of ``lower`` (n, n) X = ``right`` (n, m)."""
    found: Floats = np.array(right, dtype=np.float64)
    for start in range(0, len(lower), BLOCK):
        here = slice(start, start + BLOCK)
        if start:
            found[here] -= product(lower[here, :start], found[:start])
        found[here] = np.linalg.solve(lower[here, here], found[here])
    return found

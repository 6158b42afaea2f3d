"""Products of matrices and vectors with the same bits on any number of threads.

A BLAS with several threads cuts a large product in another way than with one, and then adds in another order. Small
products it leaves to one thread: so large ones are made of stacks of small ones here, which costs next to nothing. It
also keeps the threads of a BLAS from fighting with a busy window over the processor.
"""

from __future__ import annotations

import numpy as np

from cfgui.core.ratings import Floats

SMALL = 262_144
"""Multiplications of a product that OpenBLAS leaves to one thread."""

SMALL_VECTOR = 9_216
"""The same where one side is a vector."""

STACKED = 4_194_304
"""Numbers of stacked results held at once while they are added."""


def _rows_at_once(n_in: int, n_out: int) -> int:
    """Rows that make a small product."""
    return max(1, (SMALL_VECTOR if n_in == 1 or n_out == 1 else SMALL) // (n_in * n_out))


def product(rows: Floats, weights: Floats) -> Floats:
    """(n, n_in) rows times (n_in, n_out) weights: (n, n_out)."""
    (n, n_in), n_out = rows.shape, weights.shape[1]
    at_once = _rows_at_once(n_in, n_out)
    whole = n // at_once * at_once
    if not whole:
        return _small(rows, weights)
    result = np.empty((n, n_out))
    stacked = np.ascontiguousarray(rows[:whole]).reshape(-1, at_once, n_in)
    np.matmul(stacked, weights, out=result[:whole].reshape(-1, at_once, n_out))
    if whole < n:
        result[whole:] = _small(rows[whole:], weights)
    return result


def sum_of_products(left: Floats, right: Floats) -> Floats:
    """(n, n_in) left transposed times (n, n_out) right: (n_in, n_out), the sum of the products of their rows."""
    (n, n_in), n_out = left.shape, right.shape[1]
    at_once = _rows_at_once(n_in, n_out)
    total, start = np.zeros((n_in, n_out)), 0
    stack = max(1, STACKED // (n_in * n_out)) * at_once
    whole = n // at_once * at_once
    while start < whole:
        stop = min(start + stack, whole)
        lefts = left[start:stop].reshape(-1, at_once, n_in).transpose(0, 2, 1)
        total += np.matmul(lefts, right[start:stop].reshape(-1, at_once, n_out)).sum(axis=0)
        start = stop
    if whole < n:
        total += _small(left[whole:].T, right[whole:])
    return total


def inner(left: Floats, right: Floats) -> float:
    """The sum of the products of two vectors of n numbers each."""
    total = 0.0
    for start in range(0, len(left), SMALL_VECTOR):
        some = slice(start, start + SMALL_VECTOR)
        total += float(left[some] @ right[some])
    return total


def _small(left: Floats, right: Floats) -> Floats:
    result: Floats = left @ right
    return result

"""The inner loops of ALS and of Gibbs sampling: one small least-squares system for each user, or for each movie.

Importing this module imports numba; ``als_systems`` does so when it is first needed. Nothing here holds Python's lock.
Each row is worked on by itself and in one order, so no bit depends on how rows are shared between threads.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from cfgui.core.compiled_tiles import add_tile, finish_tile
from cfgui.core.compiling import compiled
from cfgui.core.ratings import Floats, Indices

PANEL = 64
"""Ratings whose features are brought together before they are multiplied, so that they stay in the first cache."""

_reordered = partial(compiled, reordered=True)


@_reordered
def _gather(
    partners: Indices,
    values: Floats,
    start: int,
    stop: int,
    features: Floats,
    offsets: Floats,
    roots: Floats,
    d: int,
    panel: Floats,
) -> None:
    """panel[r] = the features of the partner of rating start + r; in column ``d`` what they are to explain."""
    for r in range(stop - start):
        partner = partners[start + r]
        row, source = panel[r], features[partner]
        for j in range(len(source)):
            row[j] = source[j]
        row[d] = (values[start + r] - offsets[partner]) * roots[partner]


@compiled
def _factorise(root: Floats, d: int, inverses: Floats, tiny: float) -> None:
    """Cholesky's upper triangle of root[:d, :d], in place; column ``d`` becomes the right side solved by its transpose.

    A pivot that rounding has left nothing of, measured by what stood there, makes its row and its unknown 0.
    """
    width, minus = root.shape[1], root.dtype.type(-1)
    diagonal = np.empty(8, dtype=root.dtype)
    for i in range(0, d, 8):
        for a in range(8):
            diagonal[a] = root[i + a, i + a]
        if i > 0:
            for j in range(i, width, 8):
                add_tile(root, i, i, j, minus, root)
        for a in range(i, i + 8):
            if a >= d:
                inverses[a - i] = 0
                continue
            for b in range(i, a):
                factor = root[b, a]
                for j in range(a, i + 8):
                    root[a, j] -= factor * root[b, j]
            pivot = root[a, a]
            inverses[a - i] = 0 if pivot <= tiny * diagonal[a - i] else 1 / np.sqrt(pivot)
            for j in range(a, i + 8):
                root[a, j] *= inverses[a - i]
        for j in range(i + 8, width, 8):
            finish_tile(root, i, j, inverses)


@_reordered
def _substitute(root: Floats, d: int, unknowns: Floats) -> None:
    """Solve root[:d, :d] x = column ``d`` from the last row up; a row without a pivot gives 0."""
    for i in range(d - 1, -1, -1):
        rest = root[i, d]
        row = root[i]
        for j in range(i + 1, d):
            rest -= row[j] * unknowns[j]
        unknowns[i] = 0 if row[i] == 0 else rest / row[i]


@compiled
def solve_rows(
    first: int,
    last: int,
    starts: Indices,
    partners: Indices,
    values: Floats,
    features: Floats,
    offsets: Floats,
    roots: Floats,
    d: int,
    scales: Floats,
    prior: Floats,
    per_rating: float,
    noise: Floats,
    tiny: float,
    out: Floats,
) -> None:
    """out[row, :d] for the rows from ``first`` up to ``last``: the solution of A x = b, or a sample around it.

    A = prior[:d, :d] + per_rating n I + scale sum(f f^T) and b = prior[:d, d] + scale sum(f t) over the n ratings of
    the row, where scale = scales[row], f = features[partner, :d] and t = (value - offsets[partner]) * roots[partner].
    ``features`` (n_partners, width), times the roots already, is 0 from ``d`` on, and its width is the next multiple of
    8 above d; ``prior`` (width, width) is read in its upper half. With A = U^T U, where ``noise`` (n_rows, d) has rows
    x = U^-1 (U^-T b + noise), which varies by the inverse of A.
    """
    width = features.shape[1]
    panel = np.zeros((PANEL, width), dtype=features.dtype)
    root = np.empty((width, width), dtype=features.dtype)
    inverses, unknowns = np.empty(8, dtype=features.dtype), np.empty(width, dtype=features.dtype)
    for row in range(first, last):
        start, stop, scale = starts[row], starts[row + 1], root.dtype.type(scales[row])
        root[:] = prior
        for i in range(d):
            root[i, i] += per_rating * (stop - start)
        for here in range(start, stop, PANEL):
            there = min(here + PANEL, stop)
            _gather(partners, values, here, there, features, offsets, roots, d, panel)
            for i in range(0, d, 8):
                for j in range(i, width, 8):
                    add_tile(panel, there - here, i, j, scale, root)
        _factorise(root, d, inverses, tiny)
        if len(noise) > 0:
            for i in range(d):
                root[i, d] += noise[row, i]
        _substitute(root, d, unknowns)
        for i in range(d):
            out[row, i] = unknowns[i]


@_reordered
def square_sums(
    first: int,
    last: int,
    starts: Indices,
    partners: Indices,
    values: Floats,
    features: Floats,
    offsets: Floats,
    weights: Floats,
    out: Floats,
) -> None:
    """out[row] for the rows from ``first`` up to ``last``: the squared residuals of its ratings, added in float64.

    ``weights`` (n_rows, width) are what ``features`` (n_partners, width) are multiplied with.
    """
    for row in range(first, last):
        own, total = weights[row], 0.0
        for r in range(starts[row], starts[row + 1]):
            partner = partners[r]
            their, prediction = features[partner], 0.0
            for j in range(len(own)):
                prediction += own[j] * their[j]
            residual = values[r] - offsets[partner] - prediction
            total += residual * residual
        out[row] = total


@compiled
def count_sort(rows: Indices, starts: Indices, order: Indices) -> None:
    """order[starts[r]:starts[r + 1]] = the positions in ``rows`` that hold r, ascending; ``starts`` is used up."""
    for position in range(len(rows)):
        row = rows[position]
        order[starts[row]] = position
        starts[row] += 1

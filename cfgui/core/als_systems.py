"""One small least-squares system for each user or each movie: by arrays on a sheet, compiled and on threads beyond."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from cfgui.core.als_sides import COMPILED_FROM, Side, grouped
from cfgui.core.chunks import Watch
from cfgui.core.ratings import Floats, sums_by

PIECE_COST = 5_000_000
"""Multiplications per piece of a half-step, a few milliseconds: between two pieces a wish to stop is looked at."""

N_THREADS = min(os.cpu_count() or 1, 8)
"""Threads that share the rows of a large table; no bit depends on how many there are."""

SHEET_FACTORS = 64
"""Unknowns per row up to which a sheet is solved by arrays."""

KEPT_OF_PIVOT = 16
"""A pivot of at most this many units of rounding, relative to what stood there, counts as nothing."""


class Features(NamedTuple):
    """What is known of the partners while rows are solved for: ``table`` (n_partners, d), ``offsets`` (n_partners,).

    A rating t of partner m is explained by table[m] . x + offsets[m]. ``precisions`` (n_partners,) say how much the
    ratings of each count, 1 where they are None.
    """

    table: Floats
    offsets: Floats
    precisions: Floats | None = None


class System(NamedTuple):
    """What the equations A x = b of the rows share: ``matrix`` (d, d), ``right`` (d,), and how much ratings count.

    With n ratings of features f, rests t and partners' precisions w, A = matrix + per_rating n I + scale sum(w f f^T)
    and b = right + scale sum(w f t), where ``scales`` (n_rows,) holds each row's scale, 1 where they are None.
    """

    matrix: Floats
    right: Floats
    per_rating: float = 0.0
    scales: Floats | None = None

    @property
    def is_definite(self) -> bool:
        """Whether the equations of a row with ratings have one solution whatever the ratings are."""
        return self.per_rating > 0.0 or bool((np.diag(self.matrix) > 0.0).all())


def solve_rows(
    side: Side,
    features: Features,
    system: System,
    noise: Floats | None,
    watch: Watch,
    *,
    n_threads: int = N_THREADS,
    single: bool = False,
    loops: bool = False,
) -> Floats:
    """(n_rows, d) solutions x = A^-1 b, or with ``noise`` (n_rows, d) of standard normals samples of N(A^-1 b, A^-1).

    ``single`` sums in float32 on a large table, which takes two thirds of the time. ``loops`` takes the compiled loops
    for a sheet too: worth it where a sheet is solved over and over. Where the equations of a row leave an unknown open,
    it becomes 0, on a sheet solved by arrays the row becomes the smallest that will do. Raises Interrupted.
    """
    d = features.table.shape[1]
    if not loops and len(side.values) < COMPILED_FROM and d <= SHEET_FACTORS:
        return _solved_on_a_sheet(side, features, system, noise)
    return _solved_by_loops(side, features, system, noise, watch, n_threads, np.float32 if single else np.float64)


def _solved_on_a_sheet(side: Side, features: Features, system: System, noise: Floats | None) -> Floats:
    """The same row by row, as it stands in the books."""
    out = np.zeros((side.n_rows, features.table.shape[1]))
    weights = np.ones(len(features.table)) if features.precisions is None else features.precisions
    for row, (start, stop) in enumerate(zip(side.starts[:-1].tolist(), side.starts[1:].tolist(), strict=True)):
        if start == stop and noise is None:
            continue
        partners = side.partners[start:stop]
        known, rest = features.table[partners], side.values[start:stop] - features.offsets[partners]
        weighted = known * (weights[partners, None] * (1.0 if system.scales is None else system.scales[row]))
        a = system.matrix + known.T @ weighted
        a[np.diag_indices_from(a)] += system.per_rating * (stop - start)
        b = system.right + rest @ weighted
        if noise is None:
            out[row] = _solved(a, b, definite=system.is_definite)
        else:
            lower = np.linalg.cholesky(a)
            out[row] = np.linalg.solve(lower.T, np.linalg.solve(lower, b) + noise[row])
    return out


def _solved(a: Floats, b: Floats, *, definite: bool) -> Floats:
    """The x of A x = b for a symmetric ``a``; the smallest of those that come nearest where it may be singular."""
    if definite or not np.isfinite(a).all():
        return np.asarray(np.linalg.solve(a, b), dtype=np.float64)
    return np.asarray(np.linalg.lstsq(a, b, rcond=None)[0], dtype=np.float64)


def _solved_by_loops(
    side: Side,
    features: Features,
    system: System,
    noise: Floats | None,
    watch: Watch,
    n_threads: int,
    kind: type[np.float32] | type[np.float64],
) -> Floats:
    from cfgui.core import als_loops

    d = features.table.shape[1]
    roots = np.ones(len(features.table)) if features.precisions is None else np.sqrt(features.precisions)
    scales = np.ones(side.n_rows) if system.scales is None else system.scales
    table, prior = padded(features.table, kind), np.zeros((width(d), width(d)), dtype=kind)
    if features.precisions is not None:
        table *= roots[:, None].astype(kind)
    prior[:d, :d], prior[:d, d] = system.matrix, system.right
    out = np.empty((side.n_rows, d))
    nothing = np.zeros((0, d)) if noise is None else noise
    tiny = KEPT_OF_PIVOT * float(np.finfo(kind).eps)

    def work(first: int, last: int) -> None:
        als_loops.solve_rows(
            first,
            last,
            *side,
            table,
            features.offsets,
            roots,
            d,
            scales,
            prior,
            float(system.per_rating),
            nothing,
            tiny,
            out,
        )

    in_pieces(side, d * d, work, watch, n_threads)
    return out


def width(d: int) -> int:
    """Columns of a padded table: ``d``, one for the right side, and up to a multiple of 8."""
    return (d + 8) // 8 * 8


def padded(table: Floats, kind: type[np.float32] | type[np.float64]) -> Floats:
    """``table`` (n, d) with columns of 0 up to ``width(d)``, in another kind of number."""
    n, d = table.shape
    wide: Floats = np.zeros((n, width(d)), dtype=kind)
    wide[:, :d] = table
    return wide


def square_sums(side: Side, features: Features, weights: Floats, watch: Watch, *, n_threads: int = N_THREADS) -> Floats:
    """(n_rows,) squared residuals of each row's ratings, where row r predicts weights[r] . features + offset.

    Added in float64, whatever the partners' precisions. Raises Interrupted.
    """
    if len(side.values) >= COMPILED_FROM:
        return _square_sums_by_loops(side, features, weights, watch, n_threads)
    rows = np.repeat(np.arange(side.n_rows, dtype=np.int32), side.counts)
    predictions = np.einsum("ij,ij->i", weights[rows], features.table[side.partners])
    residuals = side.values - features.offsets[side.partners] - predictions
    return sums_by(rows, residuals * residuals, side.n_rows)


def _square_sums_by_loops(side: Side, features: Features, weights: Floats, watch: Watch, n_threads: int) -> Floats:
    from cfgui.core import als_loops

    table, own, out = padded(features.table, np.float64), padded(weights, np.float64), np.empty(side.n_rows)

    def work(first: int, last: int) -> None:
        als_loops.square_sums(first, last, *side, table, features.offsets, own, out)

    in_pieces(side, 4 * table.shape[1], work, watch, n_threads)
    return out


def warm_up(values: Floats) -> None:
    """Import numba and compile, or load, every loop for ratings of this kind: some seconds the first time of all.

    Where an earlier process has kept what it compiled, less than half a second.
    """
    from cfgui.core import als_loops

    nothing = np.zeros(0, dtype=np.int32)
    side, one = grouped(nothing, nothing, values[:0], 1), np.ones((1, 1))
    features, system = Features(one, np.zeros(1)), System(one, np.zeros(1))
    for kind in (np.float32, np.float64):
        _solved_by_loops(side, features, system, None, Watch(), 1, kind)
    _square_sums_by_loops(side, features, one, Watch(), 1)
    als_loops.count_sort(side.partners, np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int64))


def in_pieces(side: Side, cost: int, work: Callable[[int, int], None], watch: Watch, n_threads: int) -> None:
    """``work(first, last)`` over all rows in pieces of about as many ratings, shared by threads. Raises Interrupted.

    ``cost`` is the multiplications per rating. After a wish to stop the pieces under way are waited for.
    """
    bounds = _bounds(side, max(1, PIECE_COST // cost))
    pieces = list(pairwise(bounds))
    if len(pieces) == 1:
        work(*pieces[0])
        return
    with ThreadPoolExecutor(n_threads) as pool:
        done = [pool.submit(work, first, last) for first, last in pieces]
        try:
            for i, ((first, last), piece) in enumerate(zip(pieces, done, strict=True)):
                piece.result()
                if i + 1 < len(pieces):
                    watch.passed(int(side.starts[last] - side.starts[first]))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _bounds(side: Side, length: int) -> list[int]:
    """Rows at which pieces of about ``length`` ratings begin, and the one after the last; a row weighs a little too."""
    weights = side.starts + np.arange(side.n_rows + 1) * 16
    marks = np.arange(length, weights[-1], length)
    return [0, *np.unique(np.searchsorted(weights, marks)).tolist(), side.n_rows] if side.n_rows else [0]

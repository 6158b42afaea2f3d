"""The inner loops of recommending for many: scores, and what of them may be among the best; for ``compiling``.

Importing this module imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.compiled_tiles import PRODUCT_COLUMNS, PRODUCT_ROWS, product_tile
from cfgui.core.compiling import compiled

BLOCK = 256
"""Movies whose weights are multiplied while they stay in the first cache."""

LOOKED_AT_ONCE = 64
"""Scores compared together, by vector units, before any is looked at alone."""

Singles = NDArray[np.float32]
Places = NDArray[np.int32]
Counts = NDArray[np.int64]


class Loops(NamedTuple):
    """The compiled forms of the functions that have these names."""

    multiply: Callable[..., None]
    keep_best: Callable[..., None]


def multiply(left: Singles, blocks: Singles, scores: Singles) -> None:
    """``scores`` (n_rows, n_blocks * BLOCK) = ``left`` (k, n_rows) transposed @ each of ``blocks``.

    These are (n_blocks, k, BLOCK); ``n_rows`` is a multiple of ``PRODUCT_ROWS``.
    """
    for number in range(blocks.shape[0]):
        for row in range(0, left.shape[1], PRODUCT_ROWS):
            for column in range(0, BLOCK, PRODUCT_COLUMNS):
                product_tile(left, row, blocks[number], column, scores, number * BLOCK)


def keep_best(
    scores: Singles,
    first: int,
    width: int,
    seen: Places,
    spots: Counts,
    ends: Counts,
    n: int,
    slacks: NDArray[np.float64],
    limits: Singles,
    counts: Counts,
    kept: Places,
    kept_scores: Singles,
) -> None:
    """Take in a tile: the first ``width`` columns of ``scores``, those of the movies from place ``first`` on.

    Each row keeps in ``kept`` (n_rows, room), places, and ``kept_scores`` every unseen movie with a score of at least
    ``limits``: the n-th highest when the room was last full, less ``slacks``. ``counts`` says how many there are, or -1
    of a row with too many, whose limit is then infinite. ``seen[spots : ends]`` of each row are the places of what it
    has seen, ascending, -1 where such a movie has no place; ``spots`` moves on.
    """
    room, tail = kept.shape[1], -(-width // LOOKED_AT_ONCE) * LOOKED_AT_ONCE
    for row in range(len(counts)):
        limit, count, line, spot = limits[row], counts[row], scores[row], spots[row]
        line[width:tail] = -np.inf
        while spot < ends[row] and seen[spot] < first + width:
            if seen[spot] >= 0:
                line[seen[spot] - first] = -np.inf
            spot += 1
        spots[row] = spot
        for piece in range(0, width, LOOKED_AT_ONCE):
            some, hits = line[piece : piece + LOOKED_AT_ONCE], 0
            for j in range(LOOKED_AT_ONCE):
                hits += some[j] >= limit
            for j in range(LOOKED_AT_ONCE if hits else 0):
                score = some[j]
                if score < limit or score == -np.inf:
                    continue
                if count == room:
                    nth = np.float64(np.partition(kept_scores[row], room - n)[room - n]) - slacks[row]
                    # A little lower than float32 can round it, so that nothing is lost.
                    limit = np.float32(nth - abs(nth) * 1.2e-7 - 1e-37)
                    count = 0
                    for i in range(room):
                        if kept_scores[row, i] >= limit:
                            kept[row, count], kept_scores[row, count] = kept[row, i], kept_scores[row, i]
                            count += 1
                    if 4 * count > 3 * room:  # from now on nothing is high enough
                        limit, count = np.float32(np.inf), -1
                if score >= limit:
                    kept[row, count], kept_scores[row, count] = first + piece + j, score
                    count += 1
        limits[row], counts[row] = limit, count


@cache
def loops() -> Loops:
    """Both loops, ready to be compiled when they are first called. Imports numba."""
    return Loops(compiled(multiply), compiled(keep_best))

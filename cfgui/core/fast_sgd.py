"""Fast SGD: the engine for large tables in shuffled order, in float32, the same bits on any number of threads.

After each rating the two rows it touches move, as in ``compiled_sgd``, but in an order that suits the machine:
``fast_sgd_layout`` tells of blocks and tiles. An epoch takes every rating once. Which blocks go together, the order of
the tiles and the direction inside them are drawn for each epoch from the seed and the epoch's number.

With score s = p_u . q_m + b_u + b_m + global mean, prediction f(s), residual e = rating - f(s) and decay w an update is
the gradient step on e^2 + w_u |p_u|^2 + w_m |q_m|^2 + w_b (b_u^2 + b_m^2), all from the same old values:
p_u += rate (2 e f'(s) q_m - 2 w_u p_u), and so on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.fast_sgd_layout import Layout, Shape, lay_out, shape_for
from cfgui.core.fast_sgd_order import Order
from cfgui.core.fast_sgd_tables import Tables, n_pieces, pack, unpack
from cfgui.core.ratings import Floats, Indices

RANGES = ("none", "clip", "sigmoid", "tanh")
"""Kinds of range, in the order in which ``fast_sgd_loops`` counts them."""

SMALL = 20_000
"""With fewer ratings than this, waking a second thread takes longer than it saves."""


class Decays(NamedTuple):
    """Weight decay w of the rows a rating touches: user factors, movie factors, both biases."""

    user: float = 0.0
    movie: float = 0.0
    bias: float = 0.0


NO_DECAY = Decays()


class EpochResult(NamedTuple):
    """What one pass met."""

    squared_error: float
    """Sum of squared residuals, each from before its own update."""
    n_updates: int
    """Ratings taken; all of them unless the pass ended early."""
    finite: bool
    """Whether every residual was finite; where not, the pass ended early and the tables are worthless."""
    stopped: bool
    """Whether ``stop`` ended the pass early; the tables are then sound, but the pass is not whole."""


class FastSgd:
    """The ratings of one run, laid out once; ``epoch`` changes the tables that ``pack`` made.

    It may hold threads, and so is a context manager, or is closed at the end.
    """

    def __init__(
        self,
        users: Indices,
        movies: Indices,
        values: Floats,
        *,
        n_users: int,
        n_movies: int,
        n_factors: int,
        seed: int,
        n_threads: int = 2,
        dtype: type[np.floating[Any]] = np.float32,
        shape: Shape | None = None,
        in_order: bool = False,
    ) -> None:
        """Lay the ratings (parallel arrays, inner indices) out; the arrays themselves are not kept.

        ``shape`` is by default the fastest known for the size. ``in_order`` visits the ratings as they stand, in one
        tile and on one thread: what tests compare with. Raises ValueError for a tile of more than 65,536 rows.
        """
        self.n_ratings, self.n_factors = len(values), n_factors
        self._seed, self._dtype, self._in_order = seed, np.dtype(dtype), in_order
        shape = shape or shape_for(n_users, n_movies, len(values))
        if in_order:
            shape = Shape(1, n_users, n_movies)
        self.layout = lay_out(
            users,
            movies,
            values,
            n_users=n_users,
            n_movies=n_movies,
            shape=shape,
            seed=seed,
            dtype=self._dtype,
            in_order=in_order,
        )
        self._pieces = (0,) * n_pieces(n_factors)
        self.n_threads = 1 if len(values) < SMALL else max(1, min(n_threads, shape.n_groups))
        self._pool: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """End the threads; another epoch would start new ones."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def __enter__(self) -> FastSgd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def pack(self, factors: Factors) -> Tables:
        """New tables with these weights, rounded to the engine's type."""
        return pack(factors, self.layout, self._dtype)

    def unpack(self, tables: Tables) -> Factors:
        """The weights as the sheet shows them, float64 and read-only."""
        return unpack(tables, self.layout, self.n_factors)

    def epoch(
        self,
        tables: Tables,
        number: int,
        rate: float,
        decays: Decays = NO_DECAY,
        *,
        rate_last: float | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> EpochResult:
        """One pass over all ratings, in the order that belongs to this ``number``; changes ``tables`` in place.

        The learning rate goes evenly from ``rate`` to ``rate_last`` where that is given. ``stop`` is asked between
        rounds of blocks, of which there are 2 or 4 in an epoch. Weights that only the very last updates drove beyond
        all numbers are not noticed here but in whatever is computed from them.
        """
        order = Order(self.layout, self._seed, number, self._in_order)
        work = _Work(tables, self.layout, order, self._pieces, decays)
        rise = ((rate if rate_last is None else rate_last) - rate) / self.layout.n_groups
        squared_error, n_updates = 0.0, 0
        for turn, blocks in enumerate(order.rounds):
            if stop is not None and stop():
                return EpochResult(squared_error, n_updates, finite=True, stopped=True)
            rates = (rate + rise * turn, rate + rise * (turn + 1))
            # Added in the order of the blocks, whichever ends first.
            squared_error += math.fsum(self._all(partial(work.visit, rates), blocks))
            n_updates += sum(self.layout.n_block(*block) for block in blocks)
            if not math.isfinite(squared_error):
                return EpochResult(squared_error, n_updates, finite=False, stopped=False)
        return EpochResult(squared_error, n_updates, finite=True, stopped=False)

    def _all(self, visit: Callable[[tuple[int, int]], float], blocks: list[tuple[int, int]]) -> list[float]:
        """``visit`` of each block, in the order of ``blocks`` whoever does it."""
        if self.n_threads == 1:
            return [visit(block) for block in blocks]
        self._pool = self._pool or ThreadPoolExecutor(self.n_threads - 1, "fast-sgd")
        others = [self._pool.submit(visit, block) for block in blocks[1:]]
        sums = {0: visit(blocks[0])}
        # The other threads begin at the front. What none of them has begun, on a busy machine all of it, is done here.
        for place in range(len(blocks) - 1, 0, -1):
            if others[place - 1].cancel():
                sums[place] = visit(blocks[place])
        return [sums[place] if place in sums else others[place - 1].result() for place in range(len(blocks))]


@dataclass(frozen=True, eq=False)
class _Work:
    """All that the blocks of one epoch have in common."""

    tables: Tables
    layout: Layout
    order: Order
    pieces: tuple[int, ...]
    decays: Decays

    def visit(self, rates: tuple[float, float], block: tuple[int, int]) -> float:
        """Update after each rating of a block; the sum of squared residuals met."""
        # Importing it imports numba.
        from cfgui.core.fast_sgd_loops import loop

        layout, order, (user_group, movie_group) = self.layout, self.order, block
        tables = self.tables.group(user_group, movie_group, layout)
        return loop()(
            order.user_tiles[user_group],
            order.movie_tiles[movie_group],
            bool(order.backward[user_group, movie_group]),
            layout.users.tile_rows,
            layout.movies.tile_rows,
            layout.starts[user_group, movie_group],
            layout.tile_user,
            layout.tile_movie,
            layout.values,
            rates,
            tuple(float(decay) for decay in self.decays),
            RANGES.index(tables.range.kind),
            float(tables.range.low),
            float(tables.range.width),
            float(tables.global_mean),
            tables.p,
            tables.q,
            tables.user_bias,
            tables.movie_bias,
            self.pieces,
        )

"""How fast SGD keeps its ratings: in blocks that threads can take at once, and in tiles that stay in the cache.

Users and movies are dealt into groups by their number of ratings, like cards, so that all blocks (a group of users x a
group of movies) hold about as many ratings. Blocks on one diagonal share no user and no movie: threads that work on
them cannot meet, and the result does not depend on who works on which (Gemulla and others 2011, "Large-scale matrix
factorization with distributed stochastic gradient descent"). Inside a block the ratings lie in tiles of a few rows by a
few rows, which the fast memory next to a core can hold, and inside a tile in random order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.fast_sgd_sorting import loops
from cfgui.core.ratings import Floats, Indices

MOST_ROWS = 65_536
"""Rows of a tile at most: a rating counts them in 16 bits."""


@dataclass(frozen=True)
class Shape:
    """How a table is cut: groups of users and as many of movies, and rows of users and of movies in a tile.

    Raises ValueError for less than one of each, or for more than ``MOST_ROWS`` rows in a tile.
    """

    n_groups: int
    tile_users: int
    tile_movies: int

    def __post_init__(self) -> None:
        if self.n_groups < 1 or not (0 < self.tile_users <= MOST_ROWS and 0 < self.tile_movies <= MOST_ROWS):
            raise ValueError(f"A table is cut into at least one group, and into tiles of 1 to {MOST_ROWS:,} rows.")


def shape_for(n_users: int, n_movies: int, n_ratings: int) -> Shape:
    """The cut that was fastest for tables of this size (measured with 50 factors and 2 MB of cache a core).

    64 movies stay in the first cache, 1,024 users in the second. As many threads can help as there are groups.
    """
    n_groups = 2 if n_ratings < 500_000 else 4
    users, movies = (max(1, math.ceil(n / n_groups)) for n in (n_users, n_movies))
    return Shape(n_groups, min(users, 1024), min(movies, 64))


@dataclass(frozen=True, eq=False)
class Side:
    """Users, or movies: which row of the dealt table is whose."""

    rows: Indices
    """(n,) the row of each user, or of each movie."""
    group_rows: int
    """Rows of a group, a whole number of tiles; the last ones belong to nobody."""
    tile_rows: int

    @property
    def tiles(self) -> int:
        """Tiles of a group."""
        return self.group_rows // self.tile_rows


@dataclass(frozen=True, eq=False)
class Layout:
    """The ratings of a table, sorted by block and tile; the arrays but ``starts`` are parallel, (n_ratings,)."""

    n_groups: int
    users: Side
    movies: Side
    tile_user: NDArray[np.uint16]
    """The user's row, counted from the start of the tile."""
    tile_movie: NDArray[np.uint16]
    values: NDArray[Any]
    starts: NDArray[np.int64]
    """(n_groups, n_groups, user tiles, movie tiles + 1): where each tile's ratings start, and where the last's end."""

    def n_block(self, user_group: int, movie_group: int) -> int:
        """Ratings of one block."""
        starts = self.starts[user_group, movie_group]
        return int(starts[-1, -1] - starts[0, 0])


def lay_out(
    users: Indices,
    movies: Indices,
    values: Floats,
    *,
    n_users: int,
    n_movies: int,
    shape: Shape,
    seed: int,
    dtype: np.dtype[Any],
    in_order: bool = False,
) -> Layout:
    """Deal users and movies, and sort the ratings; ``in_order`` leaves rows, and ratings within a tile, as they are."""
    rng = np.random.default_rng([seed, 1])
    if in_order:
        sides = (
            _in_order(n_users, shape.n_groups, shape.tile_users),
            _in_order(n_movies, shape.n_groups, shape.tile_movies),
        )
    else:
        user_counts, movie_counts = np.bincount(users, minlength=n_users), np.bincount(movies, minlength=n_movies)
        sides = (
            _dealt(user_counts, shape.n_groups, shape.tile_users, rng, by_count=False),
            _dealt(movie_counts, shape.n_groups, shape.tile_movies, rng, by_count=True),
        )
    side_numbers = [number for side in sides for number in (side.rows, side.group_rows, side.tile_rows)]
    counts = np.zeros((shape.n_groups, shape.n_groups, sides[0].tiles, sides[1].tiles), dtype=np.int64)
    loops().count_tiles(users, movies, *side_numbers, counts)
    ends = np.cumsum(counts).reshape(counts.shape)
    starts = np.concatenate([ends[..., :1] - counts[..., :1], ends], axis=3)
    n = len(values)
    triples = np.empty(n, np.uint16), np.empty(n, np.uint16), np.empty(n, dtype)
    loops().place(users, movies, values, *side_numbers, starts[..., :-1].copy(), *triples)
    if not in_order:
        state = rng.integers(1, 2**63, dtype=np.uint64)
        loops().shuffle(starts.reshape(-1, starts.shape[3]), state, *triples)
    return Layout(shape.n_groups, *sides, *triples, starts)


def _in_order(n: int, n_groups: int, tile_rows: int) -> Side:
    return Side(np.arange(n, dtype=np.int32), _group_rows(n, n_groups, tile_rows), tile_rows)


def _dealt(
    counts: NDArray[np.int64], n_groups: int, tile_rows: int, rng: np.random.Generator, *, by_count: bool
) -> Side:
    """Rows for all, dealt to the groups by count, equals at random.

    In a group they stand ``by_count`` too, so that the rows most used lie together, or at random, so that the tiles
    hold about as many ratings.
    """
    n, group_rows = len(counts), _group_rows(len(counts), n_groups, tile_rows)
    shuffled = rng.permutation(n)
    ranked = shuffled[np.argsort(-counts[shuffled], kind="stable")]
    # 0 1 2 2 1 0 0 1 2 ...: in each round a group gets one, and it is not always the same group that gets the largest.
    turn, place = np.arange(n) // n_groups, np.arange(n) % n_groups
    group = np.where(turn % 2 == 0, place, n_groups - 1 - place)
    rows = np.empty(n, dtype=np.int32)
    for number in range(n_groups):
        mine = ranked[group == number]
        rows[mine if by_count else rng.permutation(mine)] = np.arange(len(mine)) + number * group_rows
    return Side(rows, group_rows, tile_rows)


def _group_rows(n: int, n_groups: int, tile_rows: int) -> int:
    """Rows of the largest group, rounded up to whole tiles."""
    largest = math.ceil(n / n_groups)
    return math.ceil(largest / tile_rows) * tile_rows

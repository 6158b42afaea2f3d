"""The loops that sort ratings into blocks and tiles, compiled by numba when they are first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.compiling import compiled
from cfgui.core.ratings import Floats, Indices

Starts = NDArray[np.int64]
Locals = NDArray[np.uint16]


class Loops(NamedTuple):
    """The compiled forms of the functions below that have these names."""

    count_tiles: Callable[..., None]
    place: Callable[..., None]
    shuffle: Callable[..., None]


@cache
def loops() -> Loops:
    """All loops, ready to be compiled for the arrays they are first called with. Imports numba."""
    return Loops(*(compiled(function) for function in (count_tiles, place, shuffle)))


def count_tiles(
    users: Indices,
    movies: Indices,
    user_rows: Indices,
    group_users: int,
    tile_users: int,
    movie_rows: Indices,
    group_movies: int,
    tile_movies: int,
    counts: Starts,
) -> None:
    """Add to ``counts`` (user group, movie group, user tile, movie tile) the ratings that belong there."""
    for i in range(len(users)):
        u, m = user_rows[users[i]], movie_rows[movies[i]]
        user_group, movie_group = u // group_users, m // group_movies
        u, m = u - user_group * group_users, m - movie_group * group_movies
        counts[user_group, movie_group, u // tile_users, m // tile_movies] += 1


def place(
    users: Indices,
    movies: Indices,
    values: Floats,
    user_rows: Indices,
    group_users: int,
    tile_users: int,
    movie_rows: Indices,
    group_movies: int,
    tile_movies: int,
    places: Starts,
    tile_user: Locals,
    tile_movie: Locals,
    sorted_values: NDArray[Any],
) -> None:
    """Write each rating to the next of its tile's ``places``, which move on; the order within a tile is kept."""
    for i in range(len(users)):
        u, m = user_rows[users[i]], movie_rows[movies[i]]
        user_group, movie_group = u // group_users, m // group_movies
        u, m = u - user_group * group_users, m - movie_group * group_movies
        at = places[user_group, movie_group, u // tile_users, m // tile_movies]
        places[user_group, movie_group, u // tile_users, m // tile_movies] = at + 1
        tile_user[at], tile_movie[at], sorted_values[at] = u % tile_users, m % tile_movies, values[i]


def shuffle(starts: Starts, state: np.uint64, tile_user: Locals, tile_movie: Locals, values: NDArray[Any]) -> None:
    """Put the ratings of each tile in random order (Fisher and Yates; numbers by xorshift64, Marsaglia 2003).

    ``starts`` is (rows of tiles, tiles + 1); ``state`` starts the random numbers and is not 0.
    """
    for row in range(starts.shape[0]):
        for tile in range(starts.shape[1] - 1):
            first = starts[row, tile]
            for i in range(starts[row, tile + 1] - 1, first, -1):
                state ^= state << np.uint64(13)
                state ^= state >> np.uint64(7)
                state ^= state << np.uint64(17)
                j = first + np.int64(state % np.uint64(i - first + 1))
                tile_user[i], tile_user[j] = tile_user[j], tile_user[i]
                tile_movie[i], tile_movie[j] = tile_movie[j], tile_movie[i]
                values[i], values[j] = values[j], values[i]

"""Neighbours: the movies, or users, whose factors point the same way, or lie nearest.

fast.ai's lesson finds them with ``nn.CosineSimilarity`` over the movie factors. Biases have no part in it: two movies
may be alike without being equally good. A movie with few ratings has hardly left the place where its factors started,
and may lie anywhere: so a minimum of ratings is asked of a neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.one_side import USUAL_MINIMUM, SideName
from cfgui.core.ratings import Floats

MeasureName = Literal["cosine", "distance"]

BLOCK_NUMBERS = 30_000
"""Numbers of a factor table that are compared together: 240 kB, which stay in the processor's cache."""


class Neighbours(NamedTuple):
    """The nearest first: ``indices`` (n,), the ``values`` (n,) of the measure, and ``counts`` (n,) of their ratings.

    Fewer than were asked for where fewer have enough ratings. A value is NaN where the measure has none, as the cosine
    of a vector of zeros; those come last.
    """

    indices: NDArray[np.intp]
    values: Floats
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Measure:
    """A way to compare factors: its name for people, what it says, and which end is near."""

    label: str
    tip: str
    compare: Callable[[Floats, Floats], Floats]
    largest_is_nearest: bool


def cosine_similarity(table: Floats, row: Floats) -> Floats:
    """(n,) cosines of the angles between each row of ``table`` (n, k) and ``row`` (k,); NaN where one is all zeros.

    Each is scaled by its largest number first, so that no square overflows or vanishes.
    """
    with np.errstate(all="ignore"):
        table = table / np.abs(table).max(axis=1, keepdims=True, initial=0.0)
        row = row / np.abs(row).max(initial=0.0)
        lengths = np.sqrt(np.einsum("ij,ij->i", table, table)) * np.sqrt(np.einsum("i,i->", row, row))
        cosines: Floats = np.einsum("ij,j->i", table, row) / lengths
    return np.clip(cosines, -1.0, 1.0)


def distance(table: Floats, row: Floats) -> Floats:
    """(n,) Euclidean distances between each row of ``table`` (n, k) and ``row`` (k,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        off = table - row
        distances: Floats = np.sqrt(np.einsum("ij,ij->i", off, off))
    return distances


MEASURES: Mapping[MeasureName, Measure] = {
    "cosine": Measure(
        "cosine",
        "The cosine of the angle between two rows of factors: 1 the same direction, 0 nothing in common, -1 opposite."
        " How long the rows are does not count.",
        cosine_similarity,
        largest_is_nearest=True,
    ),
    "distance": Measure(
        "distance",
        "The straight distance between two rows of factors: 0 the same row. A longer row is farther away, even in the"
        " same direction.",
        distance,
        largest_is_nearest=False,
    ),
}
"""Every way to compare factors, by its name."""


def neighbours(
    factors: Factors,
    counts: NDArray[np.int64],
    side: SideName,
    index: int,
    n: int = 10,
    measure: MeasureName = "cosine",
    min_ratings: int = USUAL_MINIMUM,
) -> Neighbours:
    """The ``n`` users or movies nearest to the one at ``index``, among those with ``min_ratings`` ratings or more.

    ``counts`` (n_users,) or (n_movies,) are the ratings of each. The thing itself is left out; of equals the smaller
    index comes first. The same bits on any number of threads. Raises IndexError for an index there is not, ValueError
    for ``n`` < 1 or a measure there is not.
    """
    table = factors.user_factors if side == "user" else factors.movie_factors
    if not 0 <= index < len(table):
        raise IndexError(f"There is no {side} at place {index}: there are {len(table)}.")
    if n < 1:
        raise ValueError("At least one neighbour, please.")
    if measure not in MEASURES:
        raise ValueError(f"There is no measure {measure!r}: use {' or '.join(MEASURES)}.")
    among = counts >= min_ratings
    among[index] = False
    places = np.flatnonzero(among)
    values = _compared(table, places, table[index], MEASURES[measure].compare)
    nearest = _nearest(-values if MEASURES[measure].largest_is_nearest else values, n)
    places = places[nearest]
    return Neighbours(places, values[nearest], counts[places])


def _compared(
    table: Floats, places: NDArray[np.intp], row: Floats, compare: Callable[[Floats, Floats], Floats]
) -> Floats:
    """(len(places),) values of a measure, some rows at a time."""
    at_once = max(1, BLOCK_NUMBERS // max(table.shape[1], 1))
    values = np.empty(len(places))
    for start in range(0, len(places), at_once):
        part = slice(start, start + at_once)
        values[part] = compare(table[places[part]], row)
    return values


def _nearest(far: Floats, n: int) -> NDArray[np.intp]:
    """Places of the ``n`` smallest, smallest first, equals in their order and NaN last."""
    if n >= len(far):
        return np.argsort(far, kind="stable")
    farthest = np.partition(far, n - 1)[n - 1]
    if np.isnan(farthest):
        return np.argsort(far, kind="stable")[:n]
    candidates = np.flatnonzero(far <= farthest)
    return candidates[np.argsort(far[candidates], kind="stable")[:n]]

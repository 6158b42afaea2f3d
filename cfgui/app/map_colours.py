"""What the points of a map are coloured by: a number on a scale, or a group of genres."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Floats

ColourKind = Literal["bias", "mean", "count", "genre"]

LEVELS = 32
"""Steps of a colour scale."""

NO_LEVEL = 255
"""The level of a point that has no number, or belongs to no group of its own."""

MOST_GROUPS = 8
"""Genres that get a colour each where points are coloured by their first one."""

TAIL = 2.0
"""Percent of the points at either end of a scale that share its last colour: a few odd ones would take all the room."""

NO_GENRE = "(no genres listed)"
"""What MovieLens writes where it knows none."""


@dataclass(frozen=True, eq=False)
class MapColours:
    """The colour of each of n points, as a number that a look turns into a colour.

    On a scale ``groups`` is empty, and ``levels`` (n,) run from 0 at ``low`` to LEVELS - 1 at ``high``; ``middle`` is
    the value half-way. Of groups ``levels`` are places in ``groups``. NO_LEVEL is neither.
    """

    caption: str
    levels: NDArray[np.uint8]
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    groups: tuple[str, ...] = ()
    digits: int = 2


def scaled(caption: str, values: Floats) -> MapColours:
    """(n,) values evenly on a scale from the 2nd to the 98th percentile; NaN has no level."""
    low, high = _range(values)
    return MapColours(caption, _levels(values, low, high), low, (low + high) / 2.0, high)


def scaled_counts(caption: str, counts: NDArray[np.int64]) -> MapColours:
    """(n,) numbers of ratings on a logarithmic scale, from the fewest to the most."""
    values = np.log(np.maximum(counts, 1).astype(np.float64))
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    low_count, middle, high_count = (float(np.round(np.exp(value))) for value in (low, (low + high) / 2.0, high))
    return MapColours(caption, _levels(values, low, high), low_count, middle, high_count, digits=0)


def genre_lists(ids: Sequence[str], genres: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The genres of each movie, in the order in which the file gives them; none where it lists none."""
    texts = (genres.get(id_, "") for id_ in ids)
    return [tuple(part for part in text.split("|") if part and part != NO_GENRE) for text in texts]


def genres_by_size(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Every genre there is, the one of most movies first, equals by name."""
    sizes = Counter(genre for genres in lists for genre in genres)
    return tuple(sorted(sizes, key=lambda genre: (-sizes[genre], genre)))


def grouped(lists: Sequence[Sequence[str]], genre: str = "") -> MapColours:
    """Movies that have ``genre`` against the rest; for "" by the first genre of each, the eight most frequent ones."""
    if genre:
        levels = np.array([0 if genre in genres else NO_LEVEL for genres in lists], dtype=np.uint8)
        return MapColours("genre", levels, groups=(genre,))
    groups = genres_by_size([genres[:1] for genres in lists])[:MOST_GROUPS]
    places = {group: place for place, group in enumerate(groups)}
    first = (places.get(genres[0], NO_LEVEL) if genres else NO_LEVEL for genres in lists)
    return MapColours("first genre", np.fromiter(first, np.uint8, len(lists)), groups=groups)


def _range(values: Floats) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 0.0
    low, high = np.percentile(known, [TAIL, 100.0 - TAIL])
    return float(low), float(high)


def _levels(values: Floats, low: float, high: float) -> NDArray[np.uint8]:
    """Places on the scale; the middle one where all values are alike."""
    levels = np.full(len(values), NO_LEVEL, dtype=np.uint8)
    known = np.isfinite(values)
    shares = np.clip((values[known] - low) / (high - low), 0.0, 1.0) if high > low else np.full(known.sum(), 0.5)
    levels[known] = np.minimum((shares * LEVELS).astype(np.int64), LEVELS - 1)
    return levels

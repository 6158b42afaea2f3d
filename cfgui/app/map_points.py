"""What a map is made of: movies or users as points, where their factors differ the most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cfgui.app.map_colours import NO_LEVEL, ColourKind, MapColours, genre_lists, grouped, scaled, scaled_counts
from cfgui.app.reading import Reading
from cfgui.core.one_side import OneSide, SideName, one_side
from cfgui.core.projection import Projection, continued, factor_axes, principal_axes, project
from cfgui.core.ratings import Floats

Places = NDArray[np.intp]
AxesKind = Literal["principal", "factors"]

MOST_RATED = 1000
"""Points of a map at first: the most rated, whose factors are known best and whose names are known to most people."""

N_ENDS = 5
"""Points named at each end of an axis."""


@dataclass(frozen=True)
class MapChoice:
    """What a person chose to see.

    ``most`` is how many of the most rated are shown, all with None; ``axes`` are the principal axes of these or the
    factors themselves, ``components`` the two (from 0) that go right and up. ``genre`` picks one out, "" colours each
    movie by its first.
    """

    side: SideName = "movie"
    most: int | None = MOST_RATED
    axes: AxesKind = "principal"
    components: tuple[int, int] = (0, 1)
    colour: ColourKind = "bias"
    genre: str = ""


@dataclass(frozen=True, eq=False)
class AxisEnd:
    """One end of an axis: ``which`` is 0 for the axis that goes right and 1 for the one that goes up.

    ``positions`` are up to five places among the points of the map, the outermost first, ``values`` where they stand.
    """

    which: int
    high: bool
    positions: Places
    values: Floats


@dataclass(frozen=True, eq=False)
class MapPoints:
    """n points of a map, the most rated first; equals by index.

    ``indices`` (n,) say who they are, ``counts`` (n,) and ``means`` (n,; NaN without ratings) their ratings, ``bias``
    (n,) is None in a model without; ``places`` (n, 2) are where they stand. The axes were fitted to these points.
    """

    reading: Reading
    choice: MapChoice
    projection: Projection
    indices: Places
    counts: NDArray[np.int64]
    means: Floats
    bias: Floats | None
    places: Floats
    colours: MapColours
    ends: tuple[AxisEnd, ...]

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def owners(self) -> OneSide:
        """All movies or users of the table, shown or not."""
        return one_side(self.reading.ratings, self.reading.factors, self.choice.side)

    @cached_property
    def painting_order(self) -> Places:
        """Positions with the one to be seen on top of the others first; those without a colour of their own last."""
        return np.argsort(self.colours.levels == NO_LEVEL, kind="stable")

    @property
    def n_owners(self) -> int:
        """How many movies or users the table has."""
        return len(self.owners.ids)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of the points; (-1, -1, 1, 1) without any."""
        if not len(self):
            return -1.0, -1.0, 1.0, 1.0
        (left, bottom), (right, top) = self.places.min(axis=0).tolist(), self.places.max(axis=0).tolist()
        return left, bottom, right, top

    def within(self, left: float, bottom: float, right: float, top: float) -> Places:
        """Positions of the points in a rectangle, the most rated first."""
        x, y = self.places.T
        return np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))

    @property
    def components(self) -> tuple[int, int]:
        """The two axes, from 0, as far as there are such."""
        return _components(self.choice, self.projection.n_axes)

    def position_of(self, index: int) -> int | None:
        """Which point a movie or user of the table is, None where it is not among those shown."""
        found = np.flatnonzero(self.indices == index)
        return int(found[0]) if len(found) else None

    def place_of(self, index: int) -> tuple[float, float]:
        """Where a movie or user of the table stands, shown or not: all are projected alike."""
        row = self.owners.factors[index : index + 1]
        x, y = project(self.projection, row, self.components)[0].tolist()
        return x, y


def map_points(reading: Reading, choice: MapChoice, before: MapPoints | None = None) -> MapPoints:
    """The map of what was chosen; for a thread, where there are many.

    Axes take up the directions of the map ``before`` where it is of the same side and kind, so that a map that follows
    a run does not flip. Colour by bias falls back to the mean rating in a model without, and by genre for users to
    their number of ratings. Raises ValueError, with a sentence, where factors are not finite.
    """
    if before is not None and not _alike(reading, choice, before):
        before = None
    owners = one_side(reading.ratings, reading.factors, choice.side)
    indices = _who(owners, choice, before)
    rows = owners.factors[indices]
    fitted = principal_axes(rows) if choice.axes == "principal" else factor_axes(rows)
    projection = fitted if before is None else continued(fitted, before.projection)
    places = project(projection, rows, _components(choice, projection.n_axes))
    return MapPoints(
        reading,
        choice,
        projection,
        indices,
        owners.counts[indices],
        owners.means[indices],
        None if owners.bias is None else owners.bias[indices],
        places,
        _colours(reading, choice, owners, indices, before),
        tuple(_end(places, which, high=high) for which in (0, 1) for high in (False, True)),
    )


def most_rated(counts: NDArray[np.int64], most: int | None) -> Places:
    """Indices by falling number of ratings, equals by index; so many of them at most."""
    return np.argsort(-counts, kind="stable")[:most]


def _alike(reading: Reading, choice: MapChoice, before: MapPoints) -> bool:
    """Whether axes of the map before may be gone on with."""
    if (choice.side, choice.axes, reading.model) != (before.choice.side, before.choice.axes, before.reading.model):
        return False
    return one_side(reading.ratings, reading.factors, choice.side).ids is before.owners.ids


def _who(owners: OneSide, choice: MapChoice, before: MapPoints | None) -> Places:
    """Indices of the points; the very same array as before where it says the same."""
    indices = most_rated(owners.counts, choice.most)
    return before.indices if before is not None and np.array_equal(before.indices, indices) else indices


def _components(choice: MapChoice, n_axes: int) -> tuple[int, int]:
    """The axes chosen; the nearest there are in a model of fewer, the second one left out where there is only one."""
    x, y = (min(component, n_axes - 1) for component in choice.components)
    return (x, y) if n_axes > 1 else (0, 1)


def _colours(
    reading: Reading, choice: MapChoice, owners: OneSide, indices: Places, before: MapPoints | None
) -> MapColours:
    kind = choice.colour
    if kind == "bias" and owners.bias is not None:
        return scaled("bias", owners.bias[indices])
    if kind in ("bias", "mean"):
        return scaled("mean rating", owners.means[indices])
    if kind == "count" or choice.side == "user":
        return scaled_counts("ratings", owners.counts[indices])
    same = before is not None and before.indices is indices
    if same and before is not None and (before.choice.colour, before.choice.genre) == (kind, choice.genre):
        return before.colours  # asking 60,000 movies for their genres at each step of a run would be in its way
    return grouped(genre_lists([owners.ids[index] for index in indices.tolist()], reading.ratings.genres), choice.genre)


def _end(places: Floats, which: int, *, high: bool) -> AxisEnd:
    """The outermost points at one end of an axis."""
    values = places[:, which]
    some = min(N_ENDS, len(values))
    keys = -values if high else values
    nearest = np.argpartition(keys, some - 1)[:some] if some < len(values) else np.arange(len(values))
    positions = nearest[np.lexsort((nearest, keys[nearest]))]
    return AxisEnd(which, high, positions, values[positions])

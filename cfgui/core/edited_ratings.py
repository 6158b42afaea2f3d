"""Edited ratings: a large table with a few cells changed, without copying the table for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Cell, Floats, Indices, Ratings, merged

COPIED_RATINGS = 200_000
"""Up to so many ratings an edit copies the table; above, it keeps the changes beside it."""


def edited(ratings: Ratings, changes: Mapping[Cell, float | None]) -> Ratings:
    """``ratings`` with some cells set, or made unrated by None, in a moment however many there are."""
    if isinstance(ratings, EditedRatings) or ratings.n_ratings <= COPIED_RATINGS:
        return ratings.with_ratings(changes)
    return EditedRatings(ratings, changes)


_Lines = dict[int, dict[int, float | None]]


class EditedRatings(Ratings):
    """``base`` with the ratings at ``changes`` set, or made unrated by None.

    What a sheet asks for is answered from ``base`` and the changes; ``users``, ``movies`` and ``values`` are put
    together when somebody, such as a trainer, first asks for them.
    """

    base: Ratings
    changes: Mapping[Cell, float | None]

    def __init__(self, base: Ratings, changes: Mapping[Cell, float | None]) -> None:
        old = {cell: base.rating(*cell) for cell in changes}
        real = {cell: value for cell, value in changes.items() if value != old[cell]}
        added = sum((value is not None) - (old[cell] is not None) for cell, value in real.items())
        facts: dict[str, object] = {
            "base": base,
            "changes": real,
            "user_ids": base.user_ids,
            "movie_ids": base.movie_ids,
            "titles": base.titles,
            "genres": base.genres,
            "user_facts": base.user_facts,
            "_n_ratings": base.n_ratings + added,
        }
        for name, value in facts.items():
            object.__setattr__(self, name, value)

    @cached_property
    def _arrays(self) -> tuple[Indices, Indices, Floats]:
        arrays = merged(self.base, self.changes)
        for array in arrays:
            array.flags.writeable = False
        return arrays

    @property
    def users(self) -> Indices:  # a field of the base class, put together late here
        """As in ``Ratings``."""
        return self._arrays[0]

    @property
    def movies(self) -> Indices:
        """As in ``Ratings``."""
        return self._arrays[1]

    @property
    def values(self) -> Floats:
        """As in ``Ratings``."""
        return self._arrays[2]

    @property
    def n_ratings(self) -> int:
        """Rated cells."""
        return int(self._n_ratings)  # type: ignore[attr-defined]  # set in __init__, past the frozen class

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The base's: close enough for colours, and free."""
        return self.base.scale

    @cached_property
    def user_counts(self) -> NDArray[np.int64]:
        """(n_users,) ratings of each user."""
        return self._changed_counts(self.base.user_counts, 0)

    @cached_property
    def movie_counts(self) -> NDArray[np.int64]:
        """(n_movies,) ratings of each movie."""
        return self._changed_counts(self.base.movie_counts, 1)

    def _changed_counts(self, counts: NDArray[np.int64], side: int) -> NDArray[np.int64]:
        counts = counts.copy()
        for cell, value in self.changes.items():
            counts[cell[side]] += (value is not None) - (self.base.rating(*cell) is not None)
        return counts

    def user_line(self, user: int) -> tuple[Indices, Floats]:
        """(movies, values) of one user, by movie."""
        return _changed_line(*self.base.user_line(user), self._changes_by_side[0].get(user, {}))

    def movie_line(self, movie: int) -> tuple[Indices, Floats]:
        """(users, values) of one movie, by user."""
        return _changed_line(*self.base.movie_line(movie), self._changes_by_side[1].get(movie, {}))

    @cached_property
    def _changes_by_side(self) -> tuple[_Lines, _Lines]:
        """The changes of each user by movie, and of each movie by user."""
        by_user: _Lines = {}
        by_movie: _Lines = {}
        for (user, movie), value in self.changes.items():
            by_user.setdefault(user, {})[movie] = value
            by_movie.setdefault(movie, {})[user] = value
        return by_user, by_movie

    def rating(self, user: int, movie: int) -> float | None:
        """The rating at indices (user, movie), or None where unrated."""
        cell = (user, movie)
        return self.changes[cell] if cell in self.changes else self.base.rating(user, movie)

    def with_ratings(self, changes: Mapping[Cell, float | None]) -> Ratings:
        """These ratings with some cells set, or made unrated by None; this object stays as it is."""
        return EditedRatings(self.base, {**self.changes, **changes})


def _changed_line(places: Indices, values: Floats, touched: Mapping[int, float | None]) -> tuple[Indices, Floats]:
    """One user's or movie's ratings with some set, or taken away by None."""
    if not touched:
        return places, values
    kept = ~np.isin(places, list(touched))
    places, line = places[kept], values[kept].astype(np.float64)
    rated = sorted((place, value) for place, value in touched.items() if value is not None)
    spots = np.searchsorted(places, [place for place, _ in rated])
    return (
        np.insert(places, spots, [place for place, _ in rated]),
        np.insert(line, spots, [value for _, value in rated]),
    )

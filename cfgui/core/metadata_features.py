"""Features of movies for the model of metadata: one column for each genre, and a curve through the years."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfgui.core.movie_facts import NO_YEAR, MovieFacts, genre_place
from cfgui.core.ratings import Floats

KNOTS = (1950, 1970, 1980, 1990, 2000, 2010)
"""Years at which the curve, straight in between, may bend. On ml-latest-small it beat a column for each decade."""

YEARS_A_UNIT = 20.0


@dataclass(frozen=True, eq=False)
class MovieFeatures:
    """``table`` (n_movies, n_features) of all movies, and how a new one is described in the same columns.

    ``usual_year`` stands where a title tells no year: the median of those known.
    """

    genres: tuple[str, ...]
    usual_year: int
    table: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """What each column says."""
        return (*self.genres, "year", *(f"year after {knot}" for knot in KNOTS))

    def of(self, genres: Collection[str], year: int = NO_YEAR) -> tuple[Floats, tuple[str, ...]]:
        """(n_features,) of a new movie, and those of its genres that the table does not know, which are left out."""
        has = np.zeros((1, len(self.genres)), dtype=np.bool_)
        unknown = []
        for genre in genres:
            place = genre_place(self.genres, genre)
            if place is None:
                unknown.append(genre.strip())
            else:
                has[0, place] = True
        row = _columns(has, np.array([year], dtype=np.int32), self.usual_year)[0]
        return row, tuple(unknown)


def movie_features(facts: MovieFacts) -> MovieFeatures:
    """The features of all movies. A table without genres and years gives columns that are the same for all."""
    known = facts.years[facts.years != NO_YEAR]
    usual = int(np.median(known)) if len(known) else 2000
    return MovieFeatures(facts.genres, usual, _columns(facts.has_genre, facts.years, usual))


def _columns(has_genre: NDArray[np.bool_], years: NDArray[np.int32], usual_year: int) -> Floats:
    at = np.where(years == NO_YEAR, usual_year, years).astype(np.float64)
    bends = [np.maximum(0.0, at - knot) for knot in KNOTS]
    return np.column_stack([has_genre.astype(np.float64), *(part / YEARS_A_UNIT for part in (at - 2000.0, *bends))])

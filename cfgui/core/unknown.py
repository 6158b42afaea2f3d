"""Unknown ids: what is predicted for a user or a movie that the model has never seen.

An index below 0 stands for an unknown user or movie. Its weights are the mean of the trained ones of its side, so the
prediction is what is known of the other plus the mean of the rest: of the bias model, global mean + the known bias +
the mean bias of the other side + the known vector . the mean vector. It is never the last row of a table, as an index
of -1 would be in numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.fold_in import with_ratings
from cfgui.core.models import predict
from cfgui.core.ratings import Floats, Indices, Mask, Ratings

UNKNOWN = -1
"""The index of an id that the table does not have."""


def indices_of(ids: Sequence[str], wanted: Sequence[str]) -> Indices:
    """(len(wanted),) where each wanted raw id stands among ``ids``, ``UNKNOWN`` where it does not."""
    place_of = {raw_id: place for place, raw_id in enumerate(ids)}
    return np.array([place_of.get(raw_id, UNKNOWN) for raw_id in wanted], dtype=np.int32)


def with_mean_rows(factors: Factors, users: Mask, movies: Mask) -> Factors:
    """The weights with one user and one movie more, the last ones: the mean of those that the masks mark."""

    def longer(table: Floats, counted: Mask) -> Floats:
        mean = table[counted].mean(axis=0, keepdims=True) if counted.any() else np.zeros_like(table[:1])
        return np.concatenate([table, mean])

    return replace(
        factors,
        user_factors=longer(factors.user_factors, users),
        movie_factors=longer(factors.movie_factors, movies),
        user_bias=None if factors.user_bias is None else longer(factors.user_bias, users),
        movie_bias=None if factors.movie_bias is None else longer(factors.movie_bias, movies),
    )


def known_rows(factors: Factors, ratings: Ratings) -> Factors:
    """The weights with the mean row for every user and movie that has no rating to learn from; of the same shape."""
    masks = with_ratings(ratings.user_counts), with_ratings(ratings.movie_counts)
    users, movies = (np.where(known, np.arange(len(known)), len(known)).astype(np.int32) for known in masks)
    return with_mean_rows(factors, *masks).part(users, movies)


@dataclass(frozen=True, eq=False)
class AnyPredictions:
    """Predictions for known and unknown users and movies alike; a user or movie without a rating counts as unknown.

    Where there are no ratings at all, every row counts as known.
    """

    factors: Factors
    ratings: Ratings

    def __call__(self, users: Indices, movies: Indices) -> Floats:
        """Predictions for parallel index arrays; below 0 is unknown. Raises IndexError beyond the table."""
        return predict(self._longer, *self._places(users, movies))

    def n_unknown(self, users: Indices, movies: Indices) -> int:
        """For how many of these pairs the user or the movie is unknown."""
        at_users, at_movies = self._places(users, movies)
        return int(((at_users == self.factors.n_users) | (at_movies == self.factors.n_movies)).sum())

    @cached_property
    def _known(self) -> tuple[Mask, Mask]:
        return with_ratings(self.ratings.user_counts), with_ratings(self.ratings.movie_counts)

    @cached_property
    def _longer(self) -> Factors:
        return with_mean_rows(self.factors, *self._known)

    def _places(self, users: Indices, movies: Indices) -> tuple[Indices, Indices]:
        """The same indices, those of whom nothing is known at the mean row behind the table."""
        found = []
        for indices, known in zip((users, movies), self._known, strict=True):
            at = np.asarray(indices, dtype=np.int32)
            if len(at) and int(at.max()) >= len(known):
                raise IndexError(f"There is no row {int(at.max())}: the table has {len(known)}.")
            place = np.where(at < 0, len(known), at)
            found.append(np.where(np.append(known, True)[place], place, len(known)).astype(np.int32))
        return found[0], found[1]

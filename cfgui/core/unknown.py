"""Unknown ids: what is predicted for a user or a movie that the model has never seen.

An index below 0 stands for an unknown user or movie. Its weights are the mean of the trained ones of its side, so the
prediction is what is known of the other plus the mean of the rest: of the bias model, global mean + the known bias +
the mean bias of the other side + the known vector . the mean vector. That mean stands in one row more at the end of the
tables, where numpy finds it under the index -1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.side_rows import with_ratings

UNKNOWN = -1
"""The index of an id that the table does not have; of the mean row in tables ``with_mean_rows``."""


def indices_of(ids: Sequence[str], wanted: Sequence[str]) -> Indices:
    """(len(wanted),) where each wanted raw id stands among ``ids``, ``UNKNOWN`` where it does not."""
    place_of = {raw_id: place for place, raw_id in enumerate(ids)}
    return np.array([place_of.get(raw_id, UNKNOWN) for raw_id in wanted], dtype=np.int32)


def with_mean_rows(factors: Factors, users: Mask, movies: Mask) -> Factors:
    """The weights with one user and one movie more, the last ones: the mean of those that the masks mark."""
    return factors.with_tables(lambda table: _longer(table, users), lambda table: _longer(table, movies))


def with_mean_user(factors: Factors, ratings: Ratings) -> Factors:
    """The weights with one user more, the last one: the mean of those with ratings."""
    known = with_ratings(ratings.user_counts)
    return factors.with_tables(users=lambda table: _longer(table, known))


def known_rows(factors: Factors, ratings: Ratings) -> Factors:
    """The weights with the mean row for every user and movie that has no rating to learn from; of the same shape.

    Where there are no ratings at all, every row counts as known.
    """
    masks = with_ratings(ratings.user_counts), with_ratings(ratings.movie_counts)
    users, movies = (np.where(known, np.arange(len(known)), UNKNOWN).astype(np.int32) for known in masks)
    return with_mean_rows(factors, *masks).part(users, movies)


def _longer(table: Floats, counted: Mask) -> Floats:
    """(n + 1, ...) ``table`` with the mean of the rows ``counted`` (n,) after it; zeros where there are none."""
    mean = table[counted].mean(axis=0, keepdims=True) if counted.any() else np.zeros_like(table[:1])
    return np.concatenate([table, mean])

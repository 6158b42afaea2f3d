"""What the weights were learnt from: the ratings without those of users and movies that came afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cfgui.app.reading import Reading
from cfgui.app.sheet_state import KEPT
from cfgui.core.ratings import Mask, Ratings
from cfgui.core.view import indices_of


def learnt_ratings(ratings: Ratings, added_users: Mapping[str, str], added_movies: Mapping[str, str]) -> Ratings:
    """``ratings`` without those of users and movies that are new (not ``KEPT``): what the weights were learnt from.

    The users and movies themselves stay, without a rating.
    """
    new_users = [raw_id for raw_id, how in added_users.items() if how != KEPT]
    new_movies = [raw_id for raw_id, how in added_movies.items() if how != KEPT]
    users, movies = indices_of(ratings.user_ids, new_users), indices_of(ratings.movie_ids, new_movies)
    learnt: Mask = ~(np.isin(ratings.users, users) | np.isin(ratings.movies, movies))
    if learnt.all():
        return ratings
    kept = ratings.users[learnt], ratings.movies[learnt], ratings.values[learnt]
    return Ratings(ratings.user_ids, ratings.movie_ids, *kept, ratings.titles, ratings.genres, ratings.user_facts)


@dataclass(frozen=True, eq=False)
class OfReading:
    """What was worked out of one reading; ``added_users`` and ``added_movies`` are those of ``State``."""

    reading: Reading
    added_users: Mapping[str, str]
    added_movies: Mapping[str, str]

    def is_of(self, reading: Reading, added_users: Mapping[str, str], added_movies: Mapping[str, str]) -> bool:
        """Whether it is that of this reading."""
        same = self.added_users == added_users and self.added_movies == added_movies
        return same and self.reading.same_as(reading)

"""Document: all that one workbook holds, as core objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cfgui.core.curve import Curve
from cfgui.core.factors import Factors
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Indices, Ratings


@dataclass(frozen=True)
class Document:
    """A crosstab with the weights and the history of each model; what is opened, exported and started from.

    ``factors`` and ``history`` are keyed by model name ("dot", "bias"); ``factors`` always holds every model.
    ``active`` is the model whose sheet is open. ``remarks`` are sentences about what the reader noticed or had to
    assume, for the import report; ``report`` is what reading a table came to, None for a workbook of cfgui's kind.
    """

    ratings: Ratings
    factors: Mapping[str, Factors]
    history: Mapping[str, Curve] = field(default_factory=dict)
    active: str = "dot"
    remarks: tuple[str, ...] = ()
    report: ImportReport | None = None

    def top(self, n_users: int, n_movies: int) -> Document:
        """The users and movies with the most ratings, in the order they have here, with their weights.

        Of equals the earlier one is taken. The history is left out: it tells of all the ratings.
        """
        users = _most(self.ratings.users, self.ratings.n_users, n_users)
        movies = _most(self.ratings.movies, self.ratings.n_movies, n_movies)
        return Document(
            _part_of_ratings(self.ratings, users, movies),
            {name: _part_of_factors(factors, users, movies) for name, factors in self.factors.items()},
            active=self.active,
            remarks=(
                *self.remarks,
                f"These are the {len(users):,} of {self.ratings.n_users:,} users and {len(movies):,} of"
                f" {self.ratings.n_movies:,} movies with the most ratings.",
            ),
        )


def _most(indices: Indices, n_all: int, n_wanted: int) -> NDArray[np.intp]:
    """The ``n_wanted`` indices that occur most often, in ascending order."""
    counts = np.bincount(indices, minlength=n_all)
    return np.sort(np.argsort(-counts, kind="stable")[:n_wanted])


def _part_of_ratings(ratings: Ratings, users: NDArray[np.intp], movies: NDArray[np.intp]) -> Ratings:
    new_user = np.full(ratings.n_users, -1, dtype=np.int32)
    new_movie = np.full(ratings.n_movies, -1, dtype=np.int32)
    new_user[users], new_movie[movies] = np.arange(len(users)), np.arange(len(movies))
    kept = (new_user[ratings.users] >= 0) & (new_movie[ratings.movies] >= 0)
    return Ratings(
        tuple(ratings.user_ids[user] for user in users),
        tuple(ratings.movie_ids[movie] for movie in movies),
        new_user[ratings.users[kept]],
        new_movie[ratings.movies[kept]],
        ratings.values[kept],
        ratings.titles,
        ratings.genres,
    )


def _part_of_factors(factors: Factors, users: NDArray[np.intp], movies: NDArray[np.intp]) -> Factors:
    return Factors(
        factors.user_factors[users],
        factors.movie_factors[movies],
        None if factors.user_bias is None else factors.user_bias[users],
        None if factors.movie_bias is None else factors.movie_bias[movies],
    ).copy()

"""Ratings: who rated what, as index triples in row order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ratings:
    """A sparse user x movie crosstab.

    ``users``, ``movies`` (int32) and ``values`` (float64, or float32 where that holds every rating exactly, as the
    readers of large tables give them) are parallel arrays of length ``n_ratings``, sorted by user
    and then by movie: the order in which a person reads the sheet, and the order in which SGD visits the ratings.
    ``users`` and ``movies`` hold inner indices; the raw ids keep their text in ``user_ids`` and ``movie_ids``.
    A cell without a rating is *unrated*: it is simply not in the arrays.
    """

    user_ids: tuple[str, ...]
    movie_ids: tuple[str, ...]
    users: Indices
    movies: Indices
    values: Floats
    titles: Mapping[str, str] = field(default_factory=dict)
    """Movie title by raw movie id; may be empty or partial."""
    genres: Mapping[str, str] = field(default_factory=dict)
    """Genres by raw movie id, joined by "|" as MovieLens writes them; may be empty or partial."""

    def __post_init__(self) -> None:
        for array in (self.users, self.movies, self.values):
            array.flags.writeable = False

    @classmethod
    def from_crosstab(
        cls,
        user_ids: Sequence[str],
        movie_ids: Sequence[str],
        values: Floats,
        rated: Mask,
        titles: Mapping[str, str] | None = None,
    ) -> Ratings:
        """Ratings from a dense (n_users, n_movies) table; ``rated`` says which cells count."""
        users, movies = np.nonzero(rated)
        return cls(
            tuple(user_ids),
            tuple(movie_ids),
            users.astype(np.int32),
            movies.astype(np.int32),
            np.ascontiguousarray(values[rated], dtype=np.float64),
            dict(titles or {}),
        )

    @property
    def n_users(self) -> int:
        """Rows of the crosstab."""
        return len(self.user_ids)

    @property
    def n_movies(self) -> int:
        """Columns of the crosstab."""
        return len(self.movie_ids)

    @property
    def n_ratings(self) -> int:
        """Rated cells."""
        return len(self.values)

    @cached_property
    def user_starts(self) -> NDArray[np.int64]:
        """(n_users + 1,) offsets: user ``u`` owns positions ``user_starts[u]:user_starts[u + 1]``."""
        return np.searchsorted(self.users, np.arange(self.n_users + 1))

    @cached_property
    def rated(self) -> Mask:
        """(n_users, n_movies) True where there is a rating. Dense: for crosstabs that fit a sheet."""
        mask = np.zeros((self.n_users, self.n_movies), dtype=np.bool_)
        mask[self.users, self.movies] = True
        mask.flags.writeable = False
        return mask

    @cached_property
    def crosstab(self) -> Floats:
        """(n_users, n_movies) values, 0 where unrated (look at ``rated``). Dense: for crosstabs that fit a sheet."""
        table = np.zeros((self.n_users, self.n_movies))
        table[self.users, self.movies] = self.values
        table.flags.writeable = False
        return table

    def rating(self, user: int, movie: int) -> float | None:
        """The rating at indices (user, movie), or None where unrated."""
        start, end = self.user_starts[user], self.user_starts[user + 1]
        position = start + int(np.searchsorted(self.movies[start:end], movie))
        if position < end and self.movies[position] == movie:
            return float(self.values[position])
        return None

    def with_ratings(self, changes: Mapping[tuple[int, int], float | None]) -> Ratings:
        """These ratings with some cells set, or made unrated by None; this object stays as it is."""
        keys = self.users.astype(np.int64) * self.n_movies + self.movies
        changed = {int(user) * self.n_movies + int(movie): value for (user, movie), value in changes.items()}
        kept = ~np.isin(keys, np.fromiter(changed, np.int64, len(changed)))
        rated = sorted((key, float(value)) for key, value in changed.items() if value is not None)
        new_keys = np.array([key for key, _ in rated], dtype=np.int64)
        places = np.searchsorted(keys[kept], new_keys)
        keys = np.insert(keys[kept], places, new_keys)
        values = np.insert(self.values[kept], places, [value for _, value in rated])
        users, movies = np.divmod(keys, max(self.n_movies, 1))
        return Ratings(
            self.user_ids,
            self.movie_ids,
            users.astype(np.int32),
            movies.astype(np.int32),
            values,
            self.titles,
            self.genres,
        )

    def title(self, movie: int) -> str:
        """The title of the movie at this index, or its raw id where no title is known."""
        movie_id = self.movie_ids[movie]
        return self.titles.get(movie_id, movie_id)

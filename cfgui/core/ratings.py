"""Ratings: who rated what, as index triples in row order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Mask = NDArray[np.bool_]
Cell = tuple[int, int]
"""(user, movie) indices."""


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
    user_facts: Mapping[str, str] = field(default_factory=dict)
    """What is known of users besides their ratings, by raw user id: "age 25-34|M|programmer"; empty or partial."""

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

    @cached_property
    def user_counts(self) -> NDArray[np.int64]:
        """(n_users,) ratings of each user."""
        return np.diff(self.user_starts)

    @cached_property
    def movie_counts(self) -> NDArray[np.int64]:
        """(n_movies,) ratings of each movie."""
        return np.bincount(self.movies, minlength=self.n_movies)

    @cached_property
    def user_id_order(self) -> NDArray[np.intp]:
        """Indices of the users in the order of their ids (``id_order``)."""
        return id_order(self.user_ids)

    @cached_property
    def movie_id_order(self) -> NDArray[np.intp]:
        """Indices of the movies in the order of their ids (``id_order``)."""
        return id_order(self.movie_ids)

    def prepare(self) -> Ratings:
        """Compute beforehand what a sheet asks for at once; for the thread that reads a large table. Returns itself."""
        _ = self.levels, self.scale, self.user_counts, self.movie_counts, self.user_id_order, self.movie_id_order
        return self

    @cached_property
    def user_sums(self) -> Floats:
        """(n_users,) sum of the ratings of each user."""
        return sums_by(self.users, self.values, self.n_users)

    @cached_property
    def movie_sums(self) -> Floats:
        """(n_movies,) sum of the ratings of each movie."""
        return sums_by(self.movies, self.values, self.n_movies)

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The lowest and the highest rating; (0, 0) where there are none."""
        return (float(self.values.min()), float(self.values.max())) if self.n_ratings else (0.0, 0.0)

    @cached_property
    def levels(self) -> Floats:
        """Every rating value there is, ascending."""
        pieces = [distinct(self.values[start : start + ID_PIECE]) for start in range(0, self.n_ratings, ID_PIECE)]
        return distinct(np.concatenate(pieces)).astype(np.float64) if pieces else np.zeros(0)

    def user_line(self, user: int) -> tuple[Indices, Floats]:
        """(movies, values) of one user, by movie."""
        part = slice(self.user_starts[user], self.user_starts[user + 1])
        return self.movies[part], self.values[part]

    def movie_line(self, movie: int) -> tuple[Indices, Floats]:
        """(users, values) of one movie, by user."""
        positions = np.flatnonzero(self.movies == movie)
        return self.users[positions], self.values[positions]

    def rating(self, user: int, movie: int) -> float | None:
        """The rating at indices (user, movie), or None where unrated."""
        movies, values = self.user_line(user)
        position = int(np.searchsorted(movies, movie))
        if position < len(movies) and movies[position] == movie:
            return float(values[position])
        return None

    def block(self, users: Indices, movies: Indices) -> Floats:
        """(len(users), len(movies)) ratings of these users for these movies, NaN where unrated."""
        table = np.full((len(users), len(movies)), np.nan)
        order = np.argsort(movies)
        wanted = movies[order]
        for row, user in enumerate(users.tolist()):
            rated, values = self.user_line(user)
            places = np.searchsorted(rated, wanted)
            found = places < len(rated)
            found[found] = rated[places[found]] == wanted[found]
            table[row, order[found]] = values[places[found]]
        return table

    def with_ratings(self, changes: Mapping[Cell, float | None]) -> Ratings:
        """These ratings with some cells set, or made unrated by None; this object stays as it is."""
        return Ratings(self.user_ids, self.movie_ids, *merged(self, changes), self.titles, self.genres, self.user_facts)

    def movie_name(self, movie: int) -> str:
        """The title of the movie at this index, or "movie 1019" where no title is known."""
        movie_id = self.movie_ids[movie]
        return self.titles.get(movie_id, f"movie {movie_id}")

    def movie_label(self, movie: int) -> str:
        """ "movie 1 · Toy Story (1995)", or "movie 1019" where no title is known."""
        movie_id = self.movie_ids[movie]
        return " · ".join(filter(None, (f"movie {movie_id}", self.titles.get(movie_id))))


def merged(ratings: Ratings, changes: Mapping[Cell, float | None]) -> tuple[Indices, Indices, Floats]:
    """(users, movies, values) of ``ratings`` with some cells set, or made unrated by None; new arrays.

    The values stay float32 where they were and that holds the new ones too: a person may type any number.
    """
    gone: list[int] = []
    rated: list[tuple[int, int, int, float]] = []
    for (user, movie), value in changes.items():
        start, stop = (int(place) for place in ratings.user_starts[user : user + 2])
        place = start + int(np.searchsorted(ratings.movies[start:stop], movie))
        if place < stop and ratings.movies[place] == movie:
            gone.append(place)
        if value is not None:
            rated.append((int(user), int(movie), place, float(value)))
    rated.sort()
    new_values = np.array([value for *_, value in rated], dtype=np.float64)
    with np.errstate(over="ignore"):
        fits = np.array_equal(new_values.astype(ratings.values.dtype), new_values)
    old_values: Floats = ratings.values if fits else ratings.values.astype(np.float64)
    # counted in what is left once the old ratings at these cells are gone
    gone.sort()
    spots = [place - bisect_left(gone, place) for _, _, place, _ in rated]
    return (
        np.insert(np.delete(ratings.users, gone), spots, [user for user, *_ in rated]),
        np.insert(np.delete(ratings.movies, gone), spots, [movie for _, movie, *_ in rated]),
        np.insert(np.delete(old_values, gone), spots, new_values),
    )


def sums_by(indices: Indices, values: Floats, n: int) -> Floats:
    """(n,) sums of values by index."""
    return np.bincount(indices, values, minlength=n).astype(np.float64, copy=False)


def distinct(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Every value there is once, ascending; NaN is none of them.

    As ``numpy.unique``, which loads masked arrays with its first call: a tenth of the time until the window paints.
    """
    ordered = np.sort(values)
    is_first = np.ones(len(ordered), dtype=np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def id_order(ids: Sequence[str]) -> NDArray[np.intp]:
    """Indices in the order of ids: whole numbers of up to 18 digits as numbers, and after them all others as text."""
    if not ids:
        return np.arange(0)
    # Piece by piece: making an array of texts keeps every other thread waiting, the window's too.
    pieces = [np.array(ids[start : start + ID_PIECE]) for start in range(0, len(ids), ID_PIECE)]
    marks = [_are_numbers(piece) for piece in pieces]
    is_number = np.concatenate(marks)
    numbers = np.concatenate([piece[mark].astype(np.int64) for piece, mark in zip(pieces, marks, strict=True)])
    others = np.concatenate([piece[~mark] for piece, mark in zip(pieces, marks, strict=True)])
    return np.concatenate(
        [
            np.flatnonzero(is_number)[np.argsort(numbers, kind="stable")],
            np.flatnonzero(~is_number)[np.argsort(others, kind="stable")],
        ]
    )


ID_PIECE = 10_000
"""Ids, or ratings, that are looked at together."""


def _are_numbers(texts: NDArray[np.str_]) -> Mask:
    """(len(texts),) True for whole numbers in ASCII digits that fit an int64."""
    width = texts.dtype.itemsize // 4
    short = np.char.str_len(texts) <= 18 if width > 18 else np.ones(len(texts), dtype=np.bool_)
    ascii_only = (texts.view(np.uint32).reshape(len(texts), width) < 128).all(axis=1)
    is_number: Mask = np.char.isdecimal(texts) & ascii_only & short
    return is_number

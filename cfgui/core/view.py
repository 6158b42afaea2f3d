"""View: which users and movies a sheet shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Ratings

ORDERS: Mapping[str, str] = {
    "file": "file order",
    "id": "id",
    "ratings": "number of ratings",
    "mean": "mean rating",
    "bias": "bias",
}
"""Every order of users or movies by its name, with its words. Ids ascend; of the others the largest comes first."""

DEFAULT_SIZE = 15
"""Users and movies shown of a table at first: as many as the workbook has."""


@dataclass(frozen=True)
class ViewChoice:
    """What a person asks to see: the ``n_users`` most active users and ``n_movies`` most rated movies (None: all).

    Of users or movies with equally many ratings, those with the smaller id (``id_order``) are taken. The orders are
    keys of ``ORDERS``; where there is no bias, "bias" orders by how far the mean lies from that of all ratings, which
    is the same order as "mean". ``pinned_users`` and ``pinned_movies`` are raw ids that stand at the end and are shown
    whatever else is: those that a person added.
    """

    n_users: int | None = None
    n_movies: int | None = None
    user_order: str = "file"
    movie_order: str = "file"
    pinned_users: tuple[str, ...] = ()
    pinned_movies: tuple[str, ...] = ()


TOP = ViewChoice(DEFAULT_SIZE, DEFAULT_SIZE, "id", "id")
"""The first look at a table."""


@dataclass(frozen=True, eq=False)
class View:
    """A window onto ratings: the indices of the users and movies shown, in the order shown (int32)."""

    users: Indices
    movies: Indices
    n_all_users: int
    n_all_movies: int

    @property
    def is_whole(self) -> bool:
        """Whether every user and every movie is shown, in whatever order."""
        return len(self.users) == self.n_all_users and len(self.movies) == self.n_all_movies

    @cached_property
    def user_rows(self) -> Indices:
        """(n_all_users,) the row in which each user is shown, -1 where hidden."""
        return _places(self.users, self.n_all_users)

    @cached_property
    def movie_columns(self) -> Indices:
        """(n_all_movies,) the column in which each movie is shown, -1 where hidden."""
        return _places(self.movies, self.n_all_movies)


def _places(shown: Indices, n_all: int) -> Indices:
    places = np.full(n_all, -1, dtype=np.int32)
    places[shown] = np.arange(len(shown), dtype=np.int32)
    return places


def whole_view(ratings: Ratings) -> View:
    """All users and movies in file order."""
    n, m = ratings.n_users, ratings.n_movies
    return View(np.arange(n, dtype=np.int32), np.arange(m, dtype=np.int32), n, m)


def make_view(ratings: Ratings, choice: ViewChoice, factors: Factors | None = None) -> View:
    """The view a person asks for. ``factors`` give the biases to order by; without biases the mean orders."""
    user_bias = None if factors is None else factors.user_bias
    movie_bias = None if factors is None else factors.movie_bias
    users = _shown(
        choice.n_users,
        choice.user_order,
        ratings.user_counts,
        lambda: ratings.user_id_order,
        lambda: _keys(choice.user_order, ratings.user_counts, lambda: ratings.user_sums, user_bias),
        indices_of(ratings.user_ids, choice.pinned_users),
    )
    movies = _shown(
        choice.n_movies,
        choice.movie_order,
        ratings.movie_counts,
        lambda: ratings.movie_id_order,
        lambda: _keys(choice.movie_order, ratings.movie_counts, lambda: ratings.movie_sums, movie_bias),
        indices_of(ratings.movie_ids, choice.pinned_movies),
    )
    return View(users, movies, ratings.n_users, ratings.n_movies)


def _shown(
    n_wanted: int | None,
    order: str,
    counts: NDArray[np.int64],
    id_order: Callable[[], NDArray[np.intp]],
    keys: Callable[[], Floats],
    pinned: Indices,
) -> Indices:
    """The indices to show, in order; what an order does not need is not computed. Raises ValueError for another."""
    if order not in ORDERS:
        raise ValueError(f"unknown order: {order}")
    if len(pinned):
        others = np.delete(np.arange(len(counts)), pinned)
        places_of_others = np.full(len(counts), -1)
        places_of_others[others] = np.arange(len(others))

        def order_of_others() -> NDArray[np.intp]:
            places = places_of_others[id_order()]
            return places[places >= 0]

        nobody = np.zeros(0, dtype=np.int32)
        shown = _shown(n_wanted, order, counts[others], order_of_others, lambda: keys()[others], nobody)
        return np.concatenate([others[shown], pinned]).astype(np.int32)
    chosen = np.arange(len(counts))
    if n_wanted is not None and n_wanted < len(counts):
        by_id = id_order()
        ranked = counts[by_id]
        place = min(len(counts) - n_wanted, len(counts) - 1)
        least = np.partition(ranked, place)[place]
        more, equal = np.flatnonzero(ranked > least), np.flatnonzero(ranked == least)
        chosen = np.sort(by_id[np.concatenate([more, equal[: n_wanted - len(more)]])])
    if order != "file":
        wanted = np.zeros(len(counts), dtype=np.bool_)
        wanted[chosen] = True
        chosen = id_order()[wanted[id_order()]]
    if order in ("ratings", "mean", "bias"):
        chosen = chosen[np.argsort(-keys()[chosen], kind="stable")]
    return chosen.astype(np.int32)


def indices_of(ids: Sequence[str], wanted: Sequence[str]) -> Indices:
    """(≤ len(wanted),) indices of those of ``wanted`` that are among ``ids``, in the order wanted."""
    known = set(wanted)
    place = {raw_id: index for index, raw_id in enumerate(ids) if raw_id in known} if wanted else {}
    return np.array([place[raw_id] for raw_id in wanted if raw_id in place], dtype=np.int32)


def _keys(order: str, counts: NDArray[np.int64], sums: Callable[[], Floats], bias: Floats | None) -> Floats:
    """What the largest of comes first."""
    if order == "ratings":
        return counts.astype(np.float64)
    if order == "bias" and bias is not None:
        return bias
    means: Floats = np.divide(sums(), counts, out=np.full(len(counts), -np.inf), where=counts > 0)
    return means


def visible_ratings(ratings: Ratings, view: View) -> Ratings:
    """The ratings a view shows, as a crosstab of its own: row and column numbers are its indices.

    A view of everything in file order gives ``ratings`` itself.
    """
    if view.is_whole and _is_plain(view.users) and _is_plain(view.movies):
        return ratings
    rows, columns, values = _gathered(ratings, view)
    order = np.lexsort((columns, rows))
    return Ratings(
        tuple(ratings.user_ids[user] for user in view.users.tolist()),
        tuple(ratings.movie_ids[movie] for movie in view.movies.tolist()),
        rows[order],
        columns[order],
        values[order],
        ratings.titles,
        ratings.genres,
        ratings.user_facts,
    )


def _is_plain(indices: Indices) -> bool:
    return bool(np.array_equal(indices, np.arange(len(indices))))


def _gathered(ratings: Ratings, view: View) -> tuple[Indices, Indices, Floats]:
    """(rows, columns, values) of the shown ratings, in no order to rely on."""
    if len(view.users) * 8 > ratings.n_users:
        rows, columns = view.user_rows[ratings.users], view.movie_columns[ratings.movies]
        shown = (rows >= 0) & (columns >= 0)
        return rows[shown], columns[shown], ratings.values[shown]
    lines = [ratings.user_line(int(user)) for user in view.users]
    rows = np.repeat(np.arange(len(lines), dtype=np.int32), [len(movies) for movies, _ in lines])
    columns = view.movie_columns[_joined([movies for movies, _ in lines], np.int32)]
    values = _joined([values for _, values in lines], np.float64)
    shown = columns >= 0
    return rows[shown], columns[shown], values[shown]


def _joined(parts: list[NDArray[np.generic]], dtype: type) -> NDArray:  # type: ignore[type-arg]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)


def part_of_factors(factors: Factors, view: View) -> Factors:
    """The weights of the users and movies a view shows, in its order; a copy."""
    return factors.part(view.users, view.movies).copy()


def with_part(factors: Factors, view: View, part: Factors) -> Factors:
    """``factors`` with the weights of the users and movies a view shows taken from ``part``; a copy.

    The layers of a net are those of ``part``: they belong to no user or movie.
    """
    vector = factors.flat()
    whole = factors.view_of(vector)
    rows = [view.users, view.movies, view.users, view.movies][: 4 if factors.has_bias else 2]
    for number, (table, values) in enumerate(zip(whole.tables, part.tables, strict=True)):
        table[rows[number] if number < len(rows) else ...] = values
    vector.flags.writeable = False
    return factors.view_of(vector)

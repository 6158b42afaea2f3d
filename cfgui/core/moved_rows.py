"""Moved rows: what becomes of ratings, weights and views when users or movies come or go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.side_rows import part_of_rows
from cfgui.core.view import View


@dataclass(frozen=True, eq=False)
class Moved:
    """Where the users, or the movies, of a table come from when some came or went.

    ``sources`` (n_new,) int32 gives the old index of each, -1 for one that is new; ``n_old`` is how many there were.
    """

    sources: Indices
    n_old: int

    @property
    def n_new(self) -> int:
        """How many there are now."""
        return len(self.sources)

    @cached_property
    def targets(self) -> Indices:
        """(n_old,) the new index of each old one, -1 for one that is gone."""
        targets = np.full(self.n_old, -1, dtype=np.int32)
        kept = self.sources >= 0
        targets[self.sources[kept]] = np.flatnonzero(kept)
        return targets

    @cached_property
    def appends(self) -> bool:
        """Whether everybody stays in place and those who are new follow at the end."""
        return self.n_new >= self.n_old and bool(
            (self.sources[: self.n_old] == np.arange(self.n_old)).all() and (self.sources[self.n_old :] < 0).all()
        )

    @cached_property
    def keeps_order(self) -> bool:
        """Whether those who stay follow one another as before."""
        return bool((np.diff(self.sources[self.sources >= 0]) > 0).all())


def moved_between(old_ids: Sequence[str], new_ids: Sequence[str]) -> Moved:
    """What leads from the rows of ``old_ids`` to those of ``new_ids``; the same raw id is the same row."""
    n_old, n_new = len(old_ids), len(new_ids)
    if new_ids[:n_old] == old_ids:
        place = dict.fromkeys(new_ids[n_old:], -1)
        sources = np.concatenate([np.arange(n_old), np.full(len(place), -1)])
    else:
        place = {raw_id: index for index, raw_id in enumerate(old_ids)}
        sources = np.fromiter((place.get(raw_id, -1) for raw_id in new_ids), dtype=np.int64, count=n_new)
    return Moved(sources.astype(np.int32), n_old)


def moved_ratings(
    ratings: Ratings,
    user_ids: tuple[str, ...],
    movie_ids: tuple[str, ...],
    titles: Mapping[str, str] | None = None,
    genres: Mapping[str, str] | None = None,
    user_facts: Mapping[str, str] | None = None,
) -> Ratings:
    """``ratings`` as a table of these users and movies: ratings of others vanish, who is new has none.

    ``titles``, ``genres`` and ``user_facts`` take the place of the old ones where given. Of a large table with edits,
    the edits stay beside it; where rows only come at the end, its arrays are shared: this is a moment's work.
    """
    users, movies = moved_between(ratings.user_ids, user_ids), moved_between(ratings.movie_ids, movie_ids)
    texts = (
        ratings.titles if titles is None else titles,
        ratings.genres if genres is None else genres,
        ratings.user_facts if user_facts is None else user_facts,
    )
    if not isinstance(ratings, EditedRatings):
        return _moved_table(ratings, user_ids, movie_ids, users, movies, *texts)
    base = _moved_table(ratings.base, user_ids, movie_ids, users, movies, *texts)
    changes = {
        (int(users.targets[user]), int(movies.targets[movie])): value
        for (user, movie), value in ratings.changes.items()
    }
    return EditedRatings(base, {cell: value for cell, value in changes.items() if min(cell) >= 0})


def _moved_table(
    ratings: Ratings,
    user_ids: tuple[str, ...],
    movie_ids: tuple[str, ...],
    users: Moved,
    movies: Moved,
    *texts: Mapping[str, str],
) -> Ratings:
    if users.appends and movies.appends:
        same = ratings.users, ratings.movies, ratings.values
        moved = Ratings(user_ids, movie_ids, *same, *texts)
        _take_over(moved, ratings, users, movies)
        return moved
    rows, columns = users.targets[ratings.users], movies.targets[ratings.movies]
    stays = (rows >= 0) & (columns >= 0)
    rows, columns, values = rows[stays], columns[stays], ratings.values[stays]
    if not (users.keeps_order and movies.keeps_order):
        order = np.lexsort((columns, rows))
        rows, columns, values = rows[order], columns[order], values[order]
    return Ratings(user_ids, movie_ids, rows, columns, values, *texts)


def _take_over(moved: Ratings, ratings: Ratings, users: Moved, movies: Moved) -> None:
    """Give a table with rows added what was counted of the one without them, for on a large table that takes a while.

    These are the names of ``Ratings``' cached properties, which keep their values under their own names.
    """
    known, found = vars(ratings), vars(moved)
    n_users, n_movies = users.n_new - users.n_old, movies.n_new - movies.n_old
    for name in ("levels", "scale"):
        if name in known:
            found[name] = known[name]
    for name, extra in (("user_counts", n_users), ("user_sums", n_users), ("movie_counts", n_movies),
                        ("movie_sums", n_movies)):  # fmt: skip
        if name in known:
            found[name] = np.concatenate([known[name], np.zeros(extra, dtype=known[name].dtype)])
    if "user_starts" in known:
        found["user_starts"] = np.concatenate([known["user_starts"], np.full(n_users, ratings.n_ratings)])


def moved_factors(factors: Factors, users: Moved, movies: Moved, new_user: Floats, new_movie: Floats) -> Factors:
    """``factors`` with a row for each user and movie there is now; a copy. The layers of a net stay as they are.

    ``new_user`` (d,) and ``new_movie`` (d,) are the rows of who is new (``side_rows``).
    """

    def rows(table: Floats, moved: Moved, fresh: Floats) -> Floats:
        found = table[np.maximum(moved.sources, 0)]
        found[moved.sources < 0] = part_of_rows(fresh, table)
        return found

    return factors.with_tables(
        lambda table: rows(table, users, new_user), lambda table: rows(table, movies, new_movie)
    ).copy()


def moved_view(
    view: View,
    users: Moved,
    movies: Moved,
    shown: tuple[Indices, Indices],
    last: tuple[Indices, Indices],
) -> View:
    """The view of those who were shown and are still there, in the order they stood.

    ``shown`` (new indices of users, of movies) follow, and ``last`` stand at the end. Where all users, or movies, stood
    in file order, those of now do.
    """
    return View(
        _moved_side(view.users, users, shown[0], last[0]),
        _moved_side(view.movies, movies, shown[1], last[1]),
        users.n_new,
        movies.n_new,
    )


def _moved_side(old: Indices, moved: Moved, shown: Indices, last: Indices) -> Indices:
    if np.array_equal(old, np.arange(moved.n_old)):
        return np.arange(moved.n_new, dtype=np.int32)
    left = moved.targets[old]
    left = left[(left >= 0) & ~np.isin(left, last)]
    shown = shown[~np.isin(shown, left) & ~np.isin(shown, last)]
    return np.concatenate([left, shown, last]).astype(np.int32)

"""Ratings as members of an archive and back: ids and titles, where each user's ratings start, movies and values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cfgui.core.edited_ratings import EditedRatings, edited
from cfgui.core.ratings import Cell, Ratings
from cfgui.io.archive import Archive, ArchiveError, Array, Meter
from cfgui.io.text_arrays import decode_texts, encode_texts

_AT_ONCE = 2**20
"""Ratings looked at in one go, in a few milliseconds."""


def base_ratings(ratings: Ratings) -> Ratings:
    """The table that edits of a large one leave as it is; of a small one, the ratings themselves."""
    return ratings.base if isinstance(ratings, EditedRatings) else ratings


def ratings_size(ratings: Ratings) -> int:
    """About how many bytes the ratings come to."""
    texts = ratings.n_users + len(ratings.user_facts) + 2 * ratings.n_movies
    return ratings.n_ratings * (4 + ratings.values.itemsize) + 16 * texts


def ratings_members(ratings: Ratings, meter: Meter) -> dict[str, Array]:
    """The members for a table, their names beginning with ``ratings``; values in float32 where that is exact."""
    members: dict[str, Array] = {
        "ratings.starts": ratings.user_starts.astype(np.int64, copy=False),
        "ratings.movies": ratings.movies,
        "ratings.values": _narrowed(ratings.values, meter),
    }
    texts = {"user_ids": ratings.user_ids, "movie_ids": ratings.movie_ids}
    for name, known in (("titles", ratings.titles), ("genres", ratings.genres)):
        texts |= {f"{name}.of": tuple(known), name: tuple(known.values())}
    if ratings.user_facts:  # most tables have none, and older files of sessions know no such member
        texts |= {"user_facts.of": tuple(ratings.user_facts), "user_facts": tuple(ratings.user_facts.values())}
    for name, words in texts.items():
        members[f"ratings.{name}"], members[f"ratings.{name}.ends"] = encode_texts(words, meter.look)
    return members


def _narrowed(values: NDArray[np.floating], meter: Meter) -> NDArray[np.floating]:
    """The values in float32 where none of them changes by it, else in float64."""
    if values.dtype == np.float32:
        return values
    narrow = np.empty(len(values), dtype=np.float32)
    for start in range(0, len(values), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        with np.errstate(over="ignore"):
            narrow[part] = values[part]
        if not np.array_equal(narrow[part], values[part]):
            return values.astype(np.float64, copy=False)
        meter.look()
    return narrow


def ratings_head(ratings: Ratings) -> dict[str, object]:
    """What the head of an archive says about the table in it: the type that its values had in memory."""
    return {"dtype": ratings.values.dtype.str}


def read_ratings(archive: Archive, head: object, meter: Meter) -> Ratings:
    """The ratings in an archive, with what its head says about them.

    Raises ValueError where they make no sense: an index out of range would make compiled code read memory that is not
    its own.
    """
    user_ids, movie_ids = (_texts(archive, name, meter) for name in ("user_ids", "movie_ids"))
    titles, genres = (_texts_by_id(archive, name, meter) for name in ("titles", "genres"))
    has_facts = "ratings.user_facts" in archive.head["members"]
    user_facts = _texts_by_id(archive, "user_facts", meter) if has_facts else {}
    starts = archive.array("ratings.starts", "<i8", (len(user_ids) + 1,))
    movies = archive.array("ratings.movies", "<i4", (None,))
    values = _values(archive, len(movies), head)
    _check_starts(starts, len(movies))
    _check_movies(starts, movies, len(movie_ids), meter)
    users = _users(starts, meter)
    return Ratings(tuple(user_ids), tuple(movie_ids), users, movies, values, titles, genres, user_facts)


def _texts_by_id(archive: Archive, name: str, meter: Meter) -> dict[str, str]:
    return dict(zip(_texts(archive, f"{name}.of", meter), _texts(archive, name, meter), strict=True))


def _texts(archive: Archive, name: str, meter: Meter) -> list[str]:
    data = archive.array(f"ratings.{name}", "|u1", (None,))
    return decode_texts(data, archive.array(f"ratings.{name}.ends", "<i8", (None,)), meter.look)


def _values(archive: Archive, n_ratings: int, head: object) -> Array:
    """The ratings' values, in the type they had in memory."""
    dtype = head.get("dtype") if isinstance(head, dict) else None
    if dtype not in ("<f4", "<f8"):
        raise ArchiveError("values of an unknown type")
    values = archive.array("ratings.values", "<f4 <f8", (n_ratings,))
    if not all(np.isfinite(values[start : start + _AT_ONCE]).all() for start in range(0, n_ratings, _AT_ONCE)):
        raise ArchiveError("a rating is not finite")
    return values.astype(dtype, copy=False)


def _check_starts(starts: Array, n_ratings: int) -> None:
    if starts[0] != 0 or starts[-1] != n_ratings or (np.diff(starts) < 0).any():
        raise ArchiveError("users' ratings do not follow one another")


def _check_movies(starts: Array, movies: Array, n_movies: int, meter: Meter) -> None:
    """Movies must exist, and ascend within each user."""
    first = np.zeros(len(movies) + 1, dtype=np.bool_)
    first[starts] = True
    for start in range(0, len(movies), _AT_ONCE):
        part = movies[start : start + _AT_ONCE]
        if part.min() < 0 or part.max() >= n_movies:
            raise ArchiveError("a movie that is not there")
        here = movies[max(start - 1, 0) : start + _AT_ONCE]
        ascends = here[1:] > here[:-1]
        if not (ascends | first[max(start, 1) : max(start, 1) + len(ascends)]).all():
            raise ArchiveError("movies out of order")
        meter.look()


def _users(starts: Array, meter: Meter) -> NDArray[np.int32]:
    """The user of each rating."""
    users = np.empty(int(starts[-1]), dtype=np.int32)
    for first in range(0, len(starts) - 1, 4096):
        edges = starts[first : first + 4097]
        numbers = np.arange(first, first + len(edges) - 1, dtype=np.int32)
        users[edges[0] : edges[-1]] = np.repeat(numbers, np.diff(edges))
        meter.look()
    return users


def edit_members(ratings: Ratings) -> dict[str, Array]:
    """The members for what was changed in a large table; none for ratings that are not such a table edited."""
    if not isinstance(ratings, EditedRatings):
        return {}
    changes: Mapping[Cell, float | None] = ratings.changes
    cells = np.array(list(changes), dtype=np.int32).reshape(-1, 2)
    rated = np.array([value is not None for value in changes.values()], dtype=np.bool_)
    values = np.array([0.0 if value is None else value for value in changes.values()])
    return {"edits.cells": cells, "edits.rated": rated, "edits.values": values}


def read_edits(archive: Archive, base: Ratings) -> Ratings:
    """``base`` with the changes in an archive, as ``edit_members`` put them there."""
    cells = archive.array("edits.cells", "<i4", (None, 2))
    rated = archive.array("edits.rated", "|b1", (len(cells),))
    values = archive.array("edits.values", "<f8", (len(cells),))
    if len(cells) and (cells.min() < 0 or (cells.max(axis=0) >= (base.n_users, base.n_movies)).any()):
        raise ArchiveError("a changed rating of nobody")
    if not np.isfinite(values).all():
        raise ArchiveError("a changed rating is not finite")
    pairs = zip(map(tuple, cells.tolist()), rated.tolist(), values.tolist(), strict=True)
    return edited(base, {cell: value if is_rated else None for cell, is_rated, value in pairs})

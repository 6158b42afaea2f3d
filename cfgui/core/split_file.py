"""A second table of ratings brought onto the users and movies of the first, by raw ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cfgui.core.ratings import Indices, Mask, Ratings


def joined(ratings: Ratings, given: Ratings) -> tuple[Ratings, Ratings, Mask]:
    """(whole, held_out, is_given) of two tables.

    ``whole`` are ``ratings`` over the users and movies of both, those that only ``given`` has at the end in its order;
    ``held_out`` are those of ``given`` over the same; ``is_given`` (whole.n_ratings,) marks the cells both have. Users
    and movies of ``given`` without a rating are left out.
    """
    user_ids, users = _matched(ratings.user_ids, given.user_ids, given.user_counts > 0)
    movie_ids, movies = _matched(ratings.movie_ids, given.movie_ids, given.movie_counts > 0)
    texts = (
        {**given.titles, **ratings.titles},
        {**given.genres, **ratings.genres},
        {**given.user_facts, **ratings.user_facts},
    )
    whole = Ratings(user_ids, movie_ids, ratings.users, ratings.movies, ratings.values, *texts)
    rows, columns = users[given.users], movies[given.movies]
    order = np.lexsort((columns, rows))
    held_out = Ratings(user_ids, movie_ids, rows[order], columns[order], given.values[order], *texts)
    n_movies = len(movie_ids)
    cells, held_cells = (it.users.astype(np.int64) * n_movies + it.movies for it in (whole, held_out))
    return whole, held_out, np.isin(cells, held_cells, assume_unique=True)


def _matched(own: Sequence[str], others: Sequence[str], used: Mask) -> tuple[tuple[str, ...], Indices]:
    """All ids, own ones first, and for each of the others its index among them; -1 for one that is not used."""
    place = {raw_id: index for index, raw_id in enumerate(own)}
    found = np.full(len(others), -1, dtype=np.int32)
    for index in np.flatnonzero(used).tolist():
        found[index] = place.setdefault(others[index], len(place))
    return tuple(place), found

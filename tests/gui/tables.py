"""Made tables of ratings for tests of the window."""

from __future__ import annotations

import numpy as np

from cfgui.core.document import Document
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors


def made_document(n_users: int, n_movies: int, n_ratings: int, *, n_factors: int = 3, seed: int = 1) -> Document:
    """A table whose first users and movies have the most ratings; ids count up in tens, titles say their number."""
    rng = np.random.default_rng(seed)
    share = rng.random((2, 3 * n_ratings)) ** 2
    keys = np.unique((share[0] * n_users).astype(np.int64) * n_movies + (share[1] * n_movies).astype(np.int64))
    keys = np.sort(rng.permutation(keys)[:n_ratings])
    users, movies = np.divmod(keys, n_movies)
    movie_ids = tuple(str(10 * number) for number in range(1, n_movies + 1))
    ratings = Ratings(
        tuple(str(10 * number) for number in range(1, n_users + 1)),
        movie_ids,
        users.astype(np.int32),
        movies.astype(np.int32),
        rng.integers(1, 11, len(keys)) / 2,
        {id_: f"Tale number {id_}" for id_ in movie_ids},
    )
    factors = {
        name: random_factors(n_users, n_movies, n_factors, bias=name == "bias", seed=3) for name in ("dot", "bias")
    }
    return Document(ratings, factors, report=ImportReport("made.csv", "made"))

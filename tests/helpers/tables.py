"""Random tables of ratings, quickly."""

from __future__ import annotations

import numpy as np

from cfgui.core.ratings import Ratings


def random_table(n_users: int, n_movies: int, n_ratings: int, seed: int = 0, dtype: type = np.float64) -> Ratings:
    """Half stars for ``n_ratings`` different cells, sorted by user and movie."""
    rng = np.random.default_rng(seed)
    cells = np.sort(rng.choice(n_users * n_movies, n_ratings, replace=False))
    users, movies = np.divmod(cells, n_movies)
    values = (rng.integers(1, 11, n_ratings) / 2.0).astype(dtype)
    ids = tuple(map(str, range(n_users))), tuple(map(str, range(n_movies)))
    return Ratings(*ids, users.astype(np.int32), movies.astype(np.int32), values)

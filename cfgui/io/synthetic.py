"""Synthetic tables of ratings with MovieLens' shape: long tails, a planted low-rank structure, half-star ratings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from cfgui.core.ratings import Floats, Ratings
from cfgui.io.atomic import atomic_write
from cfgui.io.child import Cancelled as WorkCancelled
from cfgui.io.synthetic_pairs import movies_of_users, movies_to_cover, ratings_per_user
from cfgui.io.table_options import Cancelled, Progress, Report, never, no_report

RANK = 8
"""Latent factors planted in the ratings."""

_MEAN = 3.53
_USER_SPREAD, _MOVIE_SPREAD, _FACTOR_SPREAD, _NOISE = 0.4, 0.45, 0.33, 0.75
_CHUNK = 500_000
_EXACT_ABOVE = 1_000_000
_FIRST_TIME, _LAST_TIME = 789_652_009, 1_574_327_703  # the years of MovieLens 25M, in seconds since 1970


def synthetic_ratings(
    n_users: int,
    n_movies: int,
    n_ratings: int,
    seed: int,
    *,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> Ratings:
    """Exactly ``n_ratings`` half-star ratings from 0.5 to 5; the same seed gives the same ratings.

    Every user and every movie has at least one rating and no pair occurs twice. The counts by user and by movie have
    long tails; a rating is a mean, a bias of the user and of the movie, a product of ``RANK`` factors and noise. User
    ids are "1", "2", ...; movie ids ascend with gaps. Values are float32 above a million ratings, as ``read_long``
    gives them. Progress counts ratings. Raises ValueError when the numbers cannot go together, and Cancelled.
    """
    _check(n_users, n_movies, n_ratings)
    rng = np.random.default_rng(seed)
    counts = ratings_per_user(n_users, n_movies, n_ratings, rng)
    planted = movies_to_cover(counts, n_movies, rng)
    taste = _Taste(n_users, n_movies, rng)
    users = np.empty(n_ratings, dtype=np.int32)
    movies = np.empty(n_ratings, dtype=np.int32)
    values = np.empty(n_ratings, dtype=np.float32 if n_ratings > _EXACT_ABOVE else np.float64)
    done = 0
    for chunk_users, chunk_movies in movies_of_users(counts, planted, n_movies, rng):
        if cancelled():
            raise WorkCancelled
        part = slice(done, done + len(chunk_users))
        users[part], movies[part] = chunk_users, chunk_movies
        values[part] = taste.ratings(chunk_users, chunk_movies, rng)
        done = part.stop
        report(Progress(done, n_ratings, done))
    user_ids = tuple(map(str, range(1, n_users + 1)))
    movie_ids = tuple(map(str, np.cumsum(rng.integers(1, 7, n_movies)).tolist()))
    return Ratings(user_ids, movie_ids, users, movies, cast(Floats, values))


def write_synthetic(
    path: Path,
    n_users: int,
    n_movies: int,
    n_ratings: int,
    seed: int,
    *,
    report: Report = no_report,
    cancelled: Cancelled = never,
) -> Ratings:
    """Write ``synthetic_ratings`` as a table with the columns userId, movieId, rating, timestamp; returns them.

    The name decides how: ".csv", ".csv.gz" or ".parquet". Progress counts each rating twice: made, and written.
    Raises ValueError for another name or impossible numbers, SaveError, and Cancelled; the file is whole or untouched.
    """
    if not path.name.lower().endswith((".csv", ".csv.gz", ".parquet")):
        raise ValueError(f"{path.name}: a synthetic table is written as .csv, .csv.gz or .parquet; choose such a name.")
    ratings = synthetic_ratings(
        n_users,
        n_movies,
        n_ratings,
        seed,
        report=lambda made: report(Progress(made.done, 2 * n_ratings, made.n_rows)),
        cancelled=cancelled,
    )
    with atomic_write(path) as part:
        _write(path.name.lower(), part, ratings, seed, report, cancelled)
    return ratings


class _Taste:
    """What the planted structure says about a user and a movie."""

    def __init__(self, n_users: int, n_movies: int, rng: np.random.Generator) -> None:
        self.user_bias = rng.normal(0.0, _USER_SPREAD, n_users).astype(np.float32)
        self.movie_bias = rng.normal(0.0, _MOVIE_SPREAD, n_movies).astype(np.float32)
        # A product of RANK factors of this spread each varies by about 0.3 of a star.
        self.user_factors = rng.normal(0.0, _FACTOR_SPREAD, (n_users, RANK)).astype(np.float32)
        self.movie_factors = rng.normal(0.0, _FACTOR_SPREAD, (n_movies, RANK)).astype(np.float32)

    def ratings(
        self, users: NDArray[np.int32], movies: NDArray[np.int32], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """Noisy ratings of these pairs, rounded to half stars."""
        stars = np.einsum("ij,ij->i", self.user_factors[users], self.movie_factors[movies])
        stars += self.user_bias[users] + self.movie_bias[movies] + np.float32(_MEAN)
        stars += rng.standard_normal(len(users), dtype=np.float32) * np.float32(_NOISE)
        rounded: NDArray[np.float32] = np.clip(np.round(stars * 2) / 2, np.float32(0.5), np.float32(5.0))
        return rounded


def _check(n_users: int, n_movies: int, n_ratings: int) -> None:
    if min(n_users, n_movies, n_ratings) < 1:
        raise ValueError("A synthetic table needs at least one user, one movie and one rating.")
    if max(n_users, n_movies) > 5_000_000 or n_ratings > 1_000_000_000:
        raise ValueError("A synthetic table has at most 5,000,000 users and movies and 1,000,000,000 ratings.")
    if n_ratings < max(n_users, n_movies):
        raise ValueError(
            f"{n_ratings:,} ratings are too few for {n_users:,} users and {n_movies:,} movies with at least one each;"
            f" ask for {max(n_users, n_movies):,} or more."
        )
    if n_ratings > n_users * n_movies:
        raise ValueError(
            f"{n_users:,} users and {n_movies:,} movies have room for {n_users * n_movies:,} ratings,"
            f" not for {n_ratings:,}; ask for fewer."
        )


def _write(name: str, part: Path, ratings: Ratings, seed: int, report: Report, cancelled: Cancelled) -> None:
    import pyarrow as pa
    from pyarrow import csv, parquet

    texts = name.endswith((".csv", ".csv.gz"))
    types = {"userId": pa.int64(), "movieId": pa.int64(), "rating": pa.float64(), "timestamp": pa.int64()}
    schema = pa.schema(types | ({"rating": pa.string()} if texts else {}))
    if not texts:
        with parquet.ParquetWriter(part, schema) as writer:
            for batch in _batches(ratings, seed, schema, report, cancelled):
                writer.write_batch(batch)
        return
    # "none": pyarrow would put every text in quotes, and the ratings are texts so that 3 reads 3.0 as in MovieLens.
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    with pa.output_stream(str(part), compression="gzip" if name.endswith(".gz") else None) as stream:
        stream.write((",".join(types) + "\n").encode())
        with csv.CSVWriter(stream, schema, write_options=options) as writer:
            for batch in _batches(ratings, seed, schema, report, cancelled):
                writer.write_batch(batch)


def _batches(ratings: Ratings, seed: int, schema: object, report: Report, cancelled: Cancelled) -> Iterator[object]:
    """The table as pyarrow record batches of ``schema``."""
    import pyarrow as pa

    rng = np.random.default_rng([seed, 1])
    joined = rng.integers(_FIRST_TIME, _LAST_TIME, ratings.n_users)
    movie_ids = np.array(ratings.movie_ids).astype(np.int64)
    labels = np.array([f"{half / 2:.1f}" for half in range(11)], dtype=object)
    for start in range(0, ratings.n_ratings, _CHUNK // 4):
        if cancelled():
            raise WorkCancelled
        part = slice(start, start + _CHUNK // 4)
        users, values = ratings.users[part], ratings.values[part]
        times = joined[users] + rng.integers(0, 10_000_000, len(users))
        texts = pa.array(labels).take(pa.array((values * 2).astype(np.int8)))
        columns = [users.astype(np.int64) + 1, movie_ids[ratings.movies[part]], values.astype(np.float64), times]
        arrays = [pa.array(column) for column in columns]
        if schema.field("rating").type == pa.string():  # type: ignore[attr-defined]
            arrays[2] = texts
        yield pa.record_batch(arrays, schema=schema)
        report(Progress(ratings.n_ratings + start + len(users), 2 * ratings.n_ratings, ratings.n_ratings))

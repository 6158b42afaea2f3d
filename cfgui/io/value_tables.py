"""What an export of values holds, as tables of typed columns that come a few rows at a time.

One description for every format: the writers of CSV, Parquet and workbooks know nothing of factors or ratings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.recommend import NO_MOVIE
from cfgui.core.recommend_lists import ListTally, lists_in_chunks
from cfgui.io.value_arrays import id_array, number_array, taken, text_array, whole_array

if TYPE_CHECKING:
    import pyarrow as pa

Advance = Callable[[int], None]
"""Told of every few rows that were made; may raise to end the work."""

BATCH_CELLS = 200_000
"""Cells of a batch: some 20 ms of work, so that progress moves and Cancel is heard."""

RATINGS_A_LOOK = 1 << 20
"""Ratings counted in one go: numpy holds Python's lock meanwhile, 5 ms."""


@dataclass(frozen=True)
class ValueTable:
    """A table to write: ``n_rows`` rows at most of ``schema`` (a pyarrow Schema), made by ``batches``.

    ``n_steps`` is what the numbers told to ``batches(advance)`` add up to. Columns are text (string), whole numbers
    (int64) or numbers (double), with null where there is nothing to say and where a number is not finite.
    """

    name: str
    schema: pa.Schema
    n_rows: int
    n_steps: int
    batches: Callable[[Advance], Iterator[pa.RecordBatch]]


def user_table(ratings: Ratings, factors: Factors, users: Indices | None = None) -> ValueTable:
    """id, n_ratings, mean_rating, bias (where the model has one) and factor_1, factor_2, … of users in this order.

    Counts and means are of all the ratings of a user, also where only some users are asked for. What is known of users
    besides their ratings follows the id as ``facts``, where anything is.
    """
    labels = {"id": id_array(ratings.user_ids)}
    if ratings.user_facts:
        labels["facts"] = _text_by_id(ratings.user_facts, ratings.user_ids)
    return _factor_table("users", labels, ratings, factors.user_factors, factors.user_bias, users)


def movie_table(ratings: Ratings, factors: Factors, movies: Indices | None = None) -> ValueTable:
    """As ``user_table`` for movies, with title and genres after the id, null where they are not known."""
    labels = {
        "id": id_array(ratings.movie_ids),
        "title": _text_by_id(ratings.titles, ratings.movie_ids),
        "genres": _text_by_id(ratings.genres, ratings.movie_ids),
    }
    return _factor_table("movies", labels, ratings, factors.movie_factors, factors.movie_bias, movies)


def recommendation_table(
    ratings: Ratings,
    factors: Factors,
    n: int,
    users: Indices | None = None,
    *,
    candidates: Mask | None = None,
    diversity: float = 0.0,
    tally: ListTally | None = None,
) -> ValueTable:
    """user, rank (from 1), movie, title, prediction: the ``n`` best unseen movies of users, in this order.

    ``candidates`` and ``diversity`` as in ``recommend_lists``; ``tally`` counts what is recommended.
    """
    import pyarrow as pa

    chosen = np.arange(ratings.n_users, dtype=np.int32) if users is None else users
    user_ids, movie_ids = id_array(ratings.user_ids), id_array(ratings.movie_ids)
    titles = _text_by_id(ratings.titles, ratings.movie_ids)
    n_unseen = ratings.n_movies - ratings.user_counts if candidates is None else _n_unseen(ratings, candidates)
    n = min(n, max(ratings.n_movies, 1))
    schema = pa.schema(
        {
            "user": user_ids.type,
            "rank": pa.int64(),
            "movie": movie_ids.type,
            "title": pa.string(),
            "prediction": pa.float64(),
        }
    )

    def batches(advance: Advance) -> Iterator[pa.RecordBatch]:
        for part in lists_in_chunks(factors, ratings, chosen, n, candidates, diversity):
            if tally is not None:
                tally.add(part)
            rows, ranks = np.nonzero(part.movies != NO_MOVIE)
            movies = part.movies[rows, ranks]
            columns = [
                taken(user_ids, chosen[part.start + rows]),
                whole_array(ranks + 1),
                taken(movie_ids, movies),
                taken(titles, movies),
                number_array(part.predictions[rows, ranks]),
            ]
            yield pa.record_batch(columns, schema=schema)
            advance(len(part.movies))

    n_rows = int(np.minimum(n_unseen[chosen], n).sum())
    return ValueTable("recommendations", schema, n_rows, len(chosen), batches)


def _n_unseen(ratings: Ratings, candidates: Mask) -> NDArray[np.int64]:
    """(n_users,) movies among the candidates that each has not rated."""
    seen = np.zeros(ratings.n_users, dtype=np.int64)
    for part in _slices(ratings.n_ratings, RATINGS_A_LOOK):
        seen += np.bincount(ratings.users[part][candidates[ratings.movies[part]]], minlength=ratings.n_users)
    return int(candidates.sum()) - seen


def rating_table(ratings: Ratings, users: Indices | None = None, movies: Indices | None = None) -> ValueTable:
    """userId, movieId, rating, one line a rating as MovieLens has it; those of ``users`` and ``movies`` only."""
    import pyarrow as pa

    user_ids, movie_ids = id_array(ratings.user_ids), id_array(ratings.movie_ids)
    schema = pa.schema({"userId": user_ids.type, "movieId": movie_ids.type, "rating": pa.float64()})
    of_users, of_movies = _chosen(users, ratings.n_users), _chosen(movies, ratings.n_movies)

    def batches(advance: Advance) -> Iterator[pa.RecordBatch]:
        for rows in _slices(ratings.n_ratings, BATCH_CELLS // 3):
            user, movie, values = ratings.users[rows], ratings.movies[rows], ratings.values[rows]
            if of_users is not None or of_movies is not None:
                kept = np.ones(len(user), dtype=np.bool_)
                kept &= True if of_users is None else of_users[user]
                kept &= True if of_movies is None else of_movies[movie]
                user, movie, values = user[kept], movie[kept], values[kept]
            columns = [taken(user_ids, user), taken(movie_ids, movie), number_array(values)]
            yield pa.record_batch(columns, schema=schema)
            advance(rows.stop - rows.start)

    return ValueTable("ratings", schema, ratings.n_ratings, ratings.n_ratings, batches)


def _factor_table(
    name: str,
    labels: Mapping[str, pa.Array],
    ratings: Ratings,
    weights: Floats,
    bias: Floats | None,
    chosen: Indices | None,
) -> ValueTable:
    import pyarrow as pa

    kinds = {column: array.type for column, array in labels.items()}
    kinds |= {"n_ratings": pa.int64(), "mean_rating": pa.float64()} | ({} if bias is None else {"bias": pa.float64()})
    schema = pa.schema(kinds | {f"factor_{factor + 1}": pa.float64() for factor in range(weights.shape[1])})
    order = np.arange(len(weights), dtype=np.int32) if chosen is None else chosen

    def batches(advance: Advance) -> Iterator[pa.RecordBatch]:
        rows = ratings.users if name == "users" else ratings.movies
        counts, means = counts_and_means(rows, ratings.values, len(weights), advance)
        for part in _slices(len(order), BATCH_CELLS // len(schema)):
            indices = order[part]
            arrays = [taken(array, indices) for array in labels.values()]
            arrays += [whole_array(counts[indices]), number_array(means[indices])]
            numbers = weights[indices].T if bias is None else np.vstack([bias[indices], weights[indices].T])
            yield pa.record_batch([*arrays, *map(number_array, np.ascontiguousarray(numbers))], schema=schema)
            advance(len(indices))

    return ValueTable(name, schema, len(order), len(order), batches)


def counts_and_means(
    rows: Indices, values: Floats, n: int, advance: Advance = lambda _rows: None
) -> tuple[NDArray[np.int64], Floats]:
    """How often each of ``n`` indices occurs in ``rows``, and the mean of its values, NaN where there are none.

    ``advance`` is told 0 now and then.
    """
    counts, sums = np.zeros(n, dtype=np.int64), np.zeros(n)
    for part in _slices(len(rows), RATINGS_A_LOOK):
        advance(0)
        counts += np.bincount(rows[part], minlength=n)
        sums += np.bincount(rows[part], weights=values[part], minlength=n)
    return counts, np.divide(sums, counts, out=np.full(n, np.nan), where=counts > 0)


def _text_by_id(texts: Mapping[str, str], ids: Sequence[str]) -> pa.Array:
    return text_array([texts.get(raw_id) or None for raw_id in ids])


def _chosen(indices: Indices | None, n: int) -> Mask | None:
    if indices is None:
        return None
    mask = np.zeros(n, dtype=np.bool_)
    mask[indices] = True
    return mask


def _slices(n: int, size: int) -> Iterator[slice]:
    for start in range(0, n, max(size, 1)):
        yield slice(start, min(start + max(size, 1), n))

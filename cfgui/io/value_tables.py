"""What an export of values holds, as tables of typed columns that come a few rows at a time.

One description for every format: the writers of CSV, Parquet and workbooks know nothing of factors or ratings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices, Mask, Ratings
from cfgui.core.recommend import NO_MOVIE, recommend_in_chunks
from cfgui.io.cell_text import MAX_EXACT_INTEGER, writable

if TYPE_CHECKING:
    import pyarrow as pa

Advance = Callable[[int], None]
"""Told of every few rows that were made; may raise to end the work."""

BATCH_CELLS = 200_000
"""Cells of a batch: some 20 ms of work, so that progress moves and Cancel is heard."""

RATINGS_A_LOOK = 1 << 20
"""Ratings counted in one go: numpy holds Python's lock meanwhile, 5 ms."""

_CANONICAL = r"^(0|-?[1-9][0-9]{0,15})$"
"""Whole numbers that come back as the same text."""


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

    The facts about ratings are about all the ratings of a user, also where only some users are asked for.
    """
    labels = {"id": id_array(ratings.user_ids)}
    return _factor_table("users", labels, ratings, factors.user_factors, factors.user_bias, users)


def movie_table(ratings: Ratings, factors: Factors, movies: Indices | None = None) -> ValueTable:
    """As ``user_table`` for movies, with title and genres after the id, null where they are not known."""
    labels = {
        "id": id_array(ratings.movie_ids),
        "title": _text_by_id(ratings.titles, ratings.movie_ids),
        "genres": _text_by_id(ratings.genres, ratings.movie_ids),
    }
    return _factor_table("movies", labels, ratings, factors.movie_factors, factors.movie_bias, movies)


def recommendation_table(ratings: Ratings, factors: Factors, n: int, users: Indices | None = None) -> ValueTable:
    """user, rank (from 1), movie, title, prediction: the ``n`` best unseen movies of users, in this order."""
    import pyarrow as pa

    chosen = np.arange(ratings.n_users, dtype=np.int32) if users is None else users
    user_ids, movie_ids = id_array(ratings.user_ids), id_array(ratings.movie_ids)
    titles = _text_by_id(ratings.titles, ratings.movie_ids)
    n_unseen = ratings.n_movies - np.diff(ratings.user_starts)[chosen]
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
        for part in recommend_in_chunks(factors, ratings, chosen, n):
            rows, ranks = np.nonzero(part.movies != NO_MOVIE)
            movies = pa.array(part.movies[rows, ranks])
            columns = [
                user_ids.take(pa.array(chosen[part.start + rows])),
                whole_array(ranks + 1),
                movie_ids.take(movies),
                titles.take(movies),
                number_array(part.predictions[rows, ranks]),
            ]
            yield pa.record_batch(columns, schema=schema)
            advance(len(part.movies))

    n_rows = int(np.minimum(n_unseen, n).sum())
    return ValueTable("recommendations", schema, n_rows, len(chosen), batches)


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
            columns = [user_ids.take(pa.array(user)), movie_ids.take(pa.array(movie)), number_array(values)]
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
            arrays = [array.take(pa.array(indices)) for array in labels.values()]
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


def id_array(ids: Sequence[str]) -> pa.Array:
    """Ids as int64 where every one is a whole number up to 2**53 that comes back as the same text, else text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = text_array(ids)
    if len(texts) and pc.all(pc.match_substring_regex(texts, _CANONICAL)).as_py():
        numbers = texts.cast(pa.int64())
        if pc.max(pc.abs(numbers)).as_py() <= MAX_EXACT_INTEGER:
            return numbers
    return texts


def text_array(texts: Sequence[str | None]) -> pa.Array:
    """Text without the characters that files cannot hold (``cell_text.writable``); None stays null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        array = pa.array(texts, pa.string())
    except UnicodeEncodeError:  # a lone surrogate
        array = pa.array([None if text is None else writable(text) for text in texts], pa.string())
    return pc.replace_substring_regex(array, "[\\x00-\\x08\\x0b-\\x1f\\x7f\\x{fffe}\\x{ffff}]", "")


def number_array(numbers: NDArray[Any]) -> pa.Array:
    """Numbers as double, null where they are not finite."""
    import pyarrow as pa

    wide = numbers.astype(np.float64, copy=False)
    return pa.array(wide, pa.float64(), mask=~np.isfinite(wide))


def whole_array(numbers: NDArray[Any]) -> pa.Array:
    """Whole numbers as int64."""
    import pyarrow as pa

    return pa.array(numbers.astype(np.int64, copy=False), pa.int64())


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

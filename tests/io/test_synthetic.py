"""Synthetic tables: exact counts, a planted structure, and impossible wishes."""

import numpy as np
import pytest

from cfgui.io.child import Cancelled
from cfgui.io.long_table import read_long
from cfgui.io.synthetic import synthetic_ratings, write_synthetic
from cfgui.io.table_options import TableOptions
from tests.io.long_tables import triples


@pytest.mark.parametrize(
    ("n_users", "n_movies", "n_ratings"),
    [(1, 1, 1), (5, 3, 15), (100, 300, 300), (300, 100, 300), (50, 40, 1999), (700, 900, 20_000), (2, 1000, 1500)],
)
def test_counts_are_exact(n_users, n_movies, n_ratings):
    ratings = synthetic_ratings(n_users, n_movies, n_ratings, 7)
    assert (ratings.n_users, ratings.n_movies, ratings.n_ratings) == (n_users, n_movies, n_ratings)
    assert ratings.user_counts.min() >= 1
    assert ratings.movie_counts.min() >= 1
    keys = ratings.users.astype(np.int64) * n_movies + ratings.movies
    assert (np.diff(keys) > 0).all()
    assert len(set(ratings.movie_ids)) == n_movies
    assert set(np.unique(ratings.values * 2)) <= set(range(1, 11))


def test_the_seed_decides():
    one, same, other = (synthetic_ratings(50, 60, 900, seed) for seed in (1, 1, 2))
    assert triples(one) == triples(same)
    assert triples(one) != triples(other)


def test_counts_have_long_tails():
    ratings = synthetic_ratings(2_000, 1_000, 100_000, 3)
    for counts in (ratings.user_counts, ratings.movie_counts):
        assert counts.max() > 5 * counts.mean()
        assert np.median(counts) < 0.8 * counts.mean()
    assert 3.3 < ratings.values.mean() < 3.7


def test_biases_and_factors_are_planted():
    ratings = synthetic_ratings(600, 500, 240_000, 3)
    residual = ratings.values - ratings.values.mean()
    by_user = (np.bincount(ratings.users, residual) / ratings.user_counts)[ratings.users]
    by_movie = (np.bincount(ratings.movies, residual) / ratings.movie_counts)[ratings.movies]
    rest = residual - by_user - by_movie
    assert rest.var() < 0.75 * residual.var()
    # What is left has eight directions stronger than any in the same numbers in another order.
    tables = np.zeros((2, 600, 500))
    tables[:, ratings.users, ratings.movies] = rest, np.random.default_rng(0).permutation(rest)
    strengths, chance = np.linalg.svd(tables, compute_uv=False)
    assert strengths[7] > 1.1 * chance[0]
    assert strengths[8] < 1.05 * chance[0]


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((0, 1, 1), "at least one user, one movie and one rating"),
        ((3, 9, 8), "8 ratings are too few for 3 users and 9 movies .* ask for 9 or more"),
        ((3, 9, 28), "have room for 27 ratings, not for 28"),
        ((10**7, 1, 10**7), "at most 5,000,000 users"),
    ],
)
def test_impossible_wishes_are_a_sentence(numbers, sentence):
    with pytest.raises(ValueError, match=sentence):
        synthetic_ratings(*numbers, 1)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_what_is_written_is_read_back(tmp_path, name):
    path = tmp_path / name
    seen = []
    written = write_synthetic(path, 40, 90, 1234, 5, report=seen.append)
    kind = "parquet" if name.endswith("parquet") else "text"
    found, report = read_long(path, TableOptions(kind=kind, gzipped=name.endswith("gz")))
    assert triples(found) == triples(written)
    assert (report.n_rows, report.n_rejected, report.n_duplicates) == (1234, 0, 0)
    assert found.user_ids == written.user_ids
    assert (seen[-1].done, seen[-1].total) == (2468, 2468)
    if name == "t.csv":
        lines = path.read_text().splitlines()
        assert lines[0] == "userId,movieId,rating,timestamp"
        user, movie, rating, time = lines[1].split(",")
        assert (user, movie, float(rating)) == ("1", written.movie_ids[written.movies[0]], written.values[0])
        assert rating[1:] in {".0", ".5"}
        assert 789_652_009 <= int(time) < 1_600_000_000


def test_another_name_and_cancel_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"t\.xlsx: a synthetic table is written as"):
        write_synthetic(tmp_path / "t.xlsx", 4, 4, 9, 1)
    with pytest.raises(Cancelled):
        write_synthetic(tmp_path / "t.csv", 4, 4, 9, 1, cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == []

"""Errors and ranking figures: by hand, and against loops over everything."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cfgui.core import metrics, models, ranking_metrics
from cfgui.core.baselines import most_popular, movie_mean
from cfgui.core.chunks import Interrupted
from cfgui.core.factors import Factors
from cfgui.core.metrics import errors_by, errors_of, residuals_of
from cfgui.core.ranking_metrics import default_threshold, ranking
from cfgui.core.ratings import Ratings
from cfgui.core.split import Split, random_split
from cfgui.core.starts import random_factors
from tests.helpers.tables import random_table


def test_errors_by_hand() -> None:
    found = errors_of(np.array([1.0, -2.0, 0.0, 0.5]))
    assert (found.n, found.mse, found.rmse, found.mae) == (4, 5.25 / 4, math.sqrt(5.25 / 4), 3.5 / 4)
    assert errors_of(np.zeros(0)).n == 0
    assert math.isnan(errors_of(np.zeros(0)).rmse)


def test_errors_are_summed_in_float64() -> None:
    residuals = np.full(3_000_000, 0.1, dtype=np.float32)
    assert errors_of(residuals).mae == pytest.approx(float(np.float32(0.1)), rel=1e-12)


def test_errors_by_user_and_movie_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(0)
    indices, residuals = rng.integers(0, 9, 200).astype(np.int32), rng.normal(size=200)
    indices[indices == 4] = 5
    found = errors_by(indices, residuals, 10)
    for row in range(10):
        own = residuals[indices == row]
        assert found.counts[row] == len(own)
        alone = errors_of(own)
        for figure, expected in ((found.mse, alone.mse), (found.rmse, alone.rmse), (found.mae, alone.mae)):
            assert figure[row] == pytest.approx(expected, rel=1e-12, nan_ok=True)
        assert found.mean[row] == pytest.approx(own.mean() if len(own) else math.nan, nan_ok=True)
    assert np.isnan(found.mse[[4, 9]]).all()


def test_residuals_in_pieces_are_the_sheets(ratings: Ratings, dot: Factors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "PIECE", 50)
    residuals = residuals_of(ratings, lambda users, movies: models.predict(dot, users, movies))
    assert np.array_equal(residuals, ratings.values - models.predict(dot, ratings.users, ratings.movies))
    assert errors_of(residuals).rmse == pytest.approx(2.8060620616483134, abs=1e-13)


def split_of(train: np.ndarray, held_out: np.ndarray) -> Split:
    """A split from two dense tables with 0 where unrated."""
    names = [str(i) for i in range(max(train.shape))]
    ids = names[: len(train)], names[: train.shape[1]]
    return Split(*(Ratings.from_crosstab(*ids, table, table > 0) for table in (train, held_out)))


def test_ranking_by_hand() -> None:
    """Five movies, the last one without a training rating, so never ranked; predictions fall from left to right.

    User 0 rated movie 0 in training: gets 1, 2. Held out: 2 relevant (rank 2), 3 relevant (missed).
    User 1 rated movie 1: gets 0, 2. Held out: 0 relevant (rank 1), 3 with 3 stars, not relevant.
    User 2 rated 2 and 3: gets 0, 1. Held out: 4, which nobody can recommend, with 3 stars: no relevant one.
    """
    train = np.array([[5, 0, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 3, 5, 0]], dtype=float)
    held_out = np.array([[0, 0, 4, 5, 0], [4, 0, 0, 3, 0], [0, 0, 0, 0, 3]], dtype=float)
    found = ranking(split_of(train, held_out), lambda users, movies: np.tile(-1.0 * movies, (len(users), 1)), 2)
    assert (found.n, found.threshold, found.n_users, found.n_relevant_users) == (2, 4.0, 3, 2)
    assert found.precision == (1 / 2 + 1 / 2) / 2
    assert found.recall == (1 / 2 + 1) / 2
    second = 1 / math.log2(3)
    assert found.ndcg == pytest.approx((second / (1 + second) + 1) / 2, rel=1e-15)
    assert found.coverage == 3 / 4
    assert found.popularity_share == 2 / 6  # the most popular tenth of four movies is one: movie 0, of equals the first


def naive_ranking(split: Split, predict: object, n: int, threshold: float) -> tuple[float, ...]:
    """The definitions, one user and one movie after another."""
    train, held_out = split.train, split.held_out
    known = [movie for movie in range(train.n_movies) if (train.movies == movie).any()]
    by_count = sorted(known, key=lambda movie: (-(train.movies == movie).sum(), movie))
    popular = set(by_count[: math.ceil(len(known) / 10)])
    precisions, recalls, ndcgs, given = [], [], [], []
    for user in range(train.n_users):
        own = held_out.users == user
        if not own.any():
            continue
        seen = set(train.movies[train.users == user].tolist())
        scores = {movie: predict(user, movie) for movie in known if movie not in seen}
        top = sorted(scores, key=lambda movie: (-scores[movie], movie))[:n]
        given += top
        relevant = set(held_out.movies[own & (held_out.values >= threshold)].tolist())
        if relevant:
            hits = [movie in relevant for movie in top]
            precisions.append(sum(hits) / n)
            recalls.append(sum(hits) / len(relevant))
            gain = sum(hit / math.log2(rank + 2) for rank, hit in enumerate(hits))
            ndcgs.append(gain / sum(1 / math.log2(rank + 2) for rank in range(min(n, len(relevant)))))
    shares = len(set(given)) / len(known), sum(movie in popular for movie in given) / len(given)
    return np.mean(precisions), np.mean(recalls), np.mean(ndcgs), *shares


@pytest.mark.parametrize(("n", "threshold", "bend"), [(1, 4.0, False), (5, 3.0, True), (40, 4.5, False)])
def test_ranking_is_that_of_a_full_sort(n: int, threshold: float, bend: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where predictions are rounded, so that many are equal, and where there are fewer movies than asked for."""
    monkeypatch.setattr(ranking_metrics, "BLOCK_CELLS", 90)
    split = random_split(random_table(25, 34, 330, seed=5), 0.3, 1)
    factors = random_factors(25, 34, 3, bias=True, seed=2)

    def block(users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        table = models.predict_block(factors, users, movies)
        return table.round(0) if bend else table

    table = block(np.arange(25, dtype=np.int32), np.arange(34, dtype=np.int32))
    found = ranking(split, block, n, threshold)
    figures = found.precision, found.recall, found.ndcg, found.coverage, found.popularity_share
    assert figures == pytest.approx(
        naive_ranking(split, lambda user, movie: table[user, movie], n, threshold), rel=1e-12
    )


def test_ranking_draws_users_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    split = random_split(random_table(60, 20, 600), 0.5, 0)
    monkeypatch.setattr(ranking_metrics, "MAX_USERS", 20)
    asked: list[int] = []

    def block(users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        asked.extend(users.tolist())
        return np.zeros((len(users), len(movies)))

    assert ranking(split, block, 3, seed=4).n_users == 20
    first = list(asked)
    assert len(set(first)) == 20
    asked.clear()
    ranking(split, block, 3, seed=4)
    assert asked == first


def test_ranking_may_be_stopped_and_wants_a_count() -> None:
    split = random_split(random_table(6, 8, 30), 0.5, 0)
    with pytest.raises(Interrupted):
        ranking(split, lambda users, movies: np.zeros((len(users), len(movies))), stop=lambda: True)
    with pytest.raises(ValueError, match="At least one"):
        ranking(split, lambda users, movies: np.zeros((len(users), len(movies))), 0)


def test_nobody_with_a_relevant_rating_is_no_number() -> None:
    split = split_of(np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]))
    found = ranking(split, lambda users, movies: np.zeros((len(users), len(movies))))
    assert math.isnan(found.precision)
    assert math.isnan(found.popularity_share)
    assert default_threshold(split.train) == 1.6


def test_what_is_no_number_is_recommended_last() -> None:
    split = split_of(np.array([[5.0, 0, 0, 0], [0, 5, 5, 5.0]]), np.array([[0, 4.0, 0, 0], [0, 0, 0, 0]]))
    found = ranking(split, lambda users, movies: np.array([[0.0, np.nan, -1.0, -2.0]] * len(users)), 3, 4.0)
    assert found.ndcg == pytest.approx(1 / math.log2(4))


@pytest.mark.parametrize("seed", [1, 2])
def test_most_popular_and_item_mean_as_rankings(seed: int) -> None:
    """Against loops over counts and sums: everybody gets the same order, less what he or she has rated."""
    split = random_split(random_table(30, 40, 400, seed=seed), 0.3, seed)
    train = split.train
    rated = [train.values[train.movies == movie] for movie in range(train.n_movies)]
    counts = [len(values) for values in rated]
    means = [float(values.mean()) if len(values) else 0.0 for values in rated]
    for fit, order in ((most_popular, counts), (movie_mean, means)):
        found = ranking(split, fit(train).block, 4, 4.0)
        figures = found.precision, found.recall, found.ndcg, found.coverage, found.popularity_share
        assert figures == pytest.approx(
            naive_ranking(split, lambda _user, movie, order=order: round(order[movie], 9), 4, 4.0), rel=1e-12
        )

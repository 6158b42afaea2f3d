"""Baselines: what each says by hand, the one minimum of the biases, and real figures by plain loops."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from cfgui.core import baselines
from cfgui.core.baselines import BASELINES, DAMPING, bias_only, fitted_baselines, global_mean, movie_mean, user_mean
from cfgui.core.evaluation import HeldOutWatcher
from cfgui.core.metrics import errors_of, residuals_of
from cfgui.core.ratings import Ratings
from cfgui.core.split import Split, random_split
from cfgui.core.starts import random_factors
from tests.helpers.reference import real_ratings
from tests.helpers.tables import random_table


@pytest.fixture
def table() -> Ratings:
    """Users rate 4 and 2; 5; nothing. Movie z is rated by nobody."""
    values = np.array([[4.0, 2.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    return Ratings.from_crosstab("abc", "xyz", values, values > 0.0)


def every_cell(n_users: int, n_movies: int) -> tuple[np.ndarray, np.ndarray]:
    users, movies = np.divmod(np.arange(n_users * n_movies, dtype=np.int32), n_movies)
    return users.astype(np.int32), movies.astype(np.int32)


def test_means_by_hand(table: Ratings) -> None:
    cells = every_cell(3, 3)
    mean = 11.0 / 3.0
    assert global_mean(table)(*cells) == pytest.approx([mean] * 9)
    assert user_mean(table)(*cells) == pytest.approx([3.0] * 3 + [5.0] * 3 + [mean] * 3)
    assert movie_mean(table)(*cells) == pytest.approx([4.5, 2.0, mean] * 3)


def test_biases_only_by_hand() -> None:
    """Two users, one movie, damping 1: mean 3; b_x (2 + 1) = -b_a - b_b and b_a (1 + 1) = 1 - b_x give b_x = 0."""
    ratings = Ratings.from_crosstab("ab", "x", np.array([[4.0], [2.0]]), np.ones((2, 1), dtype=bool))
    found = bias_only(ratings, damping=1.0)
    assert found.user_bias == pytest.approx([0.5, -0.5], abs=1e-12)
    assert found.movie_bias == pytest.approx([0.0], abs=1e-12)
    assert found(*every_cell(2, 1)) == pytest.approx([3.5, 2.5])


@pytest.mark.parametrize("damping", [0.1, DAMPING, 50.0])
def test_biases_only_is_the_minimum_of_least_squares(damping: float) -> None:
    """Against one dense system: each rating a row, and a row sqrt(damping) for every bias."""
    ratings = random_table(12, 9, 60, seed=4)
    n = ratings.n_ratings
    rows = np.zeros((n, 21))
    rows[np.arange(n), ratings.users] = 1.0
    rows[np.arange(n), 12 + ratings.movies] = 1.0
    system = np.vstack([rows, math.sqrt(damping) * np.eye(21)])
    target = np.concatenate([ratings.values - ratings.values.mean(), np.zeros(21)])
    expected = np.linalg.lstsq(system, target, rcond=None)[0]
    found = bias_only(ratings, damping)
    assert np.concatenate([found.user_bias, found.movie_bias]) == pytest.approx(expected, abs=1e-9)


def test_who_has_no_rating_has_no_bias(table: Ratings) -> None:
    found = bias_only(table)
    assert found.user_bias[2] == found.movie_bias[2] == 0.0
    assert found(np.array([2]), np.array([2])) == pytest.approx([11.0 / 3.0])


def test_predictions_stay_on_the_scale_of_the_training_ratings() -> None:
    ratings = random_table(12, 9, 30, seed=2)
    found = bias_only(ratings, damping=0.1)
    users, movies = every_cell(12, 9)
    free = found.mean + found.user_bias[users] + found.movie_bias[movies]
    assert free.max() > 5.0
    assert free.min() < 0.5
    assert found(users, movies) == pytest.approx(np.clip(free, 0.5, 5.0), abs=1e-12)


def test_a_block_holds_the_same_bits(table: Ratings) -> None:
    ratings = random_table(12, 9, 60)
    for baseline in fitted_baselines(ratings):
        block = baseline.block(np.arange(12, dtype=np.int32), np.arange(9, dtype=np.int32))
        assert np.array_equal(block.ravel(), baseline(*every_cell(12, 9)))
    assert [it.ranks for it in fitted_baselines(table)] == [False, False, True, True]
    assert [it.name for it in fitted_baselines(table)] == list(BASELINES)


def test_no_ratings_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="no ratings to learn from"):
        fitted_baselines(random_table(2, 2, 0))


def naive_means(split: Split) -> dict[str, float]:
    """Held-out MSE of the three means by dictionaries of raw ids."""
    train, held_out = split.train, split.held_out
    by_user, by_movie = defaultdict(list), defaultdict(list)
    triples = [
        [(part.user_ids[u], part.movie_ids[m], r) for u, m, r in zip(part.users, part.movies, part.values, strict=True)]
        for part in (train, held_out)
    ]
    for user, movie, rating in triples[0]:
        by_user[user].append(rating)
        by_movie[movie].append(rating)
    mean = math.fsum(rating for *_, rating in triples[0]) / len(triples[0])

    def mse(predict: object) -> float:
        return math.fsum((rating - predict(user, movie)) ** 2 for user, movie, rating in triples[1]) / len(triples[1])

    def mean_of(found: list[float]) -> float:
        return math.fsum(found) / len(found) if found else mean

    return {
        "global mean": mse(lambda _user, _movie: mean),
        "user mean": mse(lambda user, _movie: mean_of(by_user.get(user, []))),
        "item mean": mse(lambda _user, movie: mean_of(by_movie.get(movie, []))),
    }


def test_real_figures_are_those_of_plain_loops() -> None:
    split = random_split(real_ratings(), 0.2, seed=0)
    assert (split.held_out.n_ratings, int(split.cold.sum())) == (20001, 716)
    found = {it.name: errors_of(residuals_of(split.held_out, it)).mse for it in fitted_baselines(split.train)}
    for name, mse in naive_means(split).items():
        assert found[name] == pytest.approx(mse, rel=1e-9)
    assert found["bias only"] < 0.785 < min(found["user mean"], found["item mean"])


def test_real_biases_are_at_their_minimum() -> None:
    """Each bias is its damped mean residual: the gradient is zero, as in an independent count."""
    train = random_split(real_ratings(), 0.2, seed=0).train
    found = bias_only(train)
    residuals = train.values - found.mean - found.user_bias[train.users] - found.movie_bias[train.movies]
    by_user, by_movie = np.zeros(train.n_users), np.zeros(train.n_movies)
    np.add.at(by_user, train.users, residuals)
    np.add.at(by_movie, train.movies, residuals)
    assert np.abs(by_user - DAMPING * found.user_bias).max() < 1e-8
    assert np.abs(by_movie - DAMPING * found.movie_bias).max() < 1e-8


def test_a_watcher_asks_the_wish_to_stop_it_was_given() -> None:
    split = random_split(random_table(30, 40, 400, seed=3), 0.3, 1)
    watcher, factors = HeldOutWatcher(split), random_factors(30, 40, 2, bias=False)
    other = watcher.asking(lambda: True)
    assert other.fallback is watcher.fallback
    assert other.rmse(factors) == watcher.rmse(factors), "so few ratings are one piece: no wish is asked for"


def test_sums_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    train = random_table(30, 40, 400, seed=3)
    whole = baselines.bias_only(train)
    monkeypatch.setattr(baselines, "SUMMED_AT_ONCE", 64)
    parts = baselines.bias_only(train)
    assert parts.user_bias == pytest.approx(whole.user_bias, abs=1e-12)
    assert parts.movie_bias == pytest.approx(whole.movie_bias, abs=1e-12)

"""A new row from its ratings, against plain formulas, a plain descent, and the sheet's own predictions."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.factors import Factors, Layer
from cfgui.core.fold_in import fold_in
from cfgui.core.prior import NOISE, OWN_ROWS, SMALLEST_SPREAD, UNKNOWN_NOISE, Prior, prior_of, spread_of
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Ratings
from cfgui.core.row_slopes import bend_of, predict_row, with_row

NONE = np.zeros(0, dtype=np.int32)


def model(kind="bias", n_users=40, n_movies=30, k=3, seed=0, rating_range=NO_RANGE):
    rng = np.random.default_rng(seed)
    users, movies = rng.normal(0, 0.6, (n_users, k)), rng.normal(0, 0.6, (n_movies, k))
    if kind in ("neural", "ordinal"):
        classes = (1.0, 2.0, 3.0, 4.0, 5.0) if kind == "ordinal" else ()
        sizes = (2 * k, 6, 4, len(classes) or 1)
        layers = tuple(Layer(rng.normal(0, 0.7, (a, b)), rng.normal(0, 0.3, b)) for a, b in pairwise(sizes))
        return Factors(users, movies, layers=layers, classes=classes, range=rating_range)
    if kind == "dot":
        return Factors(users, movies, range=rating_range)
    biases = rng.normal(0, 0.4, n_users), rng.normal(0, 0.5, n_movies)
    return Factors(users, movies, *biases, global_mean=3.4, range=rating_range)


def ratings_of(factors, seed=1, n=300, noise=0.3):
    rng = np.random.default_rng(seed)
    cells = np.sort(rng.choice(factors.n_users * factors.n_movies, n, replace=False))
    users, movies = (part.astype(np.int32) for part in np.divmod(cells, factors.n_movies))
    values = models.predict(factors, users, movies) + rng.normal(0, noise, n)
    ids = tuple(map(str, range(factors.n_users))), tuple(map(str, range(factors.n_movies)))
    return Ratings(*ids, users, movies, values)


def some_ratings(n, n_partners, seed=5):
    rng = np.random.default_rng(seed)
    return rng.choice(n_partners, n, replace=False).astype(np.int32), rng.uniform(1, 5, n)


def cost(prior, row, partners, values):
    """The objective of the module's first sentences, written plainly."""
    apart = row - prior.mean
    residuals = values - predict_row(prior.factors, prior.side, row, partners)
    return residuals @ residuals / prior.noise + apart @ np.linalg.inv(prior.covariance) @ apart


@pytest.mark.parametrize(("n", "k"), [(1, 3), (3, 3), (4, 3), (5, 3), (20, 3), (10, 80), (30, 70), (30, 29)])
def test_the_weights_are_those_of_the_normal_equations(n, k, monkeypatch):
    if k == 29:
        monkeypatch.setattr("cfgui.core.fold_in.EIGEN", 20)
    factors = model(k=k)
    prior = prior_of(ratings_of(factors), factors, "user")
    movies, values = some_ratings(n, 30)
    folded = fold_in(prior, movies, values)
    features = np.column_stack([factors.movie_factors[movies], np.ones(n)])
    rest = values - factors.movie_bias[movies] - 3.4
    precision = np.linalg.inv(prior.covariance)
    a = features.T @ features / prior.noise + precision
    expected = np.linalg.solve(a, features.T @ rest / prior.noise + precision @ prior.mean)
    np.testing.assert_allclose(folded.weights, expected, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(folded.covariance, np.linalg.inv(a), rtol=1e-8, atol=1e-10)
    assert folded.vector.tolist() == folded.weights[:k].tolist()
    assert folded.bias == folded.weights[k]


def test_the_spread_of_predictions_is_that_of_the_posterior():
    factors = model()
    prior = prior_of(ratings_of(factors), factors, "user")
    folded = fold_in(prior, *some_ratings(7, 30))
    features = np.column_stack([factors.movie_factors, np.ones(30)])
    expected = [math.sqrt(f @ folded.covariance @ f) for f in features]
    np.testing.assert_allclose(folded.sd(), expected, rtol=1e-9)
    some = np.array([3, 8], dtype=np.int32)
    np.testing.assert_array_equal(folded.sd(some), folded.sd()[some])


def test_uncertainty_shrinks_with_every_rating():
    factors = model()
    prior = prior_of(ratings_of(factors), factors, "user")
    movies, values = some_ratings(20, 30)
    spreads = [fold_in(prior, movies[:n], values[:n]).sd() for n in range(21)]
    for before, after in pairwise(spreads):
        assert (after <= before + 1e-12).all()
    assert spreads[20].mean() < 0.6 * spreads[0].mean()


def test_without_ratings_it_is_the_mean_user():
    factors = model()
    ratings = ratings_of(factors)
    folded = fold_in(prior_of(ratings, factors, "user"), NONE, np.zeros(0))
    rated = ratings.user_counts > 0
    np.testing.assert_allclose(folded.vector, factors.user_factors[rated].mean(axis=0))
    assert folded.bias == pytest.approx(factors.user_bias[rated].mean())
    np.testing.assert_array_equal(folded.covariance, folded.prior.covariance)


def test_a_user_without_ratings_is_no_trained_one():
    factors = model()
    whole = ratings_of(factors)
    kept = whole.users > 4
    ratings = Ratings(whole.user_ids, whole.movie_ids, whole.users[kept], whole.movies[kept], whole.values[kept])
    prior = prior_of(ratings, factors, "user")
    assert prior.n_rows == (ratings.user_counts > 0).sum() <= 35
    np.testing.assert_allclose(prior.mean[:3], factors.user_factors[ratings.user_counts > 0].mean(axis=0))
    only = np.arange(40) < 2
    np.testing.assert_allclose(prior_of(ratings, factors, "user", only).mean[:3], factors.user_factors[:2].mean(axis=0))


def test_many_exact_ratings_bring_a_planted_user_back():
    factors = model(n_movies=200)
    planted = np.array([0.5, -0.8, 0.3, 0.2])
    values = predict_row(factors, "user", planted)
    prior = replace(prior_of(ratings_of(factors), factors, "user"), noise=1e-8)
    folded = fold_in(prior, np.arange(200, dtype=np.int32), values)
    np.testing.assert_allclose(folded.weights, planted, atol=1e-6)


def test_a_new_movie_is_the_same_thing_with_the_sides_exchanged():
    factors, ratings = model(), ratings_of(model())
    mirrored = Factors(
        factors.movie_factors, factors.user_factors, factors.movie_bias, factors.user_bias, global_mean=3.4
    )
    order = np.lexsort((ratings.users, ratings.movies))
    turned = Ratings(
        ratings.movie_ids, ratings.user_ids, ratings.movies[order], ratings.users[order], ratings.values[order]
    )
    users, values = some_ratings(6, 40)
    one = fold_in(prior_of(ratings, factors, "movie"), users, values)
    other = fold_in(prior_of(turned, mirrored, "user"), users, values)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-12)
    np.testing.assert_allclose(one.predictions(), other.predictions(), rtol=1e-12)
    assert prior_of(ratings, factors, "movie").mean.tolist() == one.prior.mean.tolist()


@pytest.mark.parametrize("side", ["user", "movie"])
@pytest.mark.parametrize(
    "rating_range", [NO_RANGE, RatingRange("clip", 1, 5), RatingRange("sigmoid", 0, 5.5), RatingRange("tanh", 1, 5)]
)
def test_predictions_are_those_of_the_sheet_bit_for_bit(side, rating_range):
    for kind in ("dot", "bias"):
        factors = model(kind, n_users=700, n_movies=1300, k=7, rating_range=rating_range)
        row = np.random.default_rng(2).normal(0, 0.5, 8 if kind == "bias" else 7)
        n = 1300 if side == "user" else 700
        at, zeros = np.arange(n, dtype=np.int32), np.zeros(n, dtype=np.int32)
        pairs = (zeros, at) if side == "user" else (at, zeros)
        expected = models.predict(with_row(factors, side, row), *pairs)
        np.testing.assert_array_equal(predict_row(factors, side, row), expected)
        some = np.array([5, 2, 640], dtype=np.int32)
        np.testing.assert_array_equal(predict_row(factors, side, row, some), expected[some])


BENT = [
    ("bias", RatingRange("sigmoid", 0, 5.5)),
    ("dot", RatingRange("tanh", 1, 5)),
    ("neural", NO_RANGE),
    ("neural", RatingRange("sigmoid", 0.5, 5.5)),
    ("ordinal", NO_RANGE),
]


@pytest.mark.parametrize("side", ["user", "movie"])
@pytest.mark.parametrize(("kind", "rating_range"), BENT)
def test_slopes_are_those_of_central_differences(kind, rating_range, side):
    factors = model(kind, rating_range=rating_range)
    row = np.random.default_rng(3).normal(0, 0.5, 4 if kind == "bias" else 3)
    partners = np.arange(10, dtype=np.int32)
    bend = bend_of(factors, side, row, partners)
    np.testing.assert_allclose(bend.predictions, predict_row(factors, side, row, partners), rtol=1e-12)
    for place in range(len(row)):
        nudge = np.zeros(len(row))
        nudge[place] = 1e-6
        up, down = (predict_row(factors, side, row + sign * nudge, partners) for sign in (1, -1))
        np.testing.assert_allclose(bend.slopes[:, place], (up - down) / 2e-6, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("kind", "rating_range"), BENT)
def test_where_there_is_no_formula_the_steps_end_at_a_minimum(kind, rating_range):
    factors = model(kind, rating_range=rating_range)
    prior = replace(prior_of(ratings_of(factors), factors, "user"), noise=0.2)
    movies, values = some_ratings(8, 30)
    folded = fold_in(prior, movies, values)
    least = cost(prior, folded.weights, movies, values)
    assert least < cost(prior, prior.mean, movies, values)
    rng = np.random.default_rng(4)
    for size in (1e-1, 1e-2, 1e-3):
        for _ in range(50):
            other = folded.weights + size * prior.root @ rng.normal(size=len(prior.mean))
            # a net has kinks, on one of which the steps may end, a hair beside the minimum
            slack = 1e-4 * least if factors.layers else 0.0
            assert cost(prior, other, movies, values) > least - slack


def test_a_plain_descent_on_the_sigmoid_ends_at_the_same_place():
    factors = model(rating_range=RatingRange("sigmoid", 0, 5.5))
    prior = replace(prior_of(ratings_of(factors), factors, "user"), noise=0.3)
    movies, values = some_ratings(6, 30)
    row, precision = prior.mean.copy(), np.linalg.inv(prior.covariance)
    for _ in range(40_000):
        bend = bend_of(factors, "user", row, movies)
        slope = -2 * bend.slopes.T @ (values - bend.predictions) / prior.noise + 2 * precision @ (row - prior.mean)
        row = row - 1e-3 * slope
    np.testing.assert_allclose(fold_in(prior, movies, values).weights, row, atol=1e-7)


def test_the_prior_is_the_mean_and_covariance_of_the_rows():
    rows = np.random.default_rng(1).normal(2, 3, (50, 4))
    mean, covariance = spread_of(rows)
    plain = np.cov(rows.T)
    expected = (50 * plain + OWN_ROWS * np.diag(np.diag(plain))) / (50 + OWN_ROWS)
    np.testing.assert_allclose(mean, rows.mean(axis=0))
    np.testing.assert_allclose(covariance, expected, rtol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_few_rows_leave_a_prior_that_can_be_solved_with(n):
    rows = np.random.default_rng(1).normal(0, 1, (n, 6))
    mean, covariance = spread_of(rows)
    assert np.isfinite(mean).all()
    assert np.linalg.eigvalsh(covariance).min() > SMALLEST_SPREAD / 10


def test_the_noise_is_twice_the_error_in_training():
    factors = model()
    ratings = ratings_of(factors)
    residuals = ratings.values - models.predict(factors, ratings.users, ratings.movies)
    assert prior_of(ratings, factors, "user").noise == pytest.approx(NOISE * np.mean(residuals**2))
    assert fold_in(prior_of(ratings, factors, "user"), NONE, np.zeros(0)).sigma == pytest.approx(
        math.sqrt(2.0 * np.mean(residuals**2))
    )


def test_weights_without_their_ratings_count_as_trained_all_of_them():
    factors = model()
    nothing = Ratings(tuple(map(str, range(40))), tuple(map(str, range(30))), NONE, NONE, np.zeros(0))
    prior = prior_of(nothing, factors, "user")
    assert (prior.n_rows, prior.noise) == (40, NOISE * UNKNOWN_NOISE)
    np.testing.assert_allclose(prior.mean[:3], factors.user_factors.mean(axis=0))


def test_an_unknown_index_is_refused_and_never_another_row():
    factors = model()
    prior = prior_of(ratings_of(factors), factors, "user")
    for wrong in (-1, 30):
        with pytest.raises(ValueError, match="leave unknown ids out"):
            fold_in(prior, np.array([2, wrong], dtype=np.int32), np.array([3.0, 4.0]))
    with pytest.raises(ValueError, match="2 ratings"):
        fold_in(prior, np.array([2, 3], dtype=np.int32), np.array([3.0]))


def test_a_large_prior_does_without_keeping_the_spread_of_all(monkeypatch):
    factors = model()
    prior = prior_of(ratings_of(factors), factors, "user")
    kept = fold_in(prior, *some_ratings(4, 30)).sd()
    monkeypatch.setattr("cfgui.core.prior.KEPT_NUMBERS", 0)
    again = Prior(factors, "user", prior.mean, prior.covariance, prior.noise, prior.n_rows)
    np.testing.assert_array_equal(fold_in(again, *some_ratings(4, 30)).sd(), kept)


@pytest.mark.parametrize(("n_users", "n_movies", "k"), [(40, 1, 3), (1, 30, 3), (40, 30, 1), (1, 1, 1)])
@pytest.mark.parametrize("side", ["user", "movie"])
def test_a_model_of_one_movie_user_or_factor_is_only_read(n_users, n_movies, k, side):
    # The transpose of a table with one row or one column is contiguous as it stands: it is the table itself.
    factors = model(n_users=n_users, n_movies=n_movies, k=k)
    before = factors.copy()
    row = np.arange(1.0, k + 2.0)
    others, bias = (
        (factors.movie_factors, factors.movie_bias) if side == "user" else (factors.user_factors, factors.user_bias)
    )
    naive = others @ row[:k] + bias + row[k] + factors.global_mean
    np.testing.assert_allclose(predict_row(factors, side, row), naive, rtol=1e-12)
    assert factors.equals(before)

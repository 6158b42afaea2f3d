"""The methods for somebody the model has never seen, each against the plain way to the same numbers."""

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.cold_start import METHODS, ColdStart, averaged, nearest_to
from cfgui.core.fold_in import fold_in
from cfgui.core.gibbs_posterior import PosteriorMean
from cfgui.core.prior import prior_of
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples
from tests.core.test_fold_in import model, ratings_of, some_ratings


def drawn(factors, n, seed=9):
    """Samples with ``n`` draws near ``factors``."""
    rng, mean = np.random.default_rng(seed), PosteriorMean(*[np.zeros(0, dtype=np.int32)] * 2, burn_in=0)
    for _ in range(n):
        mean.add(factors.view_of(factors.flat() + rng.normal(0, 0.1, factors.n_parameters)))
    return Samples(factors, mean, (1.0, 5.0))


def test_the_mean_user_predicts_by_the_mean_of_all_vectors():
    factors = model()
    ratings = ratings_of(factors)
    guess = ColdStart(ratings, factors).guess("mean", *some_ratings(3, 30))
    rated = ratings.user_counts > 0
    expected = factors.movie_factors @ factors.user_factors[rated].mean(axis=0)
    expected += factors.movie_bias + factors.user_bias[rated].mean() + 3.4
    np.testing.assert_allclose(guess.predictions, expected, rtol=1e-12)
    assert (guess.sd, guess.row) == (None, None)


def test_the_average_taste_user_is_a_real_one_nearest_to_the_mean():
    factors = model()
    ratings = ratings_of(factors)
    cold = ColdStart(ratings, factors)
    rows = np.column_stack([factors.user_factors, factors.user_bias])
    mean = rows[ratings.user_counts > 0].mean(axis=0)
    least = min(20, ratings.user_counts.max())
    best = min(
        (user for user in range(40) if ratings.user_counts[user] >= least),
        key=lambda user: float(np.linalg.norm(rows[user] - mean)),
    )
    guess = cold.guess("average")
    assert guess.row == best == cold.average
    np.testing.assert_array_equal(guess.weights, rows[best])
    users, movies = np.full(30, best, dtype=np.int32), np.arange(30, dtype=np.int32)
    np.testing.assert_array_equal(guess.predictions, models.predict(factors, users, movies))


def test_average_taste_may_be_picked():
    factors = model()
    cold = ColdStart(ratings_of(factors), factors)
    assert cold.guess("average", row=7).row == 7
    for wrong in (-1, 40):
        with pytest.raises(IndexError, match="no user"):
            cold.guess("average", row=wrong)


def test_nearest_wants_enough_ratings_where_anybody_has_them():
    rows = np.array([[0.0], [1.0], [2.0]])
    assert nearest_to(np.array([0.1]), rows, np.array([3, 20, 25])) == 1
    assert nearest_to(np.array([0.1]), rows, np.array([3, 5, 5])) == 1
    assert nearest_to(np.array([0.1]), rows, np.array([0, 0, 0])) == 0
    with pytest.raises(ValueError, match="nobody"):
        nearest_to(np.zeros(1), rows[:0], np.zeros(0, dtype=np.int64))


def test_without_draws_bayesian_is_the_fold_in_with_its_spread():
    factors = model()
    ratings = ratings_of(factors)
    cold, given = ColdStart(ratings, factors), some_ratings(5, 30)
    folded = fold_in(prior_of(ratings, factors, "user"), *given)
    plain, bayesian = (cold.guess(method, *given) for method in ("fold-in", "bayesian"))
    np.testing.assert_array_equal(plain.predictions, folded.predictions())
    np.testing.assert_array_equal(bayesian.predictions, folded.predictions())
    np.testing.assert_array_equal(bayesian.sd, folded.sd())
    assert (plain.sd, bayesian.n_draws) == (None, 0)


def test_with_draws_it_averages_the_fold_in_of_each():
    factors = model()
    ratings, given = ratings_of(factors), some_ratings(5, 30)
    samples = drawn(factors, 6)
    guess = ColdStart(ratings, factors, samples).guess("bayesian", *given)
    assert guess.n_draws == 6
    means, variances = [], []
    for draw in samples.draws:
        users, movies = draw.user_factors.astype(float), draw.movie_factors.astype(float)
        rows = np.column_stack([users, draw.user_bias])
        features = np.column_stack([movies, np.ones(30)])
        residuals = ratings.values - models.predict(draw, ratings.users, ratings.movies)
        noise = np.mean(residuals**2)
        rows = rows[ratings.user_counts > 0]
        n, plain = len(rows), np.cov(rows.T)
        sigma = (n * plain + 2.0 * np.diag(np.diag(plain))) / (n + 2.0)
        known, rest = features[given[0]], given[1] - draw.movie_bias[given[0]] - 3.4
        a = np.linalg.inv(sigma) + known.T @ known / noise
        row = np.linalg.solve(a, known.T @ rest / noise + np.linalg.inv(sigma) @ rows.mean(axis=0))
        means.append(features @ row + draw.movie_bias + 3.4)
        variances.append(np.diag(features @ np.linalg.inv(a) @ features.T))
    np.testing.assert_allclose(guess.predictions, np.clip(np.mean(means, axis=0), 1, 5), rtol=1e-5)
    np.testing.assert_allclose(guess.sd, np.sqrt(np.var(means, axis=0) + np.mean(variances, axis=0)), rtol=1e-4)


def test_so_many_draws_are_asked_and_no_more(monkeypatch):
    monkeypatch.setattr("cfgui.core.cold_start.DRAWS_ASKED", 4)
    factors = model()
    cold = ColdStart(ratings_of(factors), factors, drawn(factors, 10))
    assert len(cold.drawn_priors) == 4


def test_before_the_end_of_burn_in_there_are_no_draws():
    factors = model()
    samples = Samples(factors, PosteriorMean(*[np.zeros(0, dtype=np.int32)] * 2), (1.0, 5.0))
    assert ColdStart(ratings_of(factors), factors, samples).guess("bayesian").n_draws == 0


def test_the_item_mean_is_that_of_the_ratings():
    factors = model()
    whole = ratings_of(factors)
    kept = whole.movies != 7
    ratings = Ratings(whole.user_ids, whole.movie_ids, whole.users[kept], whole.movies[kept], whole.values[kept])
    found = ColdStart(ratings, factors).item_mean
    for movie in range(30):
        own = ratings.values[ratings.movies == movie]
        assert found[movie] == pytest.approx(own.mean() if len(own) else ratings.values.mean())
    by_user = ColdStart(ratings, factors, side="movie").item_mean
    assert by_user[3] == pytest.approx(ratings.values[ratings.users == 3].mean())


def test_a_new_movie_is_guessed_for_all_users():
    factors = model()
    cold = ColdStart(ratings_of(factors), factors, side="movie")
    for method in METHODS:
        guess = cold.guess(method, *some_ratings(3, 40))
        assert guess.predictions.shape == (40,)
        some = np.array([7, 2], dtype=np.int32)
        few = cold.guess(method, *some_ratings(3, 40), among=some)
        np.testing.assert_array_equal(few.predictions, guess.predictions[some])


def test_an_unknown_method_is_said_to_be_so():
    factors = model()
    with pytest.raises(KeyError):
        ColdStart(ratings_of(factors), factors).guess("magic")


def test_the_average_of_one_is_itself():
    factors = model()
    folded = fold_in(prior_of(ratings_of(factors), factors, "user"), *some_ratings(3, 30))
    mean, sd = averaged([folded])
    np.testing.assert_allclose(mean, folded.predictions())
    np.testing.assert_allclose(sd, folded.sd())
    mean, sd = averaged([folded, replace(folded, weights=folded.weights + 0.1)])
    assert (sd > folded.sd()).any()

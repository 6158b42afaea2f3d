"""Weights from metadata: planted linear ones come back, noise changes nothing, leaving out is leaving out."""

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.metadata_features import KNOTS, movie_features
from cfgui.core.metadata_model import PENALTIES, _Fits, fit_metadata
from cfgui.core.movie_facts import facts_of
from cfgui.core.ratings import Ratings
from tests.core.test_fold_in import model, ratings_of


def planted(n_movies=300, k=3, seed=2, noise=0.05):
    """(features, factors whose movies are linear in them but for a little noise, ratings)."""
    rng = np.random.default_rng(seed)
    features = np.column_stack([rng.random((n_movies, 5)) < 0.3, rng.normal(size=n_movies)]).astype(float)
    factors = model(n_users=100, n_movies=n_movies, k=k)
    rows = features @ rng.normal(0, 0.5, (6, k + 1)) + rng.normal(0, noise, (n_movies, k + 1))
    factors = replace(factors, movie_factors=rows[:, :k], movie_bias=rows[:, k])
    return features, factors, ratings_of(factors, n=30 * n_movies)


def without(ratings, hidden):
    kept = ~np.isin(ratings.movies, hidden)
    arrays = (array[kept] for array in (ratings.users, ratings.movies, ratings.values))
    return Ratings(ratings.user_ids, ratings.movie_ids, *arrays, ratings.titles, ratings.genres)


def test_rows_linear_in_their_metadata_come_back_for_movies_hidden_from_the_fit():
    features, factors, ratings = planted()
    hidden = np.arange(0, 300, 4)
    found = fit_metadata(without(ratings, hidden), factors, features)
    truth = np.column_stack([factors.movie_factors, factors.movie_bias])[hidden]
    left = np.square(truth - found.rows(features[hidden])).sum()
    assert 1 - left / np.square(truth - truth.mean(axis=0)).sum() > 0.95
    assert found.r_squared > 0.95
    assert found.helps
    assert found.error < 0.1 * found.mean_error


def test_users_with_metadata_are_the_same_thing():
    features, factors, ratings = planted(n_movies=100)
    turned = replace(
        factors,
        user_factors=factors.movie_factors,
        movie_factors=factors.user_factors,
        user_bias=factors.movie_bias,
        movie_bias=factors.user_bias,
    )
    order = np.lexsort((ratings.users, ratings.movies))
    arrays = ratings.movies[order], ratings.users[order], ratings.values[order]
    mirrored = Ratings(ratings.movie_ids, ratings.user_ids, *arrays)
    one, other = fit_metadata(ratings, factors, features), fit_metadata(mirrored, turned, features, "user")
    np.testing.assert_allclose(one.rows(features), other.rows(features), rtol=1e-10)


def test_metadata_that_says_nothing_gives_the_mean_movie():
    _, factors, ratings = planted()
    rng = np.random.default_rng(5)
    for _ in range(5):
        features = rng.normal(size=(300, 8))
        found = fit_metadata(ratings, factors, features)
        assert not found.helps
        mean = np.append(factors.movie_factors.mean(axis=0), factors.movie_bias.mean())
        np.testing.assert_allclose(found.rows(features[:2]), [mean, mean])
        assert (found.r_squared, found.error) == (0.0, found.mean_error)


def test_columns_of_equals_and_no_columns_change_nothing():
    features, factors, ratings = planted()
    wider = np.column_stack([features, np.full(300, 7.0), np.zeros(300)])
    one, other = fit_metadata(ratings, factors, features), fit_metadata(ratings, factors, wider)
    np.testing.assert_allclose(one.rows(features), other.rows(wider), rtol=1e-9)
    assert not fit_metadata(ratings, factors, np.zeros((300, 0))).helps
    assert not fit_metadata(ratings, factors, np.ones((300, 2))).helps


def test_residuals_of_rows_left_out_are_those_of_fits_without_them():
    rng = np.random.default_rng(3)
    told, rows, weight = rng.normal(size=(12, 3)), rng.normal(size=(12, 2)), rng.integers(1, 9, 12).astype(float)
    told -= np.average(told, axis=0, weights=weight)
    rows -= np.average(rows, axis=0, weights=weight)
    penalty = 0.5
    fits = _Fits(told, weight)
    found = fits.left_out(rows, fits.right(rows), penalty)
    for row in range(12):
        kept = np.arange(12) != row
        design = np.column_stack([np.ones(11), told[kept]])
        a = design.T @ (design * weight[kept, None]) + np.diag([0, *[penalty * weight.mean()] * 3])
        fitted = np.linalg.solve(a, design.T @ (rows[kept] * weight[kept, None]))
        np.testing.assert_allclose(found[row], rows[row] - np.append(1.0, told[row]) @ fitted, rtol=1e-9)


def test_the_error_is_what_it_does_to_predictions():
    features, factors, ratings = planted(n_movies=60)
    found = fit_metadata(ratings, factors, features)
    assert found.penalty in PENALTIES
    mean = np.append(factors.movie_factors.mean(axis=0), factors.movie_bias.mean())
    squares = []
    for movie in range(60):
        own = np.append(factors.movie_factors[movie], factors.movie_bias[movie])
        apart = (own - mean) * 60 / 59
        scores = factors.user_factors @ apart[:-1] + apart[-1]
        squares.append(np.average(scores**2, weights=ratings.user_counts))
    assert found.mean_error == pytest.approx(np.average(squares, weights=ratings.movie_counts), rel=1e-6)


def test_a_sheet_with_next_to_nothing_on_it_has_the_mean_movie():
    factors = model(n_movies=3)
    ratings = ratings_of(factors, n=40)
    found = fit_metadata(ratings, factors, np.ones((3, 2)))
    assert not found.helps
    np.testing.assert_allclose(found.rows(np.ones((1, 2)))[0, :3], factors.movie_factors.mean(axis=0))
    with pytest.raises(ValueError, match="features of 2 rows, and 3"):
        fit_metadata(ratings, factors, np.ones((2, 2)))


def test_nets_have_rows_from_metadata_too():
    factors = model("neural", n_movies=80)
    ratings = ratings_of(factors, n=900)
    found = fit_metadata(ratings, factors, np.random.default_rng(1).normal(size=(80, 2)))
    assert found.rows(np.zeros((1, 2))).shape == (1, 3)


def test_features_of_movies_are_genres_and_a_curve_of_years():
    factors = model(n_movies=3)
    plain = ratings_of(factors, n=40)
    ratings = replace(
        plain,
        titles={"0": "Old (1948)", "1": "New (2004)", "2": "Nothing"},
        genres={"0": "War|Drama", "1": "Drama", "2": ""},
    )
    features = movie_features(facts_of(ratings))
    assert features.names[:3] == ("Drama", "War", "year")
    np.testing.assert_allclose(features.table[0], [1, 1, (1948 - 2000) / 20, *[0] * len(KNOTS)])
    np.testing.assert_allclose(features.table[1], [1, 0, 0.2, *[max(0, 2004 - knot) / 20 for knot in KNOTS]])
    assert features.usual_year == 1976
    row, unknown = features.of(["war", " Cartoon "], 2004)
    np.testing.assert_allclose(row[:3], [0, 1, 0.2])
    assert unknown == ("Cartoon",)
    np.testing.assert_allclose(features.of([])[0], features.table[2])


def test_predictions_of_planted_movies_are_better_than_the_mean_movies():
    features, factors, ratings = planted()
    hidden = np.arange(0, 300, 4)
    found = fit_metadata(without(ratings, hidden), factors, features)
    kept = np.isin(ratings.movies, hidden)
    users, movies, values = ratings.users[kept], ratings.movies[kept], ratings.values[kept]

    def mse(rows):
        guessed = replace(factors, movie_factors=rows[:, :-1], movie_bias=rows[:, -1])
        return np.mean((values - models.predict(guessed, users, movies)) ** 2)

    assert mse(found.rows(features)) < 0.5 * mse(np.tile(found.mean, (300, 1)))

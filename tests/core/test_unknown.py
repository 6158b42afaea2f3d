"""Unknown ids: the known part plus the mean of the rest, and never somebody else's row."""

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.ratings import Ratings
from cfgui.core.unknown import UNKNOWN, indices_of, known_rows, with_mean_rows, with_mean_user
from tests.core.test_fold_in import model, ratings_of


def at(*indices):
    return np.array(indices, dtype=np.int32)


def longer(factors, ratings):
    """The weights with the mean rows of those with ratings."""
    return with_mean_rows(factors, ratings.user_counts > 0, ratings.movie_counts > 0)


def test_ids_that_are_not_there_get_an_index_that_no_row_has():
    assert indices_of(("14", "7", "x"), ("x", "nobody", "14", "014")).tolist() == [2, UNKNOWN, 0, UNKNOWN]


@pytest.mark.parametrize("kind", ["dot", "bias"])
def test_an_unknown_side_counts_as_the_mean_of_the_trained_rows(kind):
    factors = model(kind)
    ratings = ratings_of(factors)
    users, movies = ratings.user_counts > 0, ratings.movie_counts > 0
    mean_user = factors.user_factors[users].mean(axis=0)
    mean_movie = factors.movie_factors[movies].mean(axis=0)
    biases = [0.0] * 4
    if kind == "bias":
        biases = [
            factors.user_bias[3],
            factors.movie_bias[7],
            factors.user_bias[users].mean(),
            factors.movie_bias[movies].mean(),
        ]
    expected = [
        mean_user @ factors.movie_factors[7] + biases[2] + biases[1] + factors.global_mean,
        factors.user_factors[3] @ mean_movie + biases[0] + biases[3] + factors.global_mean,
        mean_user @ mean_movie + biases[2] + biases[3] + factors.global_mean,
    ]
    found = models.predict(longer(factors, ratings), at(UNKNOWN, 3, UNKNOWN), at(7, UNKNOWN, UNKNOWN))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_an_unknown_id_is_never_the_last_row():
    factors = model()
    known = longer(factors, ratings_of(factors))
    assert (known.n_users, known.n_movies) == (41, 31)
    movies = np.arange(30, dtype=np.int32)
    unknown = models.predict(known, np.full(30, UNKNOWN, dtype=np.int32), movies)
    others = [models.predict(factors, np.full(30, user, dtype=np.int32), movies) for user in range(40)]
    assert not any(np.allclose(unknown, other) for other in others)


def test_the_mean_user_alone_leaves_the_movies_as_they_are():
    factors = model()
    ratings = ratings_of(factors)
    found, both = with_mean_user(factors, ratings), longer(factors, ratings)
    assert found.movie_factors is factors.movie_factors
    assert found.movie_bias is factors.movie_bias
    np.testing.assert_array_equal(found.user_factors, both.user_factors)
    np.testing.assert_array_equal(found.user_bias, both.user_bias)


def test_somebody_without_a_rating_to_learn_from_is_unknown_too():
    factors = model()
    whole = ratings_of(factors)
    kept = (whole.users != 3) & (whole.movies != 7)
    ratings = Ratings(whole.user_ids, whole.movie_ids, whole.users[kept], whole.movies[kept], whole.values[kept])
    found = models.predict(known_rows(factors, ratings), at(3, 3, 5, 5), at(8, 7, 7, 8))
    pairs = at(UNKNOWN, UNKNOWN, 5, 5), at(8, UNKNOWN, UNKNOWN, 8)
    np.testing.assert_array_equal(found, models.predict(longer(factors, ratings), *pairs))


def test_nets_have_a_fallback_too():
    factors = model("neural")
    ratings = ratings_of(factors)
    users = factors.user_factors[ratings.user_counts > 0].mean(axis=0)
    movies = factors.movie_factors[ratings.movie_counts > 0].mean(axis=0)
    alone = replace(factors, user_factors=users[None, :], movie_factors=np.stack([factors.movie_factors[2], movies]))
    expected = models.predict(alone, at(0, 0), at(0, 1))
    found = models.predict(longer(factors, ratings), at(UNKNOWN, UNKNOWN), at(2, UNKNOWN))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_known_pairs_are_predicted_as_ever():
    factors = model()
    ratings = ratings_of(factors)
    np.testing.assert_array_equal(
        models.predict(known_rows(factors, ratings), ratings.users, ratings.movies),
        models.predict(factors, ratings.users, ratings.movies),
    )


def test_where_nothing_is_rated_everybody_is_known():
    factors, whole = model(), ratings_of(model())
    nothing = whole.users[:0], whole.movies[:0], whole.values[:0]
    assert known_rows(factors, Ratings(whole.user_ids, whole.movie_ids, *nothing)).equals(factors)

"""Unknown ids: the known part plus the mean of the rest, and never somebody else's row."""

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.ratings import Ratings
from cfgui.core.unknown import UNKNOWN, AnyPredictions, indices_of, known_rows
from tests.core.test_fold_in import model, ratings_of


def at(*indices):
    return np.array(indices, dtype=np.int32)


def test_ids_that_are_not_there_get_an_index_that_no_row_has():
    assert indices_of(("14", "7", "x"), ("x", "nobody", "14", "014")).tolist() == [2, UNKNOWN, 0, UNKNOWN]


@pytest.mark.parametrize("kind", ["dot", "bias"])
def test_an_unknown_side_counts_as_the_mean_of_the_trained_rows(kind):
    factors = model(kind)
    ratings = ratings_of(factors)
    predictions = AnyPredictions(factors, ratings)
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
    found = predictions(at(UNKNOWN, 3, UNKNOWN), at(7, UNKNOWN, UNKNOWN))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert predictions.n_unknown(at(UNKNOWN, 3, UNKNOWN, 3), at(7, UNKNOWN, UNKNOWN, 7)) == 3


def test_an_unknown_id_is_never_the_last_row():
    factors, last = model(), at(39)
    predictions = AnyPredictions(factors, ratings_of(factors))
    movies = np.arange(30, dtype=np.int32)
    unknown = predictions(np.full(30, UNKNOWN, dtype=np.int32), movies)
    others = [models.predict(factors, np.full(30, user, dtype=np.int32), movies) for user in range(40)]
    assert not any(np.allclose(unknown, other) for other in others)
    assert predictions(last, at(4)) == models.predict(factors, last, at(4))
    with pytest.raises(IndexError, match="no row 40"):
        predictions(at(40), at(4))


def test_somebody_without_a_rating_to_learn_from_is_unknown_too():
    factors = model()
    whole = ratings_of(factors)
    kept = (whole.users != 3) & (whole.movies != 7)
    ratings = Ratings(whole.user_ids, whole.movie_ids, whole.users[kept], whole.movies[kept], whole.values[kept])
    predictions = AnyPredictions(factors, ratings)
    pairs = at(3, 3, UNKNOWN, 5, 5), at(8, 7, 7, 7, 8)
    same = predictions(at(UNKNOWN, UNKNOWN, UNKNOWN, 5, 5), at(8, UNKNOWN, UNKNOWN, UNKNOWN, 8))
    np.testing.assert_array_equal(predictions(*pairs), same)
    assert predictions.n_unknown(*pairs) == 4
    np.testing.assert_array_equal(
        models.predict(known_rows(factors, ratings), at(3, 3, 5), at(8, 7, 7)), same[[0, 1, 3]]
    )


def test_nets_have_a_fallback_too():
    factors = model("neural")
    found = AnyPredictions(factors, ratings_of(factors))(at(UNKNOWN, UNKNOWN), at(2, UNKNOWN))
    assert np.isfinite(found).all()


def test_known_pairs_are_predicted_as_ever():
    factors = model()
    ratings = ratings_of(factors)
    np.testing.assert_array_equal(
        AnyPredictions(factors, ratings)(ratings.users, ratings.movies),
        models.predict(factors, ratings.users, ratings.movies),
    )
    assert AnyPredictions(factors, ratings).n_unknown(ratings.users, ratings.movies) == 0

"""Factors: one flat vector and back, more and fewer factors."""

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.factors import Factors


@pytest.fixture
def factors():
    return Factors(
        np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        np.array([[7.0, 8.0], [9.0, 10.0]]),
        np.array([11.0, 12.0, 13.0]),
        np.array([14.0, 15.0]),
    )


def test_the_flat_order_is_user_factors_movie_factors_user_bias_movie_bias(factors):
    assert factors.flat().tolist() == [float(number) for number in range(1, 16)]
    assert factors.n_parameters == 15
    assert Factors(factors.user_factors, factors.movie_factors).flat().tolist() == list(map(float, range(1, 11)))


def test_counts(factors):
    assert (factors.n_users, factors.n_movies, factors.n_factors, factors.has_bias) == (3, 2, 2, True)
    assert Factors(factors.user_factors, factors.movie_factors).n_parameters == 10


def test_views_share_the_vector(factors):
    vector = np.arange(15.0)
    view = factors.view_of(vector)
    vector[0], vector[14] = 100.0, 200.0
    assert view.user_factors[0, 0] == 100.0
    assert view.movie_bias[1] == 200.0


def test_a_flat_vector_is_a_copy(factors):
    factors.flat()[0] = 99.0
    assert factors.user_factors[0, 0] == 1.0


def test_a_copy_is_read_only_and_equal(factors):
    copy = factors.copy()
    assert copy.equals(factors)
    with pytest.raises(ValueError, match="read-only"):
        copy.movie_bias[0] = 0.0


def test_equality_is_of_shape_and_of_every_bit(factors):
    vector = factors.flat()
    vector[7] = np.nextafter(vector[7], 100.0)
    assert not factors.view_of(vector).equals(factors)
    assert not Factors(factors.user_factors, factors.movie_factors).equals(factors)
    vector[7] = np.nan
    assert not factors.view_of(vector).equals(factors.view_of(vector))


def test_an_added_factor_changes_no_prediction_but_can_learn(ratings, bias):
    grown = bias.with_n_factors(7, seed=1)
    assert grown.n_factors == 7
    assert np.array_equal(models.predict_all(grown), models.predict_all(bias))
    slopes = grown.view_of(models.gradient(grown, ratings.users, ratings.movies, ratings.values))
    assert np.abs(slopes.movie_factors[:, 5:]).min() > 0.0
    assert grown.with_n_factors(5, seed=9).equals(bias)


def test_dropped_factors_are_the_last_ones(dot):
    cut = dot.with_n_factors(2, seed=0)
    assert np.array_equal(cut.user_factors, dot.user_factors[:, :2])
    assert np.array_equal(cut.movie_factors, dot.movie_factors[:, :2])
    with pytest.raises(ValueError, match="at least one factor"):
        dot.with_n_factors(0, seed=0)

"""Prediction, loss and closed-form gradient on numbers known by hand and against plain loops."""

import math

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from tests.helpers.naive import naive_loss, naive_prediction

USERS, MOVIES = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[3.0, 1.0], [2.0, 0.0]])


@pytest.fixture
def two_by_two():
    """Predictions 5, 2 / 0.5, 1 without biases; the last cell unrated; residuals -1, 1 / 2.5."""
    values = np.array([[4.0, 3.0], [3.0, 0.0]])
    return Ratings.from_crosstab(["a", "b"], ["x", "y"], values, values > 0.0)


def test_predictions_by_hand(two_by_two):
    dot = Factors(USERS, MOVIES)
    assert models.predict_all(dot).tolist() == [[5.0, 2.0], [0.5, 1.0]]
    assert models.predict(dot, two_by_two.users, two_by_two.movies).tolist() == [5.0, 2.0, 0.5]
    bias = Factors(USERS, MOVIES, np.array([0.25, -0.5]), np.array([1.0, 2.0]))
    assert models.predict_all(bias).tolist() == [[6.25, 4.25], [1.0, 2.5]]


def test_loss_by_hand(two_by_two):
    dot = Factors(USERS, MOVIES)
    assert models.mse(dot, two_by_two) == pytest.approx((1.0 + 1.0 + 6.25) / 3.0)
    assert models.rmse(dot, two_by_two) == pytest.approx(math.sqrt(2.75))
    assert models.penalty(np.array([1.0, -2.0]), 0.1) == pytest.approx(0.5)
    assert models.penalty(np.array([np.inf]), 0.0) == 0.0


def test_gradient_by_hand(two_by_two):
    factors = Factors(USERS, MOVIES, np.zeros(2), np.zeros(2))
    slopes = factors.view_of(
        models.gradient(factors, two_by_two.users, two_by_two.movies, two_by_two.values, weight_decay=0.5)
    )
    # Residuals -1 and 1 of user a, 2.5 of user b; -2/3 r times the other side, and 2 * 0.5 * p from the penalty.
    assert slopes.user_factors == pytest.approx(np.array([[2 / 3 * (3 - 2) + 1, 2 / 3 + 2], [-5.0 + 0.5, -5 / 3 - 1]]))
    assert slopes.movie_factors == pytest.approx(
        np.array([[2 / 3 * (1 - 1.25) + 3, 2 / 3 * (2 + 2.5) + 1], [-2 / 3 + 2, -4 / 3]])
    )
    assert slopes.user_bias == pytest.approx([0.0, -5 / 3])
    assert slopes.movie_bias == pytest.approx([2 / 3 * (1 - 2.5), -2 / 3])


def test_fast_forms_equal_plain_loops(small):
    ratings, factors = small
    table = models.predict_all(factors)
    for user in range(4):
        for movie in range(3):
            assert table[user, movie] == pytest.approx(naive_prediction(factors, user, movie), abs=1e-15)
    assert models.mse(factors, ratings) == pytest.approx(
        naive_loss(factors, ratings.users, ratings.movies, ratings.values), rel=1e-14
    )


def test_one_cell_and_all_cells_agree_to_the_bit(ratings, dot, bias):
    for factors in (dot, bias):
        table = models.predict_all(factors)
        assert np.array_equal(models.predict(factors, ratings.users, ratings.movies), table[ratings.rated])


def test_no_ratings_have_no_rmse(dot):
    nothing = Ratings.from_crosstab(["a"] * 15, ["x"] * 15, np.zeros((15, 15)), np.zeros((15, 15), dtype=bool))
    assert math.isnan(models.rmse(dot, nothing))
    assert math.isnan(models.mse(dot, nothing))


def test_sums_by_row_index():
    rows = np.array([2, 0, 2], dtype=np.int32)
    assert models.sum_by(rows, np.array([1.0, 2.0, 4.0]), 4).tolist() == [2.0, 0.0, 5.0, 0.0]
    terms = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    assert models.sum_rows_by(rows, terms, 4).tolist() == [[2.0, 20.0], [0.0, 0.0], [5.0, 50.0], [0.0, 0.0]]


def test_the_models_and_their_sheets():
    assert {name: (model.sheet, model.bias) for name, model in models.MODELS.items()} == {
        "dot": ("dotprod", False),
        "bias": ("bias", True),
        "neural": ("neural", False),
        "ordinal": ("ordinal", False),
    }

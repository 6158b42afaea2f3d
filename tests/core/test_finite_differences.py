"""Structured finite differences against the naive form, against the exact slope and against the course's figures."""

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.finite_differences import finite_differences
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Ratings
from cfgui.core.torch_gradients import make_autograd
from tests.helpers.naive import naive_differences


def triples(ratings):
    return ratings.users, ratings.movies, ratings.values


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
@pytest.mark.parametrize("objective", ["mse", "rmse"])
@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_equals_the_naive_form_where_some_rows_and_columns_are_unrated(small, scheme, objective, weight_decay):
    ratings, factors = small
    options = {"h": 1e-4, "scheme": scheme, "objective": objective, "weight_decay": weight_decay}
    ours = finite_differences(factors, *triples(ratings), **options)
    naive = naive_differences(factors, *triples(ratings), **options)
    # Two losses near 8 that are subtracted and divided by h leave the naive form about 1e-11 of noise.
    np.testing.assert_allclose(ours, naive, rtol=1e-7, atol=2e-11)


@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_equals_the_naive_form_on_a_row_of_the_sheet(sheet, model, scheme):
    batch = [rows[:15] for rows in triples(sheet.ratings)]
    factors = sheet.factors[model]
    ours = finite_differences(factors, *batch, h=1e-4, scheme=scheme)
    naive = naive_differences(factors, *batch, h=1e-4, scheme=scheme)
    np.testing.assert_allclose(ours, naive, rtol=1e-7, atol=2e-11)


@pytest.mark.parametrize("h", [1.0, 0.01])
def test_equals_the_naive_form_at_a_large_nudge_with_all_its_error(small, h):
    ratings, factors = small
    for objective in ("mse", "rmse"):
        ours = finite_differences(factors, *triples(ratings), h=h, objective=objective)
        naive = naive_differences(factors, *triples(ratings), h=h, scheme="forward", objective=objective)
        np.testing.assert_allclose(ours, naive, rtol=1e-10, atol=1e-12)


# h / 2 times the curvature of the RMSE is the error any forward difference has. Along a bias, where every partner is
# 1, that is 1.8e-8 at h = 1e-6, against 4e-9 along a factor of dotprod.
@pytest.mark.parametrize(("model", "forward_error"), [("dot", 1e-8), ("bias", 2e-8)])
def test_agreement_with_autograd_on_the_original_weights(sheet, model, forward_error):
    factors, batch = sheet.factors[model], triples(sheet.ratings)
    rmse_slopes = make_autograd(objective="rmse")(factors, *batch)
    mse_slopes = make_autograd(objective="mse")(factors, *batch)
    forward = finite_differences(factors, *batch, h=1e-6, scheme="forward", objective="rmse")
    assert np.abs(forward - rmse_slopes).max() < forward_error
    for objective, slopes in (("rmse", rmse_slopes), ("mse", mse_slopes)):
        central = finite_differences(factors, *batch, h=1e-6, scheme="central", objective=objective)
        assert np.abs(central - slopes).max() < 1e-9


@pytest.mark.parametrize("h", [0.01, 1e-6])
def test_forward_error_is_h_times_half_the_curvature(small, h):
    ratings, factors = small
    weight_decay = 0.2
    error = finite_differences(factors, *triples(ratings), h=h, weight_decay=weight_decay) - models.gradient(
        factors, *triples(ratings), weight_decay
    )
    n, rated = ratings.n_ratings, ratings.rated.astype(float)
    expected = Factors(
        h * (rated @ factors.movie_factors**2 / n + weight_decay),
        h * (rated.T @ factors.user_factors**2 / n + weight_decay),
        h * (rated.sum(1) / n + weight_decay),
        h * (rated.sum(0) / n + weight_decay),
    )
    np.testing.assert_allclose(error, expected.flat(), rtol=1e-6, atol=1e-14)


def test_central_has_no_error_on_a_squared_loss_however_large_the_nudge(small):
    ratings, factors = small
    exact = models.gradient(factors, *triples(ratings), 0.2)
    for h in (1.0, 0.01, 1e-8):
        central = finite_differences(factors, *triples(ratings), h=h, scheme="central", weight_decay=0.2)
        np.testing.assert_allclose(central, exact, rtol=1e-12, atol=1e-13)


def test_central_error_of_the_rmse_falls_with_the_square_of_h(ratings, dot):
    exact = make_autograd(objective="rmse")(dot, *triples(ratings))
    errors = [
        np.abs(finite_differences(dot, *triples(ratings), h=h, scheme="central", objective="rmse") - exact).max()
        for h in (0.1, 0.01)
    ]
    assert errors[0] / errors[1] == pytest.approx(100.0, rel=0.02)


def test_the_smallest_nudge_allowed_loses_no_digits(ratings, dot):
    exact = models.gradient(dot, *triples(ratings))
    for scheme in ("forward", "central"):
        slopes = finite_differences(dot, *triples(ratings), h=1e-12, scheme=scheme)
        np.testing.assert_allclose(slopes, exact, rtol=1e-10, atol=1e-12)


def test_the_course_s_row_of_graddesc():
    """x = 14, y = 58, a = b = 1: y = a x + b is one user with factor a and bias b, and one movie with factor x."""
    line = Factors(np.array([[1.0]]), np.array([[14.0]]), np.array([1.0]), np.array([0.0]))
    point = Ratings.from_crosstab(["u"], ["m"], np.array([[58.0]]), np.array([[True]]))
    forward = GRADIENTS["forward"](Hyperparameters(gradient="forward", epsilon=0.01))(line, *triples(point))
    estimate = line.view_of(forward)
    assert estimate.user_bias[0] == pytest.approx(-85.99, abs=1e-9)
    assert estimate.user_factors[0, 0] == pytest.approx(-1202.04, abs=1e-9)
    exact = line.view_of(models.gradient(line, *triples(point)))
    assert (exact.user_bias[0], exact.user_factors[0, 0]) == (-86.0, -1204.0)


def test_a_perfect_fit_has_a_kink_in_its_rmse_and_no_nan():
    factors = Factors(np.array([[2.0], [1.0]]), np.array([[1.5]]))
    fitted = Ratings.from_crosstab(["a", "b"], ["x"], np.array([[3.0], [0.0]]), np.array([[True], [False]]))
    forward = finite_differences(factors, *triples(fitted), h=1e-3, objective="rmse")
    assert forward == pytest.approx([1.5, 0.0, 2.0])
    central = finite_differences(factors, *triples(fitted), h=1e-3, scheme="central", objective="rmse")
    assert central == pytest.approx([0.0, 0.0, 0.0])
    assert finite_differences(factors, *triples(fitted), h=1e-3) == pytest.approx([1e-3 * 2.25, 0.0, 1e-3 * 4.0])


@pytest.mark.parametrize("gradient", ["forward", "central"])
def test_gradients_pass_epsilon_and_weight_decay_on(small, gradient):
    ratings, factors = small
    choices = Hyperparameters(gradient=gradient, epsilon=0.07, weight_decay=0.5)
    made = GRADIENTS[gradient](choices)(factors, *triples(ratings))
    naive = naive_differences(factors, *triples(ratings), h=0.07, scheme=gradient, weight_decay=0.5)
    np.testing.assert_allclose(made, naive, rtol=1e-10, atol=1e-11)

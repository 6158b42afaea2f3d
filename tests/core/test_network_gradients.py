"""Slopes of every model, range and loss: closed form, autograd, and differences of the loss in its plainest form."""

import numpy as np
import pytest

from cfgui.core import chunks, models
from cfgui.core.chunks import Watch
from cfgui.core.finite_differences import finite_differences
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.network_gradients import dropout_masks, network_gradient
from cfgui.core.objective import Objective
from cfgui.core.torch_gradients import make_autograd
from tests.helpers.nets import CASES, case_id, case_model, plain_differences, plain_loss, random_model, random_ratings

BY_CASE = pytest.mark.parametrize("case", CASES, ids=case_id)


def decays(factors):
    """No decay, one for all weights, and one for each."""
    return 0.0, 0.3, np.random.default_rng(5).random(factors.n_parameters)


@BY_CASE
def test_closed_form_autograd_and_central_differences_agree(case):
    factors, ratings, loss = case_model(case), random_ratings(), case[2]
    for decay in decays(factors):
        choices = Hyperparameters(dropout=0.0, loss=loss, range="sigmoid" if loss == "bce" else "none")
        exact = GRADIENTS["exact"](choices, decay)(factors, *ratings, 0)
        auto = GRADIENTS["autograd"](choices, decay)(factors, *ratings, 0)
        central = plain_differences(factors, ratings, h=1e-5, scheme="central", loss=loss, decay=decay)
        np.testing.assert_allclose(exact, auto, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(exact, central, rtol=1e-8, atol=1e-9)


@BY_CASE
@pytest.mark.parametrize("scheme", ["forward", "central"])
def test_structured_differences_are_those_of_the_plain_loss(case, scheme):
    factors, ratings, loss = case_model(case), random_ratings(), case[2]
    for decay in decays(factors):
        ours = finite_differences(factors, *ratings, h=1e-4, scheme=scheme, weight_decay=decay, loss=loss)
        plain = plain_differences(factors, ratings, h=1e-4, scheme=scheme, loss=loss, decay=decay)
        # Subtracting two losses and dividing by h leaves the plain form about 1e-11 of noise.
        np.testing.assert_allclose(ours, plain, rtol=1e-7, atol=5e-11)


@BY_CASE
def test_a_large_nudge_has_the_error_it_should(case):
    factors, ratings, loss = case_model(case), random_ratings(), case[2]
    ours = finite_differences(factors, *ratings, h=0.25, scheme="forward", loss=loss)
    plain = plain_differences(factors, ratings, h=0.25, scheme="forward", loss=loss)
    np.testing.assert_allclose(ours, plain, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("case", [case for case in CASES if case[0] in ("dot", "bias")], ids=case_id)
def test_central_differences_with_a_tiny_nudge_lose_no_digits_on_plain_models(case):
    factors, ratings, loss = case_model(case), random_ratings(), case[2]
    choices = Hyperparameters(dropout=0.0, loss=loss, range="sigmoid" if loss == "bce" else "none")
    exact = GRADIENTS["exact"](choices, 0.0)(factors, *ratings, 0)
    central = finite_differences(factors, *ratings, h=1e-9, scheme="central", loss=loss)
    np.testing.assert_allclose(central, exact, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("case", [case for case in CASES if case[0] in ("neural", "ordinal")], ids=case_id)
@pytest.mark.parametrize("step", [0, 7])
def test_dropout_drops_the_same_in_closed_form_and_autograd(case, step):
    factors, ratings, loss = case_model(case), random_ratings(), case[2]
    options = {"loss": loss, "dropout": 0.4, "seed": 3}
    exact = network_gradient(factors, *ratings, 0.1, step=step, **options)
    auto = make_autograd(0.1, **options)(factors, *ratings, step)
    np.testing.assert_allclose(exact, auto, rtol=1e-12, atol=1e-14)
    without = network_gradient(factors, *ratings, 0.1, loss=loss)
    assert np.abs(exact - without).max() > 1e-3


def test_masks_are_drawn_from_seed_and_step():
    factors = random_model("neural", hidden=(7, 5), k=(2, 4))
    masks = dropout_masks(factors, 2000, 0.25, seed=1, step=2)
    assert [mask.shape for mask in masks] == [(2000, 6), (2000, 7), (2000, 5)]
    for mask in masks:
        assert set(np.unique(mask)) == {0.0, 1.0 / 0.75}
        assert mask.mean() == pytest.approx(1.0, abs=0.03)
    again = dropout_masks(factors, 2000, 0.25, seed=1, step=2)
    assert all(np.array_equal(a, b) for a, b in zip(masks, again, strict=True))
    for seed, step in ((1, 3), (2, 2)):
        assert not np.array_equal(masks[0], dropout_masks(factors, 2000, 0.25, seed, step)[0])
    assert dropout_masks(factors, 10, 0.0, 1, 2) == []


def test_a_mean_over_many_masks_is_the_slope_without():
    """With one linear layer, dropout leaves the mean of the outputs as it is."""
    factors, (users, movies, values) = random_model("neural", hidden=()), random_ratings()
    total = np.zeros(factors.layers[0].bias.size)
    for step in range(4000):
        slopes = network_gradient(factors, users, movies, values, dropout=0.2, seed=0, step=step)
        total += factors.view_of(slopes).layers[0].bias
    without = factors.view_of(network_gradient(factors, users, movies, values)).layers[0].bias
    assert total / 4000 == pytest.approx(without, abs=0.03)


@BY_CASE
def test_the_measure_is_the_plain_loss_and_the_mean_square(case, monkeypatch):
    factors, (users, movies, values), loss = case_model(case), random_ratings(), case[2]
    residuals = values - models.predict(factors, users, movies)
    for cells in (chunks.CHUNK_CELLS, 20):
        monkeypatch.setattr(chunks, "CHUNK_CELLS", cells)
        costs, squares = models.cost_sums(factors, users, movies, values, Watch(), loss)
        assert costs / 14 == pytest.approx(plain_loss(factors, users, movies, values, loss), rel=1e-13)
        assert squares == pytest.approx(float(residuals @ residuals), rel=1e-13)


@BY_CASE
def test_an_objective_in_chunks_has_the_same_slope(case, monkeypatch):
    factors, ratings, loss = case_model(case), random_ratings(), case[2]
    decay = np.linspace(0.0, 1.0, factors.n_parameters)
    choices = Hyperparameters(dropout=0.0, loss=loss, range="sigmoid" if loss == "bce" else "none")
    objective = Objective(factors, *ratings, GRADIENTS["exact"](choices, decay), decay, loss_kind=loss)
    vector = factors.flat()
    whole, loss_then = objective.gradient(vector), objective.loss(vector)
    monkeypatch.setattr(chunks, "CHUNK_CELLS", 40)
    np.testing.assert_allclose(objective.gradient(vector), whole, rtol=1e-11, atol=1e-14)
    assert objective.loss(vector) == loss_then == pytest.approx(plain_loss(factors, *ratings, loss, decay), rel=1e-13)


def test_frozen_weights_have_no_slope():
    factors, ratings = random_model("neural"), random_ratings()
    free = np.ones(factors.n_parameters)
    free[: factors.user_factors.size] = 0.0
    slope = GRADIENTS["exact"](Hyperparameters(dropout=0.0), 0.1)
    held = Objective(factors, *ratings, slope, 0.1, free=free).gradient(factors.flat())
    full = Objective(factors, *ratings, slope, 0.1).gradient(factors.flat())
    assert np.array_equal(held, full * free)
    assert not held[: factors.user_factors.size].any()
    assert held[factors.user_factors.size :].any()

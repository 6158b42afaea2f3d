"""Every first-order optimizer against torch.optim, step by step, on a loss torch computes by itself."""

import numpy as np
import pytest
import torch

from cfgui.core import models
from cfgui.core.hyperparameters import OPTIMIZER_DEFAULTS, Hyperparameters
from cfgui.core.optimizers import OPTIMIZERS, Pace, empty_state, make_optimizer
from cfgui.core.trainer import Trainer

TORCH = {
    "gd": (torch.optim.SGD, {}),
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "adagrad": (torch.optim.Adagrad, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
}
"""Our name -> torch's optimizer, with its own defaults but for the momentum."""


def torch_weights(ratings, factors, optimizer, rate, weight_decay, n_steps, batch):
    """The flat weights after each of ``n_steps`` updates by torch alone: dense tables, a mask, torch's own decay."""
    tables = [factors.user_factors, factors.movie_factors, factors.user_bias, factors.movie_bias]
    weights = [torch.tensor(table, requires_grad=True) for table in tables if table is not None]
    make, options = TORCH[optimizer]
    stepper = make(weights, lr=rate, weight_decay=2.0 * weight_decay, **options)
    crosstab = torch.tensor(ratings.crosstab)
    rated = np.argwhere(ratings.rated)
    position = 0
    for _ in range(n_steps):
        cells = rated[position : position + batch]
        position = 0 if position + batch >= len(rated) else position + batch
        mask = torch.zeros(crosstab.shape, dtype=torch.bool)
        mask[cells[:, 0], cells[:, 1]] = True
        predictions = weights[0] @ weights[1].T
        if len(weights) == 4:
            predictions = predictions + weights[2][:, None] + weights[3][None, :]
        stepper.zero_grad()
        ((predictions - crosstab)[mask] ** 2).mean().backward()
        stepper.step()
        yield np.concatenate([table.detach().numpy().ravel() for table in weights])


@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("optimizer", TORCH)
def test_fifty_steps_equal_torch(sheet, optimizer, model, weight_decay):
    ratings, factors = sheet.ratings, sheet.factors[model]
    choices = Hyperparameters(optimizer=optimizer, weight_decay=weight_decay)
    trainer = Trainer(ratings, factors, choices, gradient="exact")
    batch = choices.batch(ratings.n_ratings)
    for expected in torch_weights(ratings, factors, optimizer, choices.rate, weight_decay, 50, batch):
        trainer.advance()
        np.testing.assert_allclose(trainer.factors.flat(), expected, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("optimizer", ["momentum", "adagrad", "rmsprop", "adam"])
def test_mini_batches_equal_torch_over_more_than_an_epoch(sheet, optimizer):
    choices = Hyperparameters(optimizer=optimizer, batch_size=50)
    trainer = Trainer(sheet.ratings, sheet.factors["dot"], choices, gradient="exact")
    for expected in torch_weights(sheet.ratings, sheet.factors["dot"], optimizer, choices.rate, 0.0, 12, 50):
        trainer.advance()
        np.testing.assert_allclose(trainer.factors.flat(), expected, rtol=0.0, atol=1e-12)


def test_every_optimizer_on_offer_exists_under_its_own_name():
    assert list(OPTIMIZERS) == list(OPTIMIZER_DEFAULTS)
    for name in OPTIMIZERS:
        assert empty_state(name, 7).fits(name, 7)
        assert make_optimizer(Hyperparameters(optimizer=name)).start(7).fits(name, 7)


def test_a_state_fits_only_its_own_optimizer_and_number_of_weights():
    state = empty_state("adam", 7)
    assert state.fits("adam", 7)
    assert not state.fits("adam", 8)
    assert not state.fits("rmsprop", 7)
    assert not empty_state("lbfgs", 7).fits("lbfgs", 8)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_writes_to_nothing_it_was_given(name, ratings, dot):
    class Bowl:
        def loss(self, vector):
            return float(vector @ vector)

        def gradient(self, vector):
            slopes = 2.0 * vector
            slopes.flags.writeable = False
            return slopes

    vector = np.arange(1.0, 6.0)
    vector.flags.writeable = False
    optimizer = make_optimizer(Hyperparameters(optimizer=name))
    state = optimizer.start(5)
    for _ in range(3):
        for array in state.memory:
            array.flags.writeable = False
        vector, state, _ = optimizer.update(Bowl(), vector, state, Pace(0.1))
        vector.flags.writeable = False
    assert state.count == 3
    assert Bowl().loss(vector) < 55.0


def test_first_steps_known_by_hand():
    class Slope:
        def loss(self, vector):
            raise AssertionError("a first-order optimizer asks for no loss")

        def gradient(self, vector):
            return np.array([2.0, 0.0])

    ends = {
        name: make_optimizer(Hyperparameters(optimizer=name))
        .update(Slope(), np.zeros(2), empty_state(name, 2), Pace(0.5))
        .vector
        for name in ("gd", "momentum", "adagrad", "rmsprop", "adam")
    }
    assert ends["gd"] == pytest.approx([-1.0, 0.0])
    assert ends["momentum"] == pytest.approx([-1.0, 0.0])
    assert ends["adagrad"] == pytest.approx([-0.5, 0.0], abs=1e-9)
    assert ends["rmsprop"] == pytest.approx([-5.0, 0.0], abs=1e-6)
    assert ends["adam"] == pytest.approx([-0.5, 0.0], abs=1e-8)


def test_unrated_users_and_movies_stay_put_without_weight_decay(small):
    ratings, factors = small
    for name in TORCH:
        trainer = Trainer(ratings, factors, Hyperparameters(optimizer=name), gradient="exact")
        for _ in range(10):
            trainer.advance()
        trained = trainer.factors
        assert np.array_equal(trained.user_factors[2], factors.user_factors[2])
        assert trained.user_bias[2] == factors.user_bias[2]
        assert np.array_equal(trained.movie_factors[1], factors.movie_factors[1])
        assert trained.movie_bias[1] == factors.movie_bias[1]
        assert models.rmse(trained, ratings) < models.rmse(factors, ratings)

"""Every first-order optimizer against torch.optim, step by step, on a loss torch computes by itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cfgui.core import first_order, models
from cfgui.core.decay import decay_vector, decoupled_decay, penalty_decay
from cfgui.core.factors import Factors, Layer
from cfgui.core.first_order import FirstOrder, clipped, complement
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.optimizer_state import Pace
from cfgui.core.optimizers import OPTIMIZERS, empty_state, make_optimizer
from cfgui.core.trainer import Trainer

TORCH = {
    "gd": (torch.optim.SGD, {}),
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "fastai-adam": (torch.optim.AdamW, {"betas": (0.9, 0.99), "eps": 1e-5}),
}
"""Our name -> torch's optimizer, with its own defaults but for the momentum."""


def torch_weights(ratings, factors, optimizer, rate, n_steps, batch, *, penalty=0.0, decays=None, clip=0.0, **options):
    """The flat weights after each of ``n_steps`` updates by torch alone: dense tables, a mask, torch's own decay.

    ``penalty`` is the L2 in the loss; ``decays`` is torch's weight_decay of each table.
    """
    tables = [factors.user_factors, factors.movie_factors, factors.user_bias, factors.movie_bias]
    weights = [torch.tensor(table, requires_grad=True) for table in tables if table is not None]
    make, own = TORCH[optimizer]
    decays = [0.0] * len(weights) if decays is None else decays
    groups = [{"params": [table], "weight_decay": decay} for table, decay in zip(weights, decays, strict=True)]
    stepper = make(groups, lr=rate, **(own | options))
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
        loss = ((predictions - crosstab)[mask] ** 2).mean()
        (loss + penalty * sum(table.square().sum() for table in weights)).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(weights, clip)
        stepper.step()
        yield np.concatenate([table.detach().numpy().ravel() for table in weights])


def assert_equal_steps(trainer, expected_weights):
    for expected in expected_weights:
        trainer.advance()
        np.testing.assert_allclose(trainer.factors.flat(), expected, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("optimizer", TORCH)
def test_fifty_steps_equal_torch(sheet, optimizer, model, weight_decay):
    ratings, factors = sheet.ratings, sheet.factors[model]
    choices = Hyperparameters(optimizer=optimizer, weight_decay=weight_decay)
    trainer = Trainer(ratings, factors, choices, gradient="exact")
    # L2 in torch's optimizers adds decay * p to the slope: half of what the penalty decay * p ** 2 adds.
    decay = weight_decay if optimizer in ("adamw", "fastai-adam") else 2.0 * weight_decay
    decays = [decay] * (4 if factors.has_bias else 2)
    batch = choices.batch(ratings.n_ratings)
    assert_equal_steps(trainer, torch_weights(ratings, factors, optimizer, choices.rate, 50, batch, decays=decays))


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])
def test_mini_batches_equal_torch_over_more_than_an_epoch(sheet, optimizer):
    choices = Hyperparameters(optimizer=optimizer, batch_size=50)
    trainer = Trainer(sheet.ratings, sheet.factors["dot"], choices, gradient="exact")
    expected = torch_weights(sheet.ratings, sheet.factors["dot"], optimizer, choices.rate, 12, 50, decays=[0.0, 0.0])
    assert_equal_steps(trainer, expected)


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("momentum", {"momentum": 0.5}),
        ("nesterov", {"momentum": 0.97}),
        ("adam", {"betas": (0.7, 0.999)}),
        ("adamw", {"betas": (0.85, 0.999)}),
    ],
)
def test_the_momentum_chosen_is_in_force(sheet, optimizer, options):
    share = options.get("momentum") or options["betas"][0]
    choices = Hyperparameters(optimizer=optimizer, momentum=share, learning_rate=0.02)
    trainer = Trainer(sheet.ratings, sheet.factors["bias"], choices, gradient="exact")
    assert_equal_steps(
        trainer, torch_weights(sheet.ratings, sheet.factors["bias"], optimizer, 0.02, 50, 206, **options)
    )


@pytest.mark.parametrize("optimizer", ["gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
def test_decoupled_decay_shrinks_the_weights_and_leaves_the_gradient_alone(sheet, optimizer):
    """Before each update torch's weights are shrunk by hand; the rest of the update is torch's without decay."""
    ratings, factors = sheet.ratings, sheet.factors["bias"]
    choices = Hyperparameters(optimizer=optimizer, weight_decay=0.1, decay_kind="decoupled", batch_size=0)
    trainer = Trainer(ratings, factors, choices, gradient="exact")
    make, own = TORCH[optimizer]
    weights = torch.tensor(factors.flat(), requires_grad=True)
    stepper = make([weights], lr=choices.rate, **own)
    for _ in range(50):
        old = weights.detach().numpy().copy()
        weights.grad = torch.tensor(
            models.gradient(factors.view_of(old), ratings.users, ratings.movies, ratings.values)
        )
        with torch.no_grad():
            weights.mul_(1.0 - choices.rate * 0.1)
        stepper.step()
        report = trainer.advance()
        np.testing.assert_allclose(trainer.factors.flat(), weights.detach().numpy(), rtol=0.0, atol=1e-12)
        assert report.loss == pytest.approx(report.rmse**2, rel=1e-14)


def test_each_table_has_the_decay_that_is_its_own(sheet):
    ratings, factors = sheet.ratings, sheet.factors["bias"]
    choices = Hyperparameters(optimizer="adamw", weight_decay=0.2, movie_decay=0.05, bias_decay=0.0)
    trainer = Trainer(ratings, factors, choices, gradient="exact")
    decays = [0.2, 0.05, 0.0, 0.0]
    assert_equal_steps(trainer, torch_weights(ratings, factors, "adamw", choices.rate, 50, 206, decays=decays))
    in_loss = replace(choices, optimizer="adam")
    trainer = Trainer(ratings, factors, in_loss, gradient="exact")
    doubled = [2.0 * decay for decay in decays]
    assert_equal_steps(trainer, torch_weights(ratings, factors, "adam", in_loss.rate, 50, 206, decays=doubled))


def test_decays_stand_in_the_order_of_the_weights():
    layers = (Layer(np.ones((3, 2)), np.ones(2)), Layer(np.ones((2, 1)), np.ones(1)))
    net = Factors(np.ones((2, 1)), np.ones((1, 2)), layers=layers)
    choices = Hyperparameters(model="neural", n_factors=1, weight_decay=1.0, movie_decay=2.0, layer_decay=3.0)
    assert decay_vector(net, choices).tolist() == [1.0] * 2 + [2.0] * 2 + [3.0] * 11
    assert decay_vector(net, replace(choices, movie_decay=None, layer_decay=1.0)) == 1.0
    biased = Factors(np.ones((2, 1)), np.ones((1, 1)), np.ones(2), np.ones(1))
    choices = Hyperparameters(model="bias", n_factors=1, weight_decay=1.0, bias_decay=0.0)
    assert decay_vector(biased, choices).tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("optimizer", "kind", "in_loss"),
    [("gd", "l2", 0.3), ("gd", "decoupled", 0.0), ("adamw", "l2", 0.0), ("lbfgs", "decoupled", 0.3)],
)
def test_decay_is_in_the_loss_or_apart_from_it(dot, optimizer, kind, in_loss):
    choices = Hyperparameters(optimizer=optimizer, decay_kind=kind, weight_decay=0.3)
    assert (penalty_decay(dot, choices), decoupled_decay(dot, choices)) == (in_loss, 0.3 - in_loss)


@pytest.mark.parametrize("optimizer", [name for name in TORCH if name not in ("adamw", "fastai-adam")])
def test_clipped_gradients_equal_torch_s(sheet, optimizer):
    ratings, factors = sheet.ratings, sheet.factors["bias"]
    choices = Hyperparameters(optimizer=optimizer, clip=0.5, weight_decay=0.01, batch_size=0)
    trainer = Trainer(ratings, factors, choices, gradient="exact")
    expected = torch_weights(ratings, factors, optimizer, choices.rate, 50, 206, penalty=0.01, clip=0.5)
    assert_equal_steps(trainer, expected)


def test_clipping_by_hand():
    gradient = np.array([3.0, 4.0])
    assert clipped(gradient, 0.0) is gradient
    assert clipped(gradient, 6.0) is gradient
    assert clipped(gradient, 1.0) == pytest.approx([0.6, 0.8], abs=1e-6)


def test_a_long_vector_is_worked_on_in_blocks_with_the_same_bits(monkeypatch):
    rng = np.random.default_rng(1)
    vector, slopes, decay = rng.normal(size=1000), rng.normal(size=1000), rng.random(1000)

    class Plane:
        def loss(self, vector):
            raise AssertionError

        def gradient(self, _vector):
            return slopes

    for name, rule, n_memories in (("adam", first_order.Adam(), 2), ("nesterov", first_order.nesterov, 1)):
        optimizer = FirstOrder(name, n_memories, rule, clip=0.3)
        ends = []
        for block in (10**6, 64):
            monkeypatch.setattr(first_order, "BLOCK", block)
            now, state = vector, optimizer.start(1000)
            for pace in (Pace(0.1), Pace(0.2, 0.5, 0.3), Pace(0.2, 0.5, decay)):
                now, state, _ = optimizer.update(Plane(), now, state, pace)
            ends.append((now, *state.memory))
        assert all(np.array_equal(one, other) for one, other in zip(*ends, strict=True))


def test_the_rest_of_a_share_is_what_is_written():
    assert [complement(share) for share in (0.9, 0.0, 0.85, 0.999)] == [0.1, 1.0, 0.15, 0.001]


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


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in ("als", "gibbs")])
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
        for name in ("gd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
    }
    assert ends["gd"] == pytest.approx([-1.0, 0.0])
    assert ends["momentum"] == pytest.approx([-1.0, 0.0])
    assert ends["nesterov"] == pytest.approx([-1.9, 0.0])
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


@pytest.mark.parametrize("name", ["als", "gibbs"])
def test_what_solves_rows_is_charged_no_weight_decay(name):
    shape = Factors(np.ones((3, 2)), np.ones((4, 2)), np.ones(3), np.ones(4))
    assert penalty_decay(shape, Hyperparameters(optimizer=name, weight_decay=0.1, bias_decay=0.2)) == 0.0

"""Schedules: against torch's own, against numbers by hand, and followed by training."""

import warnings
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from cfgui.core import models
from cfgui.core.compiled_engine import CompiledEngine
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.options import OPTION_BY_NAME
from cfgui.core.schedules import SHAPES, Schedule, make_schedule
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from cfgui.io.synthetic import synthetic_ratings


def of(kind, n_steps, momentum=0.9):
    return Schedule(kind, n_steps, momentum)


def test_every_schedule_on_offer_exists():
    assert tuple(SHAPES) == OPTION_BY_NAME["schedule"].choices


@pytest.mark.parametrize("n_steps", [4, 100, 1030])
def test_one_cycle_equals_torch_s(n_steps):
    """torch divides its last phases by one step less than it makes; with one step more both reach the same places."""
    weights = [torch.zeros(1, requires_grad=True)]
    optimizer = torch.optim.SGD(weights, lr=0.1, momentum=0.9)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=0.005,
        total_steps=n_steps + 1,
        pct_start=(0.25 * n_steps + 1.0) / (n_steps + 1.0),
        anneal_strategy="cos",
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=25.0,
        final_div_factor=1e5 / 25.0,
        three_phase=False,
    )
    ours = of("one-cycle", n_steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the scheduler runs before the optimizer does
        for step in range(n_steps + 1):
            group = optimizer.param_groups[0]
            rate, momentum = ours.at(step, 0.005)
            assert rate == pytest.approx(group["lr"], abs=1e-12)
            assert momentum == pytest.approx(group["momentum"], abs=1e-12)
            if step < n_steps:
                theirs.step()


def test_one_cycle_by_hand():
    cycle = of("one-cycle", 80)
    assert cycle.at(0, 1.0) == pytest.approx((0.04, 0.95), abs=1e-15)
    assert cycle.at(10, 1.0) == pytest.approx((0.52, 0.9), abs=1e-15)
    assert cycle.at(20, 1.0) == pytest.approx((1.0, 0.85), abs=1e-15)
    assert cycle.at(50, 1.0) == pytest.approx(((1.0 + 1e-5) / 2.0, 0.9), abs=1e-15)
    assert cycle.at(80, 1.0) == (1e-5, 0.95)
    assert cycle.at(10**9, 1.0) == (1e-5, 0.95)


def test_cosine_equals_torch_s_and_stays_at_0():
    weights = [torch.zeros(1, requires_grad=True)]
    optimizer = torch.optim.SGD(weights, lr=0.3)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    ours = of("cosine", 50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for step in range(51):
            assert ours.at(step, 0.3)[0] == pytest.approx(optimizer.param_groups[0]["lr"], abs=1e-12)
            theirs.step()
    assert ours.at(50, 0.3) == (0.0, 0.9)
    assert ours.at(51, 0.3) == (0.0, 0.9)


def test_steps_are_tenths_after_each_third():
    rates = [of("step", 9).at(step, 0.5)[0] for step in (0, 2, 3, 5, 6, 8, 9, 100)]
    assert rates == [0.5, 0.5, 0.05, 0.05, 0.005, 0.005, 0.005, 0.005]


def test_constant_is_the_rate_chosen():
    assert of("constant", 10, 0.7).at(5, 0.25) == (0.25, 0.7)


@pytest.mark.parametrize(("batch_size", "n_steps"), [(0, 3), (50, 15), (1, 618)])
def test_a_schedule_is_as_long_as_its_epochs(batch_size, n_steps):
    choices = Hyperparameters(
        optimizer="adam", batch_size=batch_size, schedule="cosine", schedule_epochs=3, momentum=0.8
    )
    assert make_schedule(choices, 206) == Schedule("cosine", n_steps, 0.8)


def test_lbfgs_finds_its_lengths_by_itself():
    choices = Hyperparameters(optimizer="lbfgs", schedule="one-cycle")
    assert make_schedule(choices, 206).is_constant


def test_training_follows_one_cycle_like_torch(ratings, dot):
    """Rate and momentum set by hand before each of torch's updates, beyond the end of the schedule."""
    choices = Hyperparameters(
        optimizer="nesterov", learning_rate=0.2, batch_size=100, schedule="one-cycle", schedule_epochs=8
    )
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    weights = torch.tensor(dot.flat(), requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=1.0, momentum=0.9, nesterov=True)
    for step in range(30):
        block = slice(100 * (step % 3), min(100 * (step % 3) + 100, 206))
        now = dot.view_of(weights.detach().numpy().copy())
        weights.grad = torch.tensor(
            models.gradient(now, ratings.users[block], ratings.movies[block], ratings.values[block])
        )
        optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"] = of("one-cycle", 24).at(step, 0.2)
        optimizer.step()
        trainer.advance()
        np.testing.assert_allclose(trainer.factors.flat(), weights.detach().numpy(), rtol=0.0, atol=1e-12)


def test_going_on_later_is_at_the_same_place_of_the_schedule(ratings, dot):
    choices = Hyperparameters(optimizer="adam", schedule="cosine", schedule_epochs=10)
    whole = Trainer(ratings, dot, choices, gradient="exact")
    reports = list(islice(whole.steps(), 10))
    first = Trainer(ratings, dot, choices, gradient="exact")
    list(islice(first.steps(), 4))
    second = Trainer(
        ratings,
        first.factors,
        choices,
        step=4,
        seen=first.seen,
        optimizer_state=first.optimizer_state,
        gradient="exact",
    )
    assert list(islice(second.steps(), 6)) == reports[4:]


@pytest.fixture(scope="module")
def table():
    return synthetic_ratings(300, 200, 21_000, seed=3)


@pytest.mark.parametrize(
    ("decay_kind", "decay", "in_loops"), [("l2", 0, 0), ("l2", 1e-4, 1e-4), ("decoupled", 1e-4, 5e-5)]
)
def test_compiled_updates_follow_the_schedule_in_stretches(table, monkeypatch, decay_kind, decay, in_loops):
    """Each stretch has one rate, whatever the looks in between."""
    factors = random_factors(table.n_users, table.n_movies, 4, bias=True, init="normal", seed=1)
    choices = Hyperparameters(
        optimizer="sgd",
        learning_rate=0.02,
        schedule="one-cycle",
        schedule_epochs=1,
        weight_decay=decay,
        decay_kind=decay_kind,
        order="rows",
    )
    calls = []
    real = CompiledEngine.sgd

    def watched(self, vector, first, n_updates, rate, decay):
        calls.append((first, n_updates, rate, decay))
        return real(self, vector, first, n_updates, rate, decay)

    monkeypatch.setattr(CompiledEngine, "sgd", watched)
    whole = Trainer(table, factors, choices)
    assert whole.engine == "compiled"
    whole.advance(whole.stride)
    assert (whole.step, whole.epoch) == (table.n_ratings, 1)
    assert len(calls) >= 200
    cycle = of("one-cycle", table.n_ratings)
    for first, n_updates, rate, shrunk in calls:
        steps = [cycle.at(step, 0.02)[0] for step in (first, first + n_updates)]
        assert min(steps) <= rate <= max(*steps, 0.02)
        assert abs(rate - steps[0]) < 0.02 / 25
        assert shrunk == in_loops
    bits = Trainer(table, factors, choices)
    for updates in (7, 4321, 10**4, table.n_ratings - 7 - 4321 - 10**4):
        bits.advance(updates)
    np.testing.assert_allclose(bits.factors.flat(), whole.factors.flat(), rtol=0.0, atol=1e-12 if decay else 0.0)


def test_compiled_updates_with_decoupled_decay_are_those_of_arrays(table):
    factors = random_factors(table.n_users, table.n_movies, 3, bias=False, init="normal", seed=2)
    choices = Hyperparameters(optimizer="sgd", learning_rate=0.05, weight_decay=0.01, decay_kind="decoupled")
    trainer = Trainer(table, factors, choices)
    trainer.advance(50)
    assert trainer.engine == "compiled"
    expected = factors
    for i in range(50):
        one = slice(i, i + 1)
        slopes = models.gradient(expected, table.users[one], table.movies[one], table.values[one])
        expected = factors.view_of(expected.flat() * (1.0 - 0.05 * 0.01) - 0.05 * slopes)
    np.testing.assert_allclose(trainer.factors.flat(), expected.flat(), rtol=0.0, atol=1e-12)


@pytest.mark.parametrize(
    "choice", [{"clip": 1.0}, {"bias_decay": 0.5}, {"decay_kind": "decoupled", "gradient": "forward"}]
)
def test_what_the_loops_cannot_do_is_done_with_arrays(table, choice):
    choices = Hyperparameters(**({"optimizer": "sgd", "weight_decay": 0.01, "gradient": "central"} | choice))
    factors = random_factors(table.n_users, table.n_movies, 2, bias=False, seed=2)
    assert Trainer(table, factors, choices).engine == "numpy"
    assert Trainer(table, factors, replace(choices, clip=0.0, bias_decay=None, decay_kind="l2")).engine == "compiled"


def test_a_suggested_rate_is_tried_at_its_full_height(ratings, dot):
    """With one-cycle the first updates are slow; a rate that only survives those is not suggested."""
    from cfgui.core.divergence import Diverged

    choices = Hyperparameters(learning_rate=1e4, schedule="one-cycle", schedule_epochs=1000)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    with pytest.raises(Diverged) as caught:
        list(islice(trainer.steps(), 1000))
    steady = Trainer(ratings, trainer.factors, Hyperparameters(learning_rate=caught.value.suggestion), gradient="exact")
    before = steady.loss
    list(islice(steady.steps(), 100))
    assert steady.loss < before

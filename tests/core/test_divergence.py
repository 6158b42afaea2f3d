"""A rate that explodes: where it is noticed, what comes back and what is suggested."""

import pickle
import warnings
from itertools import islice

import numpy as np
import pytest

from cfgui.core import models, suggestion
from cfgui.core.divergence import Diverged, smaller_rate
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.stepper import Stepper
from cfgui.core.trainer import Trainer


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def diverged(trainer):
    """The reports before the step that raised, and what it raised."""
    reports = []
    try:
        while len(reports) < 5000:
            reports.append(trainer.advance())
    except Diverged as error:
        return reports, error
    raise AssertionError("it did not diverge")


def first_bad_step(ratings, factors, rate):
    """Gradient descent in the open: the first step whose loss or weights are not finite."""
    with np.errstate(all="ignore"):
        for step in range(1, 5000):
            slopes = models.gradient(factors, ratings.users, ratings.movies, ratings.values)
            factors = factors.view_of(factors.flat() - rate * slopes)
            if not np.isfinite(models.mse(factors, ratings)) or not np.isfinite(factors.flat()).all():
                return step
    raise AssertionError("it did not diverge")


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_rate_five_on_dotprod(ratings, dot, gradient):
    trainer = Trainer(ratings, dot, Hyperparameters(learning_rate=5.0), gradient=gradient)
    reports, error = diverged(trainer)
    step = first_bad_step(ratings, dot, 5.0)
    assert error.step == step == len(reports) + 1
    assert (error.good_step, error.learning_rate) == (0, 5.0)
    assert trainer.factors.equals(dot)
    assert (trainer.step, trainer.seen, trainer.rmse) == (0, 0, models.rmse(dot, ratings))
    assert str(error) == (
        f"Step {step} gave a loss that is not a finite number: the rate 5 is too large."
        f" The weights of step 0 are back; try {error.suggestion:g}."
    )


@pytest.mark.parametrize(
    ("optimizer", "rate"), [("gd", 5.0), ("gd", 1e6), ("gd", 3.0), ("sgd", 1.0), ("momentum", 10.0)]
)
def test_the_rate_suggested_trains(ratings, dot, optimizer, rate):
    choices = Hyperparameters(optimizer=optimizer, learning_rate=rate)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    error = diverged(trainer)[1]
    assert 0.0 < error.suggestion < rate
    trainer.hyperparameters = Hyperparameters(optimizer=optimizer, learning_rate=error.suggestion)
    reports = list(islice(trainer.steps(), 2000))
    assert len(reports) == 2000
    assert reports[-1].rmse < 0.7
    assert reports[0].step == error.good_step + 1


def test_the_good_step_is_the_last_within_a_tenth_of_the_lowest(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(learning_rate=3.0), step=100, gradient="exact")
    reports, error = diverged(trainer)
    lowest = np.minimum.accumulate([report.loss for report in reports])
    good = [report for report, low in zip(reports, lowest, strict=True) if report.loss <= 1.1 * low][-1]
    assert error.good_step == good.step == trainer.step
    assert good.step > 101
    assert (trainer.loss, trainer.rmse, trainer.epoch) == (good.loss, good.rmse, good.epoch)
    assert models.rmse(trainer.factors, ratings) == good.rmse


def test_what_the_optimizer_remembers_comes_back_too(ratings, dot):
    choices = Hyperparameters(optimizer="momentum", learning_rate=3.0)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    error = diverged(trainer)[1]
    replay = Trainer(ratings, dot, choices, gradient="exact")
    list(islice(replay.steps(), error.good_step))
    assert replay.step == error.good_step > 0
    assert np.array_equal(trainer.optimizer_state.memory[0], replay.optimizer_state.memory[0])
    assert trainer.factors.equals(replay.factors)
    assert trainer.optimizer_state.count == error.good_step


def test_weights_are_watched_even_where_no_rating_shows_them(small, monkeypatch):
    """User 2 has no rating, so the loss stays finite while a slope of that user is not."""
    ratings, factors = small

    def poisoned(_hyperparameters, _decay=None):
        def gradient(*_arguments):
            slopes = np.zeros(factors.n_parameters)
            slopes[2 * factors.n_factors] = np.nan
            return slopes

        return gradient

    monkeypatch.setitem(GRADIENTS, "poisoned", poisoned)
    trainer = Trainer(ratings, factors, Hyperparameters(), gradient="poisoned")
    error = diverged(trainer)[1]
    assert (error.step, error.good_step, error.suggestion) == (1, 0, 0.0)
    assert trainer.factors.equals(factors)
    assert str(error) == (
        "Step 1 gave a loss that is not a finite number, and no smaller rate helps:"
        " the weights of step 0 are back; reset them."
    )


def test_memory_that_overflows_is_noticed_though_the_weights_stand_still(small, monkeypatch):
    """The square of a slope of 1e200 is infinite; dividing by it would freeze the weight for ever."""
    ratings, factors = small

    def huge(_hyperparameters, _decay=None):
        return lambda *_arguments: np.full(factors.n_parameters, 1e200)

    monkeypatch.setitem(GRADIENTS, "huge", huge)
    trainer = Trainer(ratings, factors, Hyperparameters(optimizer="adagrad"), gradient="huge")
    assert diverged(trainer)[1].step == 1


def test_a_new_decay_moves_the_mark_that_good_steps_are_held_against(ratings, dot):
    choices = Hyperparameters(learning_rate=0.5)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    list(islice(trainer.steps(), 20))
    trainer.hyperparameters = Hyperparameters(learning_rate=1e4, weight_decay=0.001)
    error = diverged(trainer)[1]
    assert error.good_step == 20
    trainer.hyperparameters = Hyperparameters(learning_rate=error.suggestion, weight_decay=0.001)
    assert trainer.advance().step == 21


@pytest.mark.parametrize("scale", [1e4, 1e30])
def test_lbfgs_never_diverges_from_a_bad_start(ratings, dot, scale):
    far = dot.view_of(dot.flat() * scale)
    trainer = Trainer(ratings, far, Hyperparameters(optimizer="lbfgs", learning_rate=1e6), gradient="exact")
    losses = [trainer.loss, *(report.loss for report in islice(trainer.steps(), 300))]
    assert losses == sorted(losses, reverse=True)
    assert np.isfinite(trainer.factors.flat()).all()
    assert trainer.rmse < 1.0 or scale == 1e30


def test_a_trial_is_short_where_there_are_many_ratings(ratings, dot, monkeypatch):
    updates = []
    monkeypatch.setattr(suggestion, "TRIAL_RATINGS", 0)
    trainer = Trainer(ratings, dot, Hyperparameters(learning_rate=5.0), gradient="exact")
    after = Stepper.after
    monkeypatch.setattr(Stepper, "after", lambda self, at, rate, n: updates.append(rate) or after(self, at, rate, n))
    error = diverged(trainer)[1]
    assert updates.count(error.suggestion) == 10


def test_the_error_can_be_sent_to_another_process():
    error = pickle.loads(pickle.dumps(Diverged(7, 3, 5.0, 0.5)))
    assert (error.step, error.good_step, error.learning_rate, error.suggestion) == (7, 3, 5.0, 0.5)
    assert str(error).endswith("The weights of step 3 are back; try 0.5.")


def test_smaller_rates_are_tried_from_large_to_small_until_one_does_worse():
    tried = []

    def loss_after(rate):
        tried.append(rate)
        return {0.2: np.inf, 0.1: 5.0, 0.05: 2.0, 0.02: 1.0, 0.01: 3.0}[rate]

    assert smaller_rate(0.3, 4.0, loss_after) == 0.02
    assert tried == [0.2, 0.1, 0.05, 0.02, 0.01]


def test_no_rate_is_suggested_where_none_gets_lower():
    tried = []
    assert smaller_rate(5.0, 4.0, lambda rate: tried.append(rate) or 4.0) == 0.0
    assert (tried[0], tried[-1]) == (2.0, 1e-11)
    assert smaller_rate(0.0, 4.0, lambda rate: 0.0) == 0.0

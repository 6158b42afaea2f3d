"""The trainer: batches, epochs, going on later, changing one's mind mid-run, and what a step costs."""

import time
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.position import StepReport
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer


def batches(n, size):
    """The blocks of two epochs by hand."""
    return 2 * [slice(start, min(start + size, n)) for start in range(0, n, size)]


@pytest.mark.parametrize("size", [1, 50, 103, 206])
def test_batches_are_consecutive_blocks_and_the_last_of_an_epoch_is_smaller(ratings, dot, size):
    choices = Hyperparameters(optimizer="sgd", batch_size=size, learning_rate=0.01)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    factors = dot
    for step, block in enumerate(batches(206, size), start=1):
        slopes = models.gradient(factors, ratings.users[block], ratings.movies[block], ratings.values[block])
        factors = factors.view_of(factors.flat() - 0.01 * slopes)
        report = trainer.advance()
        assert report.step == step
        assert trainer.factors.equals(factors)
    assert (trainer.step, trainer.seen, trainer.epoch) == (len(batches(206, size)), 412, 2)


def test_one_rating_at_a_time_both_sides_move_from_the_same_old_values(small):
    ratings, factors = small
    trainer = Trainer(ratings, factors, Hyperparameters(optimizer="sgd", learning_rate=0.1), gradient="exact")
    trainer.advance()
    user, movie = factors.user_factors[0], factors.movie_factors[0]
    error = user @ movie + factors.user_bias[0] + factors.movie_bias[0] - 4.0
    assert trainer.factors.user_factors[0] == pytest.approx(user - 0.1 * 2.0 * error * movie, abs=1e-15)
    assert trainer.factors.movie_factors[0] == pytest.approx(movie - 0.1 * 2.0 * error * user, abs=1e-15)
    assert trainer.factors.user_bias[0] == pytest.approx(factors.user_bias[0] - 0.2 * error, abs=1e-15)


def test_all_ratings_are_all_of_them_in_the_middle_of_an_epoch(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="gd", learning_rate=0.5), seen=37, gradient="exact")
    report = trainer.advance()
    assert report.rmse == pytest.approx(2.319990381204, abs=1e-9)
    assert (trainer.seen, trainer.epoch) == (37 + 206, 1)


def test_a_batch_goes_on_where_the_last_one_ended(ratings, dot):
    choices = Hyperparameters(optimizer="sgd", batch_size=100, learning_rate=0.01)
    trainer = Trainer(ratings, dot, choices, seen=206 + 150, gradient="exact")
    report = trainer.advance()
    block = slice(150, 206)
    slopes = models.gradient(dot, ratings.users[block], ratings.movies[block], ratings.values[block])
    assert np.array_equal(trainer.factors.flat(), dot.flat() - 0.01 * slopes)
    assert (trainer.seen, report.epoch) == (412, 2)


def test_a_report_is_about_all_ratings_after_the_step(ratings, bias):
    choices = Hyperparameters(optimizer="adam", batch_size=7, weight_decay=0.02)
    trainer = Trainer(ratings, bias, choices, gradient="exact")
    for _ in range(5):
        report = trainer.advance()
        assert report.rmse == models.rmse(trainer.factors, ratings)
        penalty = 0.02 * float(np.sum(trainer.factors.flat() ** 2))
        assert report.loss == pytest.approx(models.mse(trainer.factors, ratings) + penalty, rel=1e-14)
        assert report == StepReport(trainer.step, trainer.epoch, trainer.loss, trainer.rmse)


@pytest.mark.parametrize("optimizer", OPTIMIZER_DEFAULTS)
def test_going_on_later_is_the_same_as_never_having_stopped(ratings, dot, optimizer):
    size = None if optimizer in ("gd", "lbfgs") else 60
    choices = Hyperparameters(optimizer=optimizer, batch_size=size)
    whole = Trainer(ratings, dot, choices, gradient="exact")
    reports = list(islice(whole.steps(), 10))
    first = Trainer(ratings, dot, choices, gradient="exact")
    list(islice(first.steps(), 5))
    weights, seen, state = first.factors, first.seen, first.optimizer_state
    list(islice(first.steps(), 3))
    second = Trainer(ratings, weights, choices, step=5, seen=seen, optimizer_state=state, gradient="exact")
    assert list(islice(second.steps(), 5)) == reports[5:]
    assert second.factors.equals(whole.factors)


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("optimizer", OPTIMIZER_DEFAULTS)
def test_the_same_bits_twice(ratings, bias, optimizer, gradient):
    def trained():
        trainer = Trainer(ratings, bias, Hyperparameters(optimizer=optimizer, weight_decay=0.001), gradient=gradient)
        list(islice(trainer.steps(), 12))
        return trainer.factors

    assert trained().equals(trained())


def test_weights_handed_out_are_read_only_and_stay_as_they_were(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="adam"), gradient="exact")
    before = trainer.factors
    copy = before.flat()
    trainer.advance()
    assert np.array_equal(before.flat(), copy)
    assert not trainer.factors.equals(before)
    with pytest.raises(ValueError, match="read-only"):
        trainer.factors.user_factors[0, 0] = 1.0


def test_the_weights_it_was_given_are_left_alone(ratings):
    factors = random_factors(15, 15, 3, bias=True, seed=5)
    writable = factors.view_of(factors.flat())
    trainer = Trainer(ratings, writable, Hyperparameters(learning_rate=0.5), gradient="exact")
    trainer.advance()
    assert writable.equals(factors)
    writable.user_factors[0, 0] = 99.0
    assert trainer.factors.user_factors[0, 0] != 99.0


def test_changing_the_rate_mid_run_keeps_weights_and_memory(ratings, dot):
    choices = Hyperparameters(optimizer="momentum", learning_rate=0.1)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    list(islice(trainer.steps(), 5))
    weights, velocity = trainer.factors, trainer.optimizer_state.memory[0]
    trainer.hyperparameters = replace(choices, learning_rate=0.02)
    assert trainer.factors.equals(weights)
    trainer.advance()
    slopes = models.gradient(weights, ratings.users, ratings.movies, ratings.values)
    expected = weights.flat() - 0.02 * (0.9 * velocity + slopes)
    assert np.array_equal(trainer.factors.flat(), expected)
    assert trainer.step == 6


def test_changing_the_optimizer_mid_run_keeps_weights_and_starts_its_memory_anew(ratings, dot):
    choices = Hyperparameters(optimizer="adam")
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    list(islice(trainer.steps(), 5))
    weights = trainer.factors
    trainer.hyperparameters = replace(choices, optimizer="rmsprop")
    assert trainer.factors.equals(weights)
    assert trainer.optimizer_state.optimizer == "rmsprop"
    assert not trainer.optimizer_state.memory[0].any()
    assert trainer.step == 5


def test_changing_gradient_batch_and_decay_mid_run(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="adam", gradient="autograd"))
    list(islice(trainer.steps(), 3))
    memory, weights, loss = trainer.optimizer_state.memory, trainer.factors, trainer.loss
    trainer.hyperparameters = Hyperparameters(
        optimizer="adam", gradient="forward", epsilon=0.001, batch_size=50, weight_decay=0.1
    )
    assert trainer.factors.equals(weights)
    assert all(ours is theirs for ours, theirs in zip(trainer.optimizer_state.memory, memory, strict=True))
    assert trainer.loss == pytest.approx(loss + 0.1 * float(np.sum(weights.flat() ** 2)))
    trainer.advance()
    assert trainer.seen == 3 * 206 + 50


def test_a_finished_solve_goes_on_when_the_question_changes(ratings, dot):
    choices = Hyperparameters(optimizer="lbfgs")
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    assert sum(1 for _ in trainer.steps()) == trainer.step
    assert trainer.finished
    trainer.hyperparameters = replace(choices, weight_decay=0.1)
    assert (trainer.finished, trainer.stop_reason) == (False, "")
    before = trainer.loss
    list(islice(trainer.steps(), 5))
    assert trainer.loss < before


def test_a_state_that_does_not_fit_is_set_aside(ratings, dot, bias):
    adam = Trainer(ratings, bias, Hyperparameters(optimizer="adam"), gradient="exact")
    adam.advance()
    for wrong in (adam.optimizer_state, None, "nonsense"):
        trainer = Trainer(ratings, dot, Hyperparameters(optimizer="adam"), optimizer_state=wrong, gradient="exact")
        assert trainer.optimizer_state.count == 0
        assert trainer.optimizer_state.memory[0].shape == (150,)


def test_no_ratings_is_a_sentence():
    nothing = Ratings.from_crosstab(["a"], ["x"], np.zeros((1, 1)), np.zeros((1, 1), dtype=bool))
    with pytest.raises(ValueError, match=r"^There are no ratings to train on\.$"):
        Trainer(nothing, random_factors(1, 1, 1, bias=False), Hyperparameters(), gradient="exact")


def test_weights_of_another_crosstab_are_a_sentence(ratings):
    with pytest.raises(ValueError, match="The weights are for 3 users and 15 movies, the ratings for 15 and 15"):
        Trainer(ratings, random_factors(3, 15, 5, bias=False), Hyperparameters(), gradient="exact")


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_weights_whose_loss_is_no_number_are_a_sentence(ratings, dot, value):
    vector = dot.flat()
    vector[0] = value
    with pytest.raises(ValueError, match="The loss of these weights is not a finite number"):
        Trainer(ratings, dot.view_of(vector), Hyperparameters(), gradient="exact")


def test_a_single_rating_is_learnt():
    one = Ratings.from_crosstab(["a"], ["x"], np.array([[4.0]]), np.array([[True]]))
    start = Factors(np.array([[1.0]]), np.array([[1.0]]))
    trainer = Trainer(one, start, Hyperparameters(learning_rate=0.05), gradient="exact")
    reports = list(islice(trainer.steps(), 200))
    assert reports[-1].rmse < 1e-6
    assert reports[-1].epoch == 200


@pytest.mark.parametrize("gradient", GRADIENTS)
@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZER_DEFAULTS if name not in ("als", "gibbs")])
def test_a_step_takes_less_than_a_millisecond(ratings, bias, optimizer, gradient):
    """Measured on two cores: 0.05 to 0.25 ms a step; an iteration of lbfgs, with its line search, 0.25 to 0.65."""
    trainer = Trainer(ratings, bias, Hyperparameters(optimizer=optimizer), gradient=gradient)
    seconds = []
    for _ in range(40):
        start = time.perf_counter()
        trainer.advance()
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.001

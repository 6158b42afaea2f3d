"""Choices: what is allowed, what is said when it is not, and what follows from them."""

from dataclasses import fields

import pytest

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.options import OPTIONS, defaults


def test_every_field_is_an_option_with_the_same_default():
    assert [field.name for field in fields(Hyperparameters)] == [option.name for option in OPTIONS]
    assert dict(defaults()) == {field.name: field.default for field in fields(Hyperparameters)}
    Hyperparameters(**defaults())


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (
            {"optimizer": "newton"},
            f"Optimizer must be one of {', '.join(OPTIMIZER_DEFAULTS)}, not 'newton'",
        ),
        ({"learning_rate": -0.1}, "Rate must lie between 0 and 1000000, not -0.1"),
        ({"learning_rate": float("nan")}, "Rate must be a finite number, not nan"),
        ({"weight_decay": float("inf")}, "Decay must be a finite number, not inf"),
        ({"epsilon": 0.0}, "Epsilon must lie between 1e-12 and 1, not 0"),
        ({"epsilon": None}, "Epsilon must be a finite number, not None"),
        ({"batch_size": 1.5}, "Batch must be a whole number, not 1.5"),
        ({"schedule_epochs": 0}, "Schedule epochs must lie between 1 and 100000, not 0"),
        ({"n_factors": 0}, "Factors must lie between 1 and 1000, not 0"),
        ({"n_factors": True}, "Factors must be a finite number, not True"),
        ({"learning_rate": "0.1"}, "Rate must be a finite number, not '0.1'"),
        ({"seed": -1}, "Seed must lie between 0 and 9223372036854775807, not -1"),
        ({"seed": 10**400}, "Seed must lie between 0 and 9223372036854775807, not further out"),
    ],
)
def test_what_is_not_allowed_is_said_in_a_sentence(choice, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole sentence is compared below
        Hyperparameters(**choice)
    assert str(caught.value) == sentence


def test_none_means_the_optimizer_s_own():
    assert Hyperparameters(optimizer="adam").rate == OPTIMIZER_DEFAULTS["adam"].learning_rate
    assert Hyperparameters(optimizer="adam", learning_rate=0.0).rate == 0.0
    assert Hyperparameters(optimizer="sgd").batch(206) == 1
    assert Hyperparameters(optimizer="adam").batch(206) == 206


@pytest.mark.parametrize(
    ("optimizer", "batch_size", "batch", "steps"),
    [
        ("gd", None, 206, 1),
        ("gd", 10, 206, 1),
        ("lbfgs", 10, 206, 1),
        ("sgd", None, 1, 206),
        ("sgd", 50, 50, 5),
        ("sgd", 103, 103, 2),
        ("sgd", 0, 206, 1),
        ("adam", 1000, 206, 1),
    ],
)
def test_batches_and_steps_per_epoch(optimizer, batch_size, batch, steps):
    choices = Hyperparameters(optimizer=optimizer, batch_size=batch_size)
    assert choices.batch(206) == batch
    assert choices.steps_per_epoch(206) == steps
    assert choices.steps_per_epoch(0) == 1


@pytest.mark.parametrize(
    ("choices", "n_ratings", "batch"),
    [
        ({"model": "neural", "optimizer": "sgd"}, 20_000, 64),
        ({"model": "ordinal", "optimizer": "sgd"}, 100_004, 64),
        ({"model": "neural", "optimizer": "sgd"}, 19_999, 1),
        ({"model": "neural", "optimizer": "sgd", "batch_size": 1}, 20_000, 1),
        ({"model": "bias", "optimizer": "sgd"}, 20_000, 1),
        ({"model": "neural", "optimizer": "adam"}, 20_000, 20_000),
    ],
)
def test_sgd_takes_many_ratings_of_a_net_in_batches(choices, n_ratings, batch):
    assert Hyperparameters(**choices).batch(n_ratings) == batch

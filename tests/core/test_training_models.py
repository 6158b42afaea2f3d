"""Training every model: against plain torch loops, by every engine, with frozen tables, the same bits on threads."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.nn import functional

from cfgui.core import first_order_loops
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import MODELS, predict
from cfgui.core.structure import starting_weights
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table


@pytest.fixture(scope="module")
def table():
    """21,000 ratings by 300 users of 200 movies."""
    return random_table(300, 200, 21_000, seed=4)


def trained(ratings, choices, steps, **options):
    trainer = Trainer(ratings, starting_weights(ratings, choices), choices, **options)
    trainer.advance(steps)
    return trainer


def torch_loop(ratings, choices, steps, make_optimizer):
    """The same training written down in plain torch: tables, layers and an optimizer of torch.optim."""
    start = starting_weights(ratings, choices)
    tables = [torch.tensor(table).requires_grad_() for table in start.tables]
    users, movies = (torch.from_numpy(rows.astype(np.int64)) for rows in (ratings.users, ratings.movies))
    values, optimizer = torch.tensor(ratings.values), make_optimizer(tables)
    low, width = start.range.low, start.range.width
    for _ in range(steps):
        optimizer.zero_grad()
        p, q = tables[0].index_select(0, users), tables[1].index_select(0, movies)
        if start.layers:
            out = torch.cat([p, q], 1)
            for number in range(len(start.layers)):
                out = (out.relu() if number else out) @ tables[2 + 2 * number] + tables[3 + 2 * number]
        else:
            out = (p * q).sum(1, keepdim=True)
            if start.has_bias:
                out = out + tables[2][users, None] + tables[3][movies, None] + start.global_mean
        if start.classes:
            known = {value: place for place, value in enumerate(start.classes)}
            loss = functional.cross_entropy(out, torch.tensor([known[value] for value in ratings.values.tolist()]))
        elif choices.loss == "bce":
            loss = functional.binary_cross_entropy_with_logits(out[:, 0], (values - low) / width)
        else:
            bent = {
                "none": lambda s: s,
                "clip": lambda s: s.clamp(low, low + width),
                "sigmoid": lambda s: torch.sigmoid(s) * width + low,
                "tanh": lambda s: torch.tanh(s) * width / 2 + low + width / 2,
            }[start.range.kind]
            loss = (values - bent(out[:, 0])).square().mean()
        loss.backward()
        optimizer.step()
    return np.concatenate([table.detach().numpy().ravel() for table in tables])


@pytest.mark.parametrize("engine", ["numpy", "torch"])
@pytest.mark.parametrize(
    "options",
    [
        {"model": "dot", "range": "tanh"},
        {"model": "bias", "range": "sigmoid", "low": 0.0, "high": 5.5, "global_mean": "on"},
        {"model": "bias", "range": "clip", "global_mean": "on"},
        {"model": "bias", "range": "sigmoid", "low": 0.0, "high": 5.5, "loss": "bce"},
        {"model": "neural"},
        {"model": "neural", "range": "sigmoid", "hidden": "7,5", "n_movie_factors": 3},
        {"model": "neural", "range": "sigmoid", "hidden": "", "loss": "bce"},
        {"model": "ordinal"},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_fifty_steps_of_adam_are_those_of_a_plain_torch_loop(ratings, options, engine):
    choices = Hyperparameters(
        optimizer="adam", learning_rate=0.02, dropout=0.0, init="normal", engine=engine, **options
    )
    ours = trained(ratings, choices, 50)
    plain = torch_loop(ratings, choices, 50, lambda tables: torch.optim.Adam(tables, lr=0.02))
    np.testing.assert_allclose(ours.factors.flat(), plain, rtol=0.0, atol=1e-9)
    assert ours.engine == engine
    residuals = ratings.values - predict(ours.factors, ratings.users, ratings.movies)
    assert ours.rmse == pytest.approx(float(np.sqrt(np.mean(residuals**2))), rel=1e-12)


@pytest.mark.parametrize(
    ("options", "below"),
    [
        ({"model": "neural", "range": "sigmoid"}, 0.60),
        ({"model": "neural", "range": "tanh", "dropout": 0.0}, 0.45),
        ({"model": "ordinal", "dropout": 0.0}, 0.45),
        ({"model": "bias", "range": "sigmoid", "low": 0.5, "high": 5.5, "loss": "bce", "init": "normal"}, 0.40),
    ],
)
def test_training_on_the_sheet_goes_far_below_the_spread_of_the_ratings(ratings, options, below):
    """The ratings' standard deviation is 0.99; a model that learns nothing but the mean stays there."""
    ours = trained(ratings, Hyperparameters(optimizer="adam", learning_rate=0.02, **options), 400)
    assert ours.rmse < below < float(np.std(ratings.values))


def test_a_range_narrower_than_the_ratings_is_refused_before_it_trains(ratings):
    choices = Hyperparameters(model="bias", range="sigmoid", low=1.5, high=4.0, loss="bce")
    with pytest.raises(ValueError, match="Choose a range that holds every rating"):
        trained(ratings, choices, 1)
    trainer = trained(ratings, Hyperparameters(model="dot"), 1)
    with pytest.raises(ValueError, match="choose the sigmoid range"):
        trainer.hyperparameters = Hyperparameters(model="dot", range="sigmoid", loss="bce")
    trainer.advance()
    assert trainer.step == 2


# Freezing


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adam", "adamw", "lbfgs"])
@pytest.mark.parametrize("model", ["bias", "neural"])
def test_frozen_tables_stay_to_the_bit(ratings, model, optimizer):
    for frozen, kept in (("users", "user_factors"), ("movies", "movie_factors")):
        choices = Hyperparameters(model=model, optimizer=optimizer, freeze=frozen, weight_decay=0.01, init="xavier")
        start = starting_weights(ratings, choices)
        free = Trainer(ratings, start, Hyperparameters(**vars(choices) | {"freeze": "none"}))
        free.advance(3)
        before = free.factors
        free.hyperparameters = choices
        free.advance(4)
        after = free.factors
        assert np.array_equal(getattr(after, kept), getattr(before, kept))
        assert free.rmse < 1e3
        other = "movie_factors" if kept == "user_factors" else "user_factors"
        assert not np.array_equal(getattr(after, other), getattr(before, other))
        if model == "bias":
            bias = kept.replace("factors", "bias")
            assert np.array_equal(getattr(after, bias), getattr(before, bias))


def test_a_net_can_train_its_layers_only_and_a_product_has_nothing_then(ratings):
    net = trained(ratings, Hyperparameters(model="neural", freeze="both", learning_rate=0.01), 5)
    start = starting_weights(ratings, net.hyperparameters)
    assert np.array_equal(net.factors.user_factors, start.user_factors)
    assert np.array_equal(net.factors.movie_factors, start.movie_factors)
    assert not np.array_equal(net.factors.layers[0].weights, start.layers[0].weights)
    with pytest.raises(ValueError, match="nothing left to train"):
        trained(ratings, Hyperparameters(freeze="both"), 1)


# Dropout


def test_dropout_is_drawn_from_the_step_so_that_going_on_is_never_having_stopped(ratings):
    choices = Hyperparameters(model="neural", optimizer="adam", dropout=0.3, learning_rate=0.01)
    whole = trained(ratings, choices, 9)
    half = trained(ratings, choices, 4)
    rest = Trainer(ratings, half.factors, choices, step=half.step, seen=half.seen, optimizer_state=half.optimizer_state)
    rest.advance(5)
    assert rest.factors.equals(whole.factors)
    assert not trained(ratings, Hyperparameters(**vars(choices) | {"dropout": 0.0}), 9).factors.equals(whole.factors)


# Adam's loop


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"decay_kind": "decoupled", "weight_decay": 0.2, "bias_decay": 0.0},
        {"clip": 0.01},
    ],
)
def test_the_loop_of_adam_gives_the_bits_of_the_arrays(ratings, monkeypatch, options):
    choices = Hyperparameters(**{"model": "bias", "optimizer": "adam", "schedule": "one-cycle"} | options)
    arrays = trained(ratings, choices, 12, gradient="exact")
    monkeypatch.setattr(first_order_loops, "COMPILED_FROM", 1)
    loop = trained(ratings, choices, 12, gradient="exact")
    assert loop.factors.equals(arrays.factors)
    for one, other in zip(loop.optimizer_state.memory, arrays.optimizer_state.memory, strict=True):
        assert np.array_equal(one, other)


# Threads

SCRIPT = """
import hashlib, torch, numpy as np
torch.set_num_threads({threads})
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.structure import starting_weights
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table
ratings = random_table(300, 200, 21_000, seed=4)
for model, engine in (("neural", "numpy"), ("neural", "torch"), ("ordinal", "numpy"), ("ordinal", "torch")):
    for optimizer, batch in (("gd", None), ("adam", 3000)):
        sizes = dict(batch_size=batch, hidden="60", n_factors=20)
        choices = Hyperparameters(model=model, engine=engine, optimizer=optimizer, **sizes)
        trainer = Trainer(ratings, starting_weights(ratings, choices), choices)
        trainer.advance(3)
        print(hashlib.sha256(trainer.factors.flat().tobytes()).hexdigest(), repr(trainer.loss))
"""


def test_nets_have_the_same_bits_on_one_and_on_two_threads(project):
    def bits(threads):
        limits = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(threads=threads)],
            check=True,
            capture_output=True,
            text=True,
            cwd=project,
            env=os.environ | limits,
        )
        return done.stdout.splitlines()

    assert len(bits(1)) == 8
    assert bits(1) == bits(2)


@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_bits(table, model):
    choices = Hyperparameters(model=model, optimizer="adam", batch_size=2000, dropout=0.2, init="xavier")
    first, second = (trained(table, choices, 13) for _ in range(2))
    assert first.factors.equals(second.factors)
    other = trained(table, Hyperparameters(**vars(choices) | {"seed": 1}), 13)
    digests = [hashlib.sha256(t.factors.flat().tobytes()).hexdigest() for t in (first, other)]
    assert digests[0] != digests[1]

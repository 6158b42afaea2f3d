"""Engines and orders: what is chosen, what is refused, and that the fast loop trains as SGD should."""

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.divergence import Diverged
from cfgui.core.engines import engine_name, is_shuffled, rating_loop
from cfgui.core.fast_epochs import decays_of
from cfgui.core.fast_sgd import Decays
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.starts import random_factors
from cfgui.core.structure import starting_weights
from cfgui.core.trainer import Trainer
from cfgui.core.visits import Visits
from tests.helpers.tables import random_table

LARGE = 25_000


@pytest.fixture(scope="module")
def table():
    """25,000 ratings by 400 users of 300 movies."""
    return random_table(400, 300, LARGE, seed=2)


@pytest.fixture(scope="module")
def start(table):
    return random_factors(table.n_users, table.n_movies, 3, bias=True, init="normal", seed=1)


def sgd(**options):
    return Hyperparameters(**{"model": "bias", "optimizer": "sgd"} | options)


# The rule


@pytest.mark.parametrize(
    ("n", "options", "loop", "shuffled"),
    [
        (19_999, {}, "none", False),
        (19_999, {"n_factors": 300}, "none", False),
        (333, {"n_factors": 300, "order": "shuffled"}, "none", True),
        (334, {"n_factors": 300, "order": "shuffled"}, "fast", True),
        (334, {"n_factors": 300, "order": "rows"}, "strict", False),
        (20_000, {}, "fast", True),
        (20_000, {"order": "rows"}, "strict", False),
        (20_000, {"order": "shuffled"}, "fast", True),
        (20_000, {"weight_decay": 0.1}, "strict", False),
        (20_000, {"weight_decay": 0.1, "order": "shuffled"}, "strict", True),
        (20_000, {"weight_decay": 0.1, "decay_kind": "rows", "bias_decay": 0.0}, "fast", True),
        (20_000, {"weight_decay": 0.1, "decay_kind": "rows", "order": "rows"}, "none", False),
        (20_000, {"weight_decay": 0.1, "decay_kind": "decoupled"}, "strict", False),
        (20_000, {"gradient": "forward"}, "strict", False),
        (20_000, {"gradient": "central"}, "fast", True),
        (20_000, {"gradient": "central", "range": "tanh"}, "none", False),
        (20_000, {"range": "sigmoid", "global_mean": "on"}, "fast", True),
        (20_000, {"range": "sigmoid", "order": "rows"}, "none", False),
        (20_000, {"range": "sigmoid", "loss": "bce"}, "none", False),
        (20_000, {"freeze": "users"}, "none", False),
        (20_000, {"clip": 1.0}, "none", False),
        (20_000, {"model": "neural"}, "none", True),
        (20_000, {"batch_size": 2}, "none", True),
        (20_000, {"batch_size": 2, "order": "rows"}, "none", False),
        (20_000, {"batch_size": 0, "order": "shuffled"}, "none", False),
        (20_000, {"optimizer": "adam", "batch_size": 100}, "none", True),
        (20_000, {"optimizer": "adam"}, "none", False),
        (206, {"order": "shuffled"}, "none", True),
        (206, {"engine": "compiled"}, "fast", False),
        (206, {"engine": "compiled", "order": "rows"}, "strict", False),
        (20_000, {"engine": "numpy"}, "none", False),
        (20_000, {"engine": "torch", "order": "shuffled"}, "none", True),
        (20_000, {"device": "cuda"}, "none", False),
    ],
)
def test_the_loop_and_the_order_follow_from_the_choices(n, options, loop, shuffled):
    choices = sgd(**options)
    assert rating_loop(n, choices, choices.gradient) == loop
    assert is_shuffled(n, choices, choices.gradient) == shuffled


@pytest.mark.parametrize(
    ("n", "options", "engine"),
    [
        (206, {}, "torch"),
        (206, {"engine": "numpy"}, "numpy"),
        (206, {"engine": "compiled", "optimizer": "gd"}, "compiled"),
        (10**6, {"engine": "numpy", "optimizer": "gd"}, "numpy"),
        (10**6, {"engine": "torch", "optimizer": "gd"}, "torch"),
        (10**6, {"device": "cuda", "optimizer": "gd"}, "torch"),
        (10**6, {"optimizer": "gd", "gradient": "forward"}, "compiled"),
        (10**6, {"optimizer": "gd", "gradient": "forward", "global_mean": "on"}, "numpy"),
        (10**6, {"optimizer": "gd", "gradient": "central", "range": "clip"}, "numpy"),
        (10**6, {"optimizer": "gd", "range": "clip"}, "compiled"),
        (10**6, {"optimizer": "gd", "range": "sigmoid", "loss": "bce"}, "compiled"),
        (10**6, {"optimizer": "gd", "model": "neural"}, "torch"),
        (10**6, {"optimizer": "gd", "model": "ordinal", "gradient": "forward"}, "numpy"),
    ],
)
def test_the_engine_follows_from_the_choices(n, options, engine):
    assert engine_name(n, sgd(**options)) == engine


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"engine": "torch", "gradient": "forward"}, "choose Autograd"),
        ({"engine": "compiled", "model": "neural"}, "choose another engine"),
        ({"engine": "compiled", "optimizer": "gd", "gradient": "central", "range": "tanh"}, "choose another engine"),
    ],
)
def test_an_engine_that_cannot_is_a_sentence(options, words):
    with pytest.raises(ValueError, match=words):
        engine_name(206, sgd(**options))


def test_weights_count_where_there_are_any(table, start):
    """Choices that say nothing of a range do not make a loop that knows none train weights that have one."""
    bent = starting_weights(table, sgd(range="sigmoid", n_factors=3))
    plain = sgd(n_factors=3, order="rows")
    assert rating_loop(LARGE, plain, "exact", start) == "strict"
    assert rating_loop(LARGE, plain, "exact", bent) == "none"
    assert engine_name(10**6, Hyperparameters(gradient="forward"), None, bent) == "numpy"


# Order


def test_every_epoch_takes_each_rating_once_in_an_order_of_its_own():
    visits = Visits(10, 4, seed=3, shuffled=True)
    epochs = [[visits.block(10 * epoch + first) for first in (0, 4, 8)] for epoch in range(3)]
    assert [len(block) for block in epochs[0]] == [4, 4, 2]
    orders = [np.concatenate(blocks).tolist() for blocks in epochs]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert orders[0] != orders[1] != orders[2]
    assert np.concatenate([visits.block(first) for first in (0, 4, 8)]).tolist() == orders[0]
    assert Visits(10, 4, seed=4, shuffled=True).order(0).tolist() != orders[0]
    assert Visits(10, 4, seed=3, shuffled=False).block(28) == slice(8, 10)


@pytest.mark.parametrize("options", [{"weight_decay": 0.01}, {"weight_decay": 0.01, "decay_kind": "rows"}])
def test_shuffled_batches_are_places_of_the_drawn_order(table, start, options):
    choices = sgd(batch_size=4000, learning_rate=0.5, order="shuffled", seed=7, **options)
    trainer = Trainer(table, start, choices, gradient="exact")
    expected, visits = start, Visits(LARGE, 4000, 7, shuffled=True)
    for first in (0, 4000, 8000, 12_000, 16_000, 20_000, 24_000, 25_000):
        block = visits.block(first)
        triple = table.users[block], table.movies[block], table.values[block]
        weights = np.ones(expected.n_parameters)
        if "decay_kind" in options:
            counts = [np.bincount(rows, minlength=n) / len(block) for rows, n in zip(triple, (400, 300), strict=False)]
            weights = np.concatenate([np.repeat(counts[0], 3), np.repeat(counts[1], 3), *counts])
        slopes = models.gradient(expected, *triple) + 2.0 * 0.01 * weights * expected.flat()
        expected = expected.view_of(expected.flat() - 0.5 * slopes)
        trainer.advance()
        np.testing.assert_allclose(trainer.factors.flat(), expected.flat(), rtol=0.0, atol=1e-12)
    assert (trainer.seen, trainer.epoch, trainer.step) == (29_000, 1, 8)


def test_the_strict_loop_takes_a_drawn_order_too(table, start):
    choices = sgd(order="shuffled", weight_decay=1e-3, learning_rate=0.02)
    loop = Trainer(table, start, choices, gradient="exact", seen=LARGE - 20, step=LARGE - 20)
    arrays = Trainer(
        table, start, sgd(**vars(choices) | {"engine": "numpy"}), gradient="exact", seen=LARGE - 20, step=LARGE - 20
    )
    loop.advance(50)
    arrays.advance(50)
    assert (loop.engine, arrays.engine) == ("compiled", "numpy")
    np.testing.assert_allclose(loop.factors.flat(), arrays.factors.flat(), rtol=0.0, atol=1e-12)


# The fast loop


def naive_epochs(table, start, choices, n_epochs):
    """Shuffled SGD written down: float64, one rating after another, its own decay and its own order."""
    rng = np.random.default_rng(0)
    p, q = start.user_factors.copy(), start.movie_factors.copy()
    b, c = start.user_bias.copy(), start.movie_bias.copy()
    w, rate = decays_of(choices), choices.rate
    for _ in range(n_epochs):
        for i in rng.permutation(table.n_ratings).tolist():
            u, m = table.users[i], table.movies[i]
            score = np.array(p[u] @ q[m] + b[u] + c[m] + start.global_mean)
            pull = 2.0 * (table.values[i] - start.range.apply(score)) * start.range.slope(score)
            p[u], q[m] = (
                p[u] + rate * (pull * q[m] - 2.0 * w.user * p[u]),
                q[m] + rate * (pull * p[u] - 2.0 * w.movie * q[m]),
            )
            b[u] += rate * (pull - 2.0 * w.bias * b[u])
            c[m] += rate * (pull - 2.0 * w.bias * c[m])
    return models.rmse(type(start)(p, q, b, c, global_mean=start.global_mean, range=start.range), table)


@pytest.mark.parametrize("options", [{}, {"range": "sigmoid", "low": 0.0, "high": 5.5, "learning_rate": 0.03}])
def test_fast_epochs_come_to_what_plain_shuffled_sgd_comes_to(table, options):
    options = {"weight_decay": 0.02, "decay_kind": "rows", "global_mean": "on", "init": "normal"} | options
    choices = sgd(n_factors=3, **options)
    start = starting_weights(table, choices)
    trainer = Trainer(table, start, choices)
    assert trainer.engine == "compiled"
    for epoch in range(1, 4):
        assert trainer.stride == LARGE
        trainer.advance(trainer.stride)
        assert (trainer.step, trainer.seen, trainer.epoch) == (epoch * LARGE, epoch * LARGE, epoch)
    assert trainer.optimizer_state.count == 3 * LARGE
    assert trainer.factors.user_factors.dtype == np.float64
    assert trainer.rmse == pytest.approx(naive_epochs(table, start, choices, 3), abs=8e-3)
    assert trainer.rmse == pytest.approx(models.rmse(trainer.factors, table), rel=1e-12)


def test_several_epochs_at_once_are_the_same_bits(table, start):
    choices = sgd(schedule="cosine", schedule_epochs=3, learning_rate=0.02)
    one, several = (Trainer(table, start, choices) for _ in range(2))
    several.advance(3 * LARGE)
    for _ in range(3):
        one.advance(one.stride)
    assert one.factors.equals(several.factors)
    assert not several.factors.equals(start)
    rest = Trainer(table, one.factors, choices, step=one.step, seen=one.seen, optimizer_state=one.optimizer_state)
    rest.advance(LARGE)
    one.advance(LARGE)
    assert rest.factors.equals(one.factors)


def test_steps_that_make_no_epoch_are_made_one_by_one(table, start):
    trainer = Trainer(table, start, sgd(learning_rate=0.02))
    trainer.advance(7)
    visits, expected = Visits(LARGE, 1, 42, shuffled=True), start
    for seen in range(7):
        block = visits.block(seen)
        slopes = models.gradient(expected, table.users[block], table.movies[block], table.values[block])
        expected = expected.view_of(expected.flat() - 0.02 * slopes)
    np.testing.assert_allclose(trainer.factors.flat(), expected.flat(), rtol=0.0, atol=1e-13)
    trainer.advance(trainer.stride)
    assert (trainer.step, trainer.seen, trainer.epoch) == (LARGE + 7, LARGE + 7, 1)
    bent = starting_weights(table, sgd(range="sigmoid", n_factors=3))
    trainer = Trainer(table, bent, sgd(range="sigmoid", n_factors=3))
    trainer.advance(LARGE + 3)
    assert trainer.step == LARGE + 3


def test_an_epoch_that_is_stopped_is_given_up(table, start):
    asked = []

    def stop():
        asked.append(0)
        return len(asked) > 1

    trainer = Trainer(table, start, sgd())
    trainer.advance(LARGE, stop)
    assert trainer.step == 0
    assert trainer.factors.equals(start)
    trainer.advance(LARGE)
    once = Trainer(table, start, sgd())
    once.advance(LARGE)
    assert trainer.factors.equals(once.factors)


def test_an_epoch_that_leaves_the_numbers_is_taken_back(table, start):
    trainer = Trainer(table, start, sgd(learning_rate=5.0))
    with pytest.raises(Diverged) as caught:
        trainer.advance(5 * LARGE)
    assert trainer.factors.equals(start)
    assert 0.0 < caught.value.suggestion < 5.0


def test_another_rate_goes_on_with_what_is_laid_out(table, start):
    trainer = Trainer(table, start, sgd())
    trainer.advance(LARGE)
    laid_out = trainer._stepper._by_epoch.fast
    trainer.hyperparameters = sgd(learning_rate=0.001)
    trainer.advance(LARGE)
    assert trainer._stepper._by_epoch.fast is laid_out
    trainer.hyperparameters = sgd(seed=5)
    trainer.advance(LARGE)
    assert trainer._stepper._by_epoch.fast is not laid_out


def test_decays_of_rows():
    assert decays_of(sgd(weight_decay=0.1)) == Decays(0.1, 0.1, 0.1)
    assert decays_of(sgd(weight_decay=0.1, movie_decay=0.2, bias_decay=0.0)) == Decays(0.1, 0.2, 0.0)


@pytest.mark.parametrize("optimizer", OPTIMIZER_DEFAULTS)
def test_every_optimizer_takes_small_steps_on_a_large_table(table, optimizer):
    """Whatever it is, a few updates of it end at weights that are numbers."""
    choices = Hyperparameters(model="bias", optimizer=optimizer, batch_size=5000, learning_rate=1e-4, init="normal")
    trainer = Trainer(table, starting_weights(table, choices), choices, gradient="exact")
    trainer.advance(2)
    assert np.isfinite(trainer.factors.flat()).all()

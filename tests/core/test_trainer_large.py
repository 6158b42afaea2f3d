"""The trainer on many ratings: work in chunks that can be stopped, many updates between two looks, trials on a part."""

import math
import tracemalloc
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from cfgui.core import chunks, compiled_engine, engines, first_order, lbfgs, models, stepper, suggestion, trial
from cfgui.core.chunks import Interrupted, Watch
from cfgui.core.compiled_engine import CompiledEngine
from cfgui.core.divergence import Diverged
from cfgui.core.first_order import FirstOrder
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.objective import Objective
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.optimizers import OPTIMIZERS
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table


@pytest.fixture(scope="module")
def table():
    """25,000 ratings by 400 users of 300 movies."""
    return random_table(400, 300, 25_000, seed=2)


@pytest.fixture(scope="module")
def start(table):
    return random_factors(table.n_users, table.n_movies, 3, bias=True, init="normal", seed=1)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of 1000 ratings with 3 factors."""
    monkeypatch.setattr(chunks, "CHUNK_CELLS", 3000)


def objective_of(table, factors, name, watch=None):
    choices = Hyperparameters(epsilon=0.1, weight_decay=0.02)
    make = GRADIENTS[name](choices)
    return Objective(factors, table.users, table.movies, table.values, make, 0.02, watch or Watch())


class Counted:
    """A wish to stop that comes at the n-th look."""

    def __init__(self, n):
        self.left = n

    def __call__(self):
        self.left -= 1
        return self.left < 0


def explode(trainer):
    """Train until it diverges."""
    while True:
        trainer.advance(trainer.stride)


# Chunks


@pytest.mark.parametrize("name", GRADIENTS)
def test_chunks_give_the_same_measure_to_the_bit_and_the_same_slope(table, start, name, monkeypatch):
    vector = start.flat()
    whole = objective_of(table, start, name)
    measure, slope = whole.measure(vector), whole.gradient(vector)
    monkeypatch.setattr(chunks, "CHUNK_CELLS", 3000)
    watch = Watch()
    parts = objective_of(table, start, name, watch)
    assert parts.measure(vector) == measure
    assert watch.n_done == 24_000
    np.testing.assert_allclose(parts.gradient(vector), slope, rtol=0.0, atol=1e-14)
    assert watch.n_done == 48_000


def test_float32_ratings_are_computed_with_in_float64(table, start):
    narrow = replace(table, values=table.values.astype(np.float32))
    vector = start.flat()
    for name in GRADIENTS:
        wide_one, narrow_one = (objective_of(ratings, start, name) for ratings in (table, narrow))
        assert narrow_one.measure(vector) == wide_one.measure(vector)
        assert np.array_equal(narrow_one.gradient(vector), wide_one.gradient(vector))
        assert narrow_one.gradient(vector).dtype == np.float64


def test_a_full_gradient_of_50_factors_needs_little_memory():
    ratings = random_table(900, 700, 150_000)
    factors = random_factors(900, 700, 50, bias=True, init="normal")
    objective = objective_of(ratings, factors, "exact")
    tracemalloc.start()
    objective.gradient(factors.flat())
    objective.measure(factors.flat())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 160e6
    assert chunks.chunk_length(50) < 150_000


def test_the_measure_of_a_large_table_is_compiled_and_stopped(monkeypatch, table, start):
    monkeypatch.setattr(models, "WHOLE_COMPILED_FROM", 2)
    compiled = []
    square_sum = CompiledEngine.square_sum
    monkeypatch.setattr(CompiledEngine, "square_sum", lambda *a: compiled.append(1) or square_sum(*a))
    rmse = models.rmse(start, table)
    residuals = table.values - models.predict(start, table.users, table.movies)
    assert rmse == math.sqrt(models.mean_square(residuals))
    assert compiled == [1]
    monkeypatch.setattr(compiled_engine, "FIRST_SLAB", 1000)
    with pytest.raises(Interrupted):
        models.rmse(start, table, lambda: True)


# Stopping


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("optimizer", ["gd", "adam", "lbfgs"])
@pytest.mark.parametrize("looks", [0, 5, 30])
def test_a_step_stopped_within_leaves_the_weights_as_before(table, start, optimizer, looks, compiled, monkeypatch):
    if compiled:
        monkeypatch.setattr(engines, "WHOLE_COMPILED_FROM", 2)
        monkeypatch.setattr(compiled_engine, "FIRST_SLAB", 1000)
        monkeypatch.setattr(compiled_engine, "SLAB_SECONDS", 1e-9)
    trainer = Trainer(table, start, Hyperparameters(optimizer=optimizer), gradient="exact")
    assert trainer.engine == ("compiled" if compiled else "numpy")
    trainer.advance()
    before, rmse, state = trainer.factors, trainer.rmse, trainer.optimizer_state
    report = trainer.advance(1, Counted(looks))
    if looks == 30 and optimizer != "lbfgs":  # 24 looks in the gradient: stopped in the measure
        assert (report.step, trainer.seen) == (2, 50_000)
        assert math.isnan(report.rmse)
        assert math.isnan(trainer.loss)
    else:
        assert report.step == 1
        assert trainer.factors is not before
        assert trainer.factors.equals(before)
        assert (trainer.rmse, trainer.optimizer_state) == (rmse, state)
    other = Trainer(table, start, Hyperparameters(optimizer=optimizer), gradient="exact")
    other.advance(3)
    trainer.advance(3 - trainer.step)
    assert trainer.factors.equals(other.factors)
    assert trainer.rmse == other.rmse


@pytest.mark.usefixtures("small_chunks")
def test_weights_left_unmeasured_are_measured_when_asked(table, start):
    trainer = Trainer(table, start, Hyperparameters(), gradient="exact")
    trainer.advance(1, Counted(30))
    assert math.isnan(trainer.rmse)
    report = trainer.measure()
    assert (report.step, report.rmse) == (1, models.rmse(trainer.factors, table))
    assert trainer.measure() == report


@pytest.mark.usefixtures("small_chunks")
def test_a_trainer_stopped_while_it_begins_is_interrupted(table, start):
    with pytest.raises(Interrupted):
        Trainer(table, start, Hyperparameters(), gradient="exact", stop=lambda: True)


def test_a_stop_between_updates_keeps_those_that_are_whole(table, start):
    choices = Hyperparameters(optimizer="adam", batch_size=100)
    stopped, plain = (Trainer(table, start, choices, gradient="exact") for _ in range(2))
    report = stopped.advance(50, Counted(7))
    assert report == plain.advance(8)
    assert stopped.factors.equals(plain.factors)


@pytest.mark.usefixtures("small_chunks")
def test_choices_changed_where_nothing_is_measured_yet(table, start):
    trainer = Trainer(table, start, Hyperparameters(), gradient="exact")
    trainer.advance(1, Counted(30))
    trainer.hyperparameters = Hyperparameters(learning_rate=1e6, weight_decay=0.1)
    assert math.isnan(trainer.loss)
    with pytest.raises(Diverged) as caught:
        explode(trainer)
    assert caught.value.good_step == trainer.step == 0
    assert trainer.loss == pytest.approx(models.mse(start, table) + 0.1 * float(np.sum(start.flat() ** 2)))


# Several updates


@pytest.mark.parametrize("optimizer", OPTIMIZER_DEFAULTS)
def test_several_updates_are_the_same_updates(ratings, bias, optimizer):
    choices = Hyperparameters(optimizer=optimizer, batch_size=None if optimizer in ("gd", "lbfgs") else 50)
    one, several = (Trainer(ratings, bias, choices, gradient="exact") for _ in range(2))
    reports = list(islice(one.steps(), 11))
    assert [several.advance(4), several.advance(7)] == [reports[3], reports[10]]
    assert several.factors.equals(one.factors)
    assert several.seen == one.seen


def test_several_updates_of_lbfgs_end_where_nothing_is_left_to_do(ratings, dot):
    one, several = (Trainer(ratings, dot, Hyperparameters(optimizer="lbfgs"), gradient="exact") for _ in range(2))
    list(one.steps())
    several.advance(10_000)
    assert several.finished
    assert (several.step, several.stop_reason) == (one.step, one.stop_reason)
    assert several.factors.equals(one.factors)


@pytest.mark.parametrize(
    ("optimizer", "batch", "seen", "stride"),
    [
        ("sgd", 1, 0, 25_000),
        ("sgd", None, 24_000, 1000),
        ("sgd", 1, 75_001, 24_999),
        ("gd", None, 0, 1),
        ("adam", 25_000, 0, 1),
        # 2 * 25,000 * 3 for a look, against 3 * 3 and (400 + 300) * 4 for an update
        ("adam", 1, 0, 54),
        ("momentum", 100, 0, 41),
        ("momentum", 10_000, 20_000, 1),
    ],
)
def test_looks_are_as_far_apart_as_they_are_dear(table, start, optimizer, batch, seen, stride):
    choices = Hyperparameters(optimizer=optimizer, batch_size=batch, order="rows")
    trainer = Trainer(table, start, choices, seen=seen, gradient="exact")
    assert trainer.stride == stride


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_sheet_is_looked_at_after_every_update(ratings, dot, optimizer):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer=optimizer, batch_size=1), gradient="exact")
    assert trainer.stride == 1


def test_an_epoch_ends_where_it_should_and_lowers_the_loss(table, start):
    trainer = Trainer(table, start, Hyperparameters(optimizer="sgd"), gradient="forward")
    assert trainer.engine == "compiled"
    rmses = [trainer.rmse]
    for epoch in range(1, 4):
        report = trainer.advance(trainer.stride)
        assert (report.epoch, report.step, trainer.seen) == (epoch, 25_000 * epoch, 25_000 * epoch)
        assert report.rmse == models.rmse(trainer.factors, table)
        rmses.append(report.rmse)
    assert rmses == sorted(rmses, reverse=True)
    assert rmses[0] > 2.8
    assert rmses[-1] < 1.45  # stars at random have a spread of 1.44


# Rules in blocks, and a shorter memory


@pytest.mark.parametrize(
    "optimizer", [name for name, make in OPTIMIZERS.items() if isinstance(make(Hyperparameters()), FirstOrder)]
)
def test_a_rule_applied_in_blocks_gives_the_same_bits(ratings, bias, optimizer, monkeypatch):
    choices = Hyperparameters(optimizer=optimizer, weight_decay=0.01)
    whole = Trainer(ratings, bias, choices, gradient="exact")
    whole.advance(9)
    monkeypatch.setattr(first_order, "BLOCK", 7)
    blocks = Trainer(ratings, bias, choices, gradient="exact")
    blocks.advance(9)
    assert blocks.factors.equals(whole.factors)
    for ours, theirs in zip(blocks.optimizer_state.memory, whole.optimizer_state.memory, strict=True):
        assert np.array_equal(ours, theirs)


def test_lbfgs_remembers_less_of_very_many_weights():
    assert [lbfgs.memory_of(n) for n in (180, 2_000_000, 4_000_000, 11_301_000, 10**9)] == [20, 20, 10, 3, 3]


def test_lbfgs_with_a_short_memory_still_descends(ratings, dot, monkeypatch):
    monkeypatch.setattr(lbfgs, "MEMORY_NUMBERS", 0)
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="lbfgs"), gradient="exact")
    trainer.advance(400)
    assert trainer.optimizer_state.memory[0].shape == (3, 150)
    assert trainer.rmse < 0.42


# Trials on a part


def test_a_part_predicts_as_the_whole_does(table, start):
    memory = (start.flat() * 2.0, np.vstack([start.flat() + 1.0, start.flat() + 2.0]))
    state = OptimizerState("adam", memory, 5)
    for part in (trial.sample_of(table, start, state), trial.block_of(table, start, state, 24_900)):
        n = part.ratings.n_ratings
        chosen = slice(None, None, 2) if n == 12_500 else slice(0, 25_000)
        predictions = models.predict(start, table.users[chosen], table.movies[chosen])
        assert np.array_equal(models.predict(part.factors, part.ratings.users, part.ratings.movies), predictions)
        assert np.array_equal(part.ratings.values, table.values[chosen])
        assert np.array_equal(part.state.memory[0], part.factors.flat() * 2.0)
        assert np.array_equal(part.state.memory[1][1], part.factors.flat() + 2.0)
        assert part.state.count == 5


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 3.0), ("gd", 1e6), ("momentum", 1e5)])
def test_the_rate_suggested_by_a_part_trains_the_whole(table, start, optimizer, rate, monkeypatch):
    monkeypatch.setattr(suggestion, "WHOLE_TRIAL", 1000)
    monkeypatch.setattr(trial, "BLOCK", 5000)
    monkeypatch.setattr(trial, "SAMPLE", 5000)
    sizes = []
    after = stepper.Stepper.after
    monkeypatch.setattr(
        stepper.Stepper, "after", lambda self, *a: sizes.append(self.ratings.n_ratings) or after(self, *a)
    )
    trainer = Trainer(table, start, Hyperparameters(optimizer=optimizer, learning_rate=rate), gradient="exact")
    with pytest.raises(Diverged) as caught:
        explode(trainer)
    assert trainer.factors.equals(start)
    assert set(sizes) == {5000}
    assert 0.0 < caught.value.suggestion < rate
    trainer.hyperparameters = Hyperparameters(optimizer=optimizer, learning_rate=caught.value.suggestion)
    before = trainer.rmse
    for _ in range(30):
        trainer.advance(trainer.stride)
    assert trainer.rmse < before - 0.5


def test_trials_nobody_waits_for_are_not_awaited(table, start, monkeypatch):
    monkeypatch.setattr(suggestion, "WHOLE_TRIAL", 1000)
    choices = Hyperparameters(optimizer="sgd", learning_rate=3.0, order="rows")
    trainer = Trainer(table, start, choices, gradient="exact")
    with pytest.raises(Diverged) as caught:
        trainer.advance(25_000, lambda: True)
    assert caught.value.suggestion is None
    assert trainer.factors.equals(start)
    assert str(caught.value).endswith("the rate 3 is too large. The weights of step 0 are back; try a smaller one.")


def test_a_part_holds_users_and_movies_that_count_once():
    ratings = Ratings(
        tuple("abcd"),
        tuple("wxyz"),
        np.array([0, 1, 1, 3], dtype=np.int32),
        np.array([3, 0, 3, 0], dtype=np.int32),
        np.array([1.0, 2.0, 3.0, 4.0]),
    )
    factors = random_factors(4, 4, 2, bias=True, seed=0)
    part = trial.sample_of(ratings, factors, OptimizerState("sgd", ()))
    assert part.ratings.users.tolist() == [0, 1, 1, 2]
    assert part.ratings.movies.tolist() == [1, 0, 1, 0]
    assert np.array_equal(part.factors.user_factors, factors.user_factors[[0, 1, 3]])
    assert np.array_equal(part.factors.movie_bias, factors.movie_bias[[0, 3]])

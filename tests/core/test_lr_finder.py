"""The learning-rate finder: what it suggests trains, and what it was given stays."""

from dataclasses import replace

import numpy as np
import pytest

from cfgui.core.chunks import Interrupted
from cfgui.core.divergence import Diverged
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.lr_finder import best_rate, find_rate
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.ratings import Ratings
from cfgui.core.schedules import UNSCHEDULED
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table

FIRST_ORDER = [name for name in OPTIMIZER_DEFAULTS if name not in UNSCHEDULED]


def loss_after(ratings, factors, choices, rate, updates):
    trainer = Trainer(ratings, factors, replace(choices, learning_rate=rate), gradient="exact")
    return trainer.advance(updates).loss


@pytest.mark.parametrize("batch_size", [None, 50])
@pytest.mark.parametrize("optimizer", FIRST_ORDER)
def test_the_suggestion_trains_and_beats_a_hundredth_of_it(ratings, dot, optimizer, batch_size):
    choices = Hyperparameters(optimizer=optimizer, batch_size=batch_size)
    found = find_rate(ratings, dot, choices, gradient="exact")
    start = loss_after(ratings, dot, choices, 0.1, 0)
    # The sheet's Adagrad hardly moves in its first pass, whatever the rate.
    updates = 20 if "adagrad" not in optimizer else max(20, 2 * choices.steps_per_epoch(206))
    end = loss_after(ratings, dot, choices, found.suggestion, updates)
    assert end < start
    assert end < loss_after(ratings, dot, choices, found.suggestion / 100.0, updates)
    assert found.sentence.startswith(f"Try a rate of {found.suggestion:g}: there the loss falls best")


def test_a_sweep_goes_from_tiny_rates_to_the_one_that_explodes(ratings, dot):
    found = find_rate(ratings, dot, Hyperparameters(), gradient="exact")
    assert found.rates[0] == 1e-7
    ratios = np.diff(np.log10(found.rates))
    assert ratios == pytest.approx(np.full(len(ratios), 0.08))
    assert len(found.losses) == len(found.rates)
    assert found.losses[0] == pytest.approx(2.8060620616483134**2, rel=1e-6)
    assert found.rates[-1] <= found.diverged_at
    assert found.sentence.endswith(f"; at {found.diverged_at:.2g} it explodes.")
    with pytest.raises(Diverged):
        loss_after(ratings, dot, Hyperparameters(), found.diverged_at, 100)
    assert 0.01 < found.suggestion < 1.0


def test_weights_stay_and_the_same_sweep_gives_the_same_bits(ratings, bias):
    before, choices = bias.flat(), Hyperparameters(model="bias", optimizer="adam", batch_size=64)
    one, other = (find_rate(ratings, bias, choices, gradient="exact") for _ in range(2))
    assert one == other
    assert np.array_equal(bias.flat(), before)


def test_rate_and_schedule_chosen_have_no_effect(ratings, dot):
    plain = find_rate(ratings, dot, Hyperparameters(), gradient="exact")
    chosen = Hyperparameters(learning_rate=3.0, schedule="one-cycle", schedule_epochs=2)
    assert find_rate(ratings, dot, chosen, gradient="exact") == plain


def test_weights_that_cannot_get_better_have_no_rate(ratings):
    flat = Ratings.from_crosstab(["a"], ["x"], np.array([[4.0]]), np.array([[True]]))
    perfect = random_factors(1, 1, 1, bias=False)
    perfect = perfect.view_of(np.array([2.0, 2.0]))
    found = find_rate(flat, perfect, Hyperparameters(n_factors=1), gradient="exact")
    assert found.suggestion is None
    assert found.diverged_at is None
    assert found.sentence.startswith("No rate lowers the loss")


@pytest.mark.parametrize(
    ("losses", "rate"),
    [
        ([9.0, 9.0, 8.0, 4.0, 1.0, 1.5, 20.0], 4.0),
        ([5.0, 4.0, 5.0, 9.0, 3.0, 1.0, 2.0], 5.0),
        ([2.0, 1.8, 1.3, 1.0, 4.0, 9.0, 3.0, 5.0], 3.0),  # the longer fall, from 9 to 3, is beyond the lowest loss
        ([1.0, 3.0, 2.0], 3.0),
        ([1.0, 2.0, 3.0], None),
        ([2.0, 1.0], 2.0),
        ([3.0], None),
        ([], None),
    ],
)
def test_the_best_rate_is_half_way_down_the_longest_fall(losses, rate):
    assert best_rate([float(i) for i in range(1, len(losses) + 1)], losses) == rate


@pytest.mark.parametrize("optimizer", [name for name in UNSCHEDULED if name in OPTIMIZER_DEFAULTS])
def test_an_optimizer_without_a_rate_is_a_sentence(ratings, dot, optimizer):
    with pytest.raises(ValueError, match="finds out by itself how far to move: choose another optimizer"):
        find_rate(ratings, dot, Hyperparameters(optimizer=optimizer), gradient="exact")


def test_no_ratings_and_no_numbers_are_sentences(ratings, dot):
    nothing = Ratings.from_crosstab(["a"], ["x"], np.zeros((1, 1)), np.zeros((1, 1), dtype=bool))
    with pytest.raises(ValueError, match="There are no ratings"):
        find_rate(nothing, random_factors(1, 1, 1, bias=False), Hyperparameters(), gradient="exact")
    with pytest.raises(ValueError, match="not a finite number"):
        find_rate(ratings, dot.view_of(np.full(150, 1e200)), Hyperparameters(), gradient="exact")


@pytest.mark.parametrize("asked", [1, 5, 60])
def test_a_wish_to_stop_ends_the_sweep(ratings, dot, asked):
    answers = iter([False] * asked)
    with pytest.raises(Interrupted):
        find_rate(ratings, dot, Hyperparameters(), lambda: next(answers, True), gradient="exact")


def test_a_large_table_is_swept_by_compiled_loops():
    table = random_table(400, 300, 25_000, seed=2)
    start = random_factors(400, 300, 3, bias=True, init="normal", seed=1)
    choices = Hyperparameters(model="bias", optimizer="sgd", n_factors=3)
    found = find_rate(table, start, choices)
    assert found == find_rate(table, start, choices)
    ends = [loss_after(table, start, choices, rate, 25_000) for rate in (found.suggestion, found.suggestion / 100.0)]
    assert ends[0] < ends[1]

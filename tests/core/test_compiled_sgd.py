"""The compiled loops against the array form, which the sheet's own numbers hold: the same bits, or nearly."""

import subprocess
import sys
from itertools import islice

import numpy as np
import pytest

from cfgui.core import compiled_engine, compiled_loops, engines, models
from cfgui.core.chunks import Interrupted, Watch
from cfgui.core.compiled_engine import CompiledEngine, can_decay
from cfgui.core.divergence import Diverged
from cfgui.core.engines import engine_name
from cfgui.core.factors import Factors
from cfgui.core.finite_differences import finite_differences
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.starts import random_factors
from cfgui.core.trainer import Trainer
from tests.helpers.tables import random_table


@pytest.fixture(scope="module")
def table():
    """Ratings in numbers that no loop divides evenly; the last user and the last movie have none."""
    return random_table(23, 17, 211, seed=4)


def weights(ratings, k=5, bias=True):
    return random_factors(ratings.n_users, ratings.n_movies, k, bias=bias, seed=9)


def engine_of(ratings, factors, h=0.0, stop=lambda: False):
    return CompiledEngine(factors, ratings.users, ratings.movies, ratings.values, h, Watch(stop))


def both_ways(ratings, factors, choices, gradient, n_steps, monkeypatch):
    """(array form, compiled): the trainers after so many steps."""
    slow = Trainer(ratings, factors, choices, gradient=gradient)
    assert slow.engine != "compiled"
    list(islice(slow.steps(), n_steps))
    monkeypatch.setattr(engines, "COMPILED_FROM", 2)
    fast = Trainer(ratings, factors, choices, gradient=gradient)
    assert fast.engine == "compiled"
    fast.advance(n_steps)
    assert (fast.step, fast.seen, fast.epoch) == (slow.step, slow.seen, slow.epoch)
    assert fast.optimizer_state.count == slow.optimizer_state.count
    return slow, fast


# SGD


def test_two_updates_by_hand():
    """Rating 3 with factors 1 and 2 and biases 0.5 and 0.25: prediction 2.75, slope 2 (2.75 - 3) = -0.5, rate 0.1."""
    one = random_table(1, 1, 1)
    ratings = type(one)(("a",), ("x",), one.users, one.movies, np.array([3.0]))
    factors = Factors(np.array([[1.0]]), np.array([[2.0]]), np.array([0.5]), np.array([0.25]))
    vector = factors.flat()
    assert engine_of(ratings, factors).sgd(vector, 0, 1, 0.1, 0.0) == (1, True)
    assert vector == pytest.approx([1.0 + 0.1 * 0.5 * 2.0, 2.0 + 0.1 * 0.5 * 1.0, 0.55, 0.30], abs=1e-15)
    # With decay 0.5 every weight also loses 2 * 0.1 * 0.5, a tenth of itself.
    vector = factors.flat()
    engine_of(ratings, factors).sgd(vector, 0, 1, 0.1, 0.5)
    assert vector == pytest.approx([0.9 + 0.1, 1.8 + 0.05, 0.45 + 0.05, 0.225 + 0.05], abs=1e-15)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("k", [1, 5, 8, 13])
def test_without_decay_the_bits_are_those_of_the_array_form(table, bias, k, monkeypatch):
    choices = Hyperparameters(optimizer="sgd", learning_rate=0.02, order="rows")
    slow, fast = both_ways(table, weights(table, k, bias), choices, "exact", 2 * 211 + 60, monkeypatch)
    assert fast.factors.equals(slow.factors)
    assert (fast.rmse, fast.loss) == (slow.rmse, slow.loss)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("gradient", ["autograd", "central", "forward"])
def test_every_gradient_without_decay(table, bias, gradient, monkeypatch):
    choices = Hyperparameters(optimizer="sgd", learning_rate=0.02, epsilon=0.5, order="rows")
    slow, fast = both_ways(table, weights(table, 5, bias), choices, gradient, 300, monkeypatch)
    np.testing.assert_allclose(fast.factors.flat(), slow.factors.flat(), rtol=0.0, atol=1e-12)


def test_a_large_nudge_is_seen(table):
    """Else the test above would hold for a loop that knows only the exact slope."""
    factors = weights(table)
    exact, forward = factors.flat(), factors.flat()
    engine_of(table, factors).sgd(exact, 0, 211, 0.02, 0.0)
    engine_of(table, factors, h=0.5).sgd(forward, 0, 211, 0.02, 0.0)
    assert np.abs(exact - forward).max() > 0.01


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("gradient", ["exact", "forward", "central"])
@pytest.mark.parametrize(
    ("rate", "decay"),
    [
        (0.02, 0.001),
        (0.02, 0.1),
        (0.001, 495.0),  # shrinks to a hundredth at every rating, far out of a float's range in one epoch
        (0.001, 900.0),  # changes its sign every time
    ],
)
def test_weight_decay_moves_every_weight_after_every_rating(table, bias, gradient, rate, decay, monkeypatch):
    choices = Hyperparameters(optimizer="sgd", learning_rate=rate, weight_decay=decay, epsilon=0.25, order="rows")
    slow, fast = both_ways(table, weights(table, 5, bias), choices, gradient, 211 + 100, monkeypatch)
    np.testing.assert_allclose(fast.factors.flat(), slow.factors.flat(), rtol=0.0, atol=1e-10)
    assert fast.loss == pytest.approx(slow.loss, rel=1e-10)


def test_an_epoch_in_pieces_is_the_epoch(table, monkeypatch):
    monkeypatch.setattr(engines, "COMPILED_FROM", 2)
    choices = Hyperparameters(optimizer="sgd", learning_rate=0.02, order="rows")
    whole, parts = (Trainer(table, weights(table), choices, gradient="exact") for _ in range(2))
    whole.advance(500)
    for updates in (1, 209, 2, 288):
        parts.advance(updates)
    assert parts.factors.equals(whole.factors)
    assert parts.rmse == whole.rmse


def test_no_bit_depends_on_how_long_the_pieces_are(monkeypatch):
    ratings = random_table(120, 90, 6001, seed=1, dtype=np.float32)
    factors = weights(ratings, 3)
    engine, results = engine_of(ratings, factors), []
    for length in (1000, 1777, 10**6):
        monkeypatch.setattr(compiled_engine, "FIRST_SLAB", length)
        monkeypatch.setattr(compiled_engine, "SLAB_SECONDS", 1e-9 if length < 2000 else 1.0)
        plain, decayed = factors.flat(), factors.flat()
        engine.sgd(plain, 5000, 9000, 0.01, 0.0)
        engine.sgd(decayed, 5000, 9000, 0.01, 0.01)
        results.append(
            (engine.square_sum(plain), engine.slopes(plain, 0.1).tobytes(), plain.tobytes(), decayed.tobytes())
        )
    assert results[0] == results[1] == results[2]


def test_stopped_sgd_has_made_whole_updates_and_goes_on_from_there(monkeypatch):
    monkeypatch.setattr(compiled_engine, "FIRST_SLAB", 1000)
    monkeypatch.setattr(compiled_engine, "SLAB_SECONDS", 1e-9)
    ratings = random_table(120, 90, 6001, seed=1)
    factors = weights(ratings, 3)
    looks = iter([False, False, True])
    vector, whole = factors.flat(), factors.flat()
    done, finite = engine_of(ratings, factors, stop=lambda: next(looks)).sgd(vector, 0, 6001, 0.01, 0.02)
    assert (done, finite) == (3000, True)
    engine_of(ratings, factors).sgd(vector, done, 3001, 0.01, 0.02)
    engine_of(ratings, factors).sgd(whole, 0, 6001, 0.01, 0.02)
    np.testing.assert_allclose(vector, whole, rtol=0.0, atol=1e-13)


@pytest.mark.parametrize("decay", [0.0, 0.001])
def test_sgd_that_explodes_says_where(table, decay):
    factors = weights(table)
    vector = factors.flat()
    done, finite = engine_of(table, factors).sgd(vector, 0, 10**6, 2.0, decay)
    assert not finite
    assert 0 < done < 211
    good = factors.flat()
    assert engine_of(table, factors).sgd(good, 0, done, 2.0, decay) == (done, True)
    with np.errstate(all="ignore"):
        residuals = table.values - models.predict(factors.view_of(good), table.users, table.movies)
    assert not np.isfinite(residuals[done])


def test_an_explosion_brings_back_the_start_and_a_rate_that_trains(table, monkeypatch):
    monkeypatch.setattr(engines, "COMPILED_FROM", 2)
    factors = weights(table)
    trainer = Trainer(table, factors, Hyperparameters(optimizer="sgd", learning_rate=2.0), gradient="exact")
    with pytest.raises(Diverged) as caught:
        trainer.advance(211)
    assert 0 < caught.value.step < 211
    assert caught.value.good_step == trainer.step == trainer.seen == 0
    assert trainer.factors.equals(factors)
    start = trainer.rmse
    trainer.hyperparameters = Hyperparameters(optimizer="sgd", learning_rate=caught.value.suggestion)
    assert trainer.advance(211).rmse < start


# Measures and gradients


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 211])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_measure_has_the_bits_of_the_array_form(n, bias, dtype):
    ratings = random_table(23, 17, n, seed=n, dtype=dtype)
    factors = weights(ratings, 6, bias)
    assert engine_of(ratings, factors).square_sum(factors.flat()) / n == models.mse(factors, ratings)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_slopes_are_those_of_the_array_form(table, bias, decay):
    factors = weights(table, 5, bias)
    arrays = (table.users, table.movies, table.values)
    exact = models.gradient(factors, *arrays, decay)
    np.testing.assert_allclose(engine_of(table, factors).slopes(factors.flat(), decay), exact, rtol=0.0, atol=1e-14)
    forward = finite_differences(factors, *arrays, h=0.1, weight_decay=decay)
    slopes = engine_of(table, factors, h=0.1).slopes(factors.flat(), decay)
    np.testing.assert_allclose(slopes, forward, rtol=0.0, atol=1e-13)
    assert np.abs(forward - exact).max() > 0.001


def test_stopped_measures_and_gradients_are_interrupted(monkeypatch):
    monkeypatch.setattr(compiled_engine, "FIRST_SLAB", 1000)
    ratings = random_table(120, 90, 6001, seed=1)
    factors = weights(ratings, 3)
    engine = engine_of(ratings, factors, stop=lambda: True)
    with pytest.raises(Interrupted):
        engine.square_sum(factors.flat())
    with pytest.raises(Interrupted):
        engine.slopes(factors.flat(), 0.0)
    assert engine.watch.n_done == 2000


def test_the_weights_measured_are_not_written_to(table):
    factors = weights(table)
    vector = factors.flat()
    vector.flags.writeable = False
    engine = engine_of(table, factors)
    engine.square_sum(vector)
    engine.slopes(vector, 0.1)
    assert np.array_equal(vector, factors.flat())


# Which engine


@pytest.mark.parametrize(
    ("n", "optimizer", "batch", "gradient", "engine"),
    [
        (206, "sgd", 1, "forward", "numpy"),
        (206, "gd", None, "autograd", "torch"),
        (19_999, "sgd", 1, "exact", "numpy"),
        (20_000, "sgd", 1, "exact", "compiled"),
        (20_000, "sgd", None, "autograd", "compiled"),
        (20_000, "sgd", 2, "forward", "numpy"),
        (20_000, "adam", 1, "forward", "numpy"),
        (999_999, "gd", None, "autograd", "torch"),
        (1_000_000, "gd", None, "autograd", "compiled"),
        (1_000_000, "adam", 1000, "central", "compiled"),
        (1_000_000, "lbfgs", None, "exact", "compiled"),
        (1_000_000, "lbfgs", None, "a new one", "numpy"),
    ],
)
def test_the_engine_is_chosen_by_size(n, optimizer, batch, gradient, engine):
    assert engine_name(n, Hyperparameters(optimizer=optimizer, batch_size=batch), gradient) == engine


def test_a_decay_that_takes_everything_at_once_is_left_to_the_arrays():
    assert can_decay(0.01, 0.1)
    assert can_decay(1.0, 40.0)
    assert not can_decay(0.5, 1.0)
    assert not can_decay(1e300, 1e300)
    choices = Hyperparameters(optimizer="sgd", learning_rate=0.5, weight_decay=1.0)
    assert engine_name(10**5, choices, "exact") == "numpy"


# Loading


def test_numba_loads_with_the_first_loop_and_not_before():
    script = (
        "import sys\n"
        "from cfgui.core import trainer, compiled_warm_up\n"
        "assert 'numba' not in sys.modules\n"
        "import numpy as np\n"
        "compiled_warm_up.warm_up(np.zeros(0, dtype=np.float32))\n"
        "assert 'numba' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(table, monkeypatch):
    import numba

    njit, asked = numba.njit, []

    def no_folder(**options):
        asked.append(options.pop("cache", False))
        if asked[-1]:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", no_folder)
    loops = compiled_loops.loops.__wrapped__()
    assert asked == [True, False] * len(loops)
    f = weights(table)
    total = loops.square_sum(
        table.users, table.movies, table.values, 0, 211, 0.0, f.user_factors, f.movie_factors, f.user_bias, f.movie_bias
    )
    assert total / 211 == models.mse(f, table)

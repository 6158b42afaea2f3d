"""The graddesc sheet replayed: y = ax + b over 29 rows, one update after each row, figures as the sheet shows them."""

import math

import numpy as np
import pytest

from cfgui.core import models
from cfgui.core.graddesc_rules import FIRST_DIVISOR, Annealed
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import OPTIMIZER_DEFAULTS
from cfgui.core.optimizer_state import OptimizerState, Pace
from cfgui.core.optimizers import make_optimizer
from cfgui.core.trainer import Trainer

X = [14, 86, 28, 51, 28, 29, 72, 62, 84, 15, 42, 62, 47, 35, 9, 38, 44, 99, 13, 21, 28, 20, 8, 64, 99, 70, 27, 17, 8]
"""The sheet's x; its y is 2x + 30."""

GRADDESC = [name for name in OPTIMIZER_DEFAULTS if name.startswith("graddesc-")]


class Row:
    """The squared error of one row as a function of (a, b)."""

    def __init__(self, x):
        self.x, self.y = x, 2.0 * x + 30.0

    def loss(self, vector):
        return float((vector[0] * self.x + vector[1] - self.y) ** 2)

    def gradient(self, vector):
        slope = 2.0 * (vector[0] * self.x + vector[1] - self.y)
        return np.array([slope * self.x, slope])


ROWS = [Row(x) for x in X]


def a_pass(optimizer, vector, state, pace):
    """(weights before the last row, weights and state after it, the sheet's "rmse" of the pass)."""
    squares = 0.0
    for row in ROWS:
        before = vector
        squares += row.loss(vector)
        vector, state, _ = optimizer.update(row, vector, state, pace)
    return before, vector, state, math.sqrt(squares)


def made(name, **choices):
    optimizer = make_optimizer(Hyperparameters(optimizer=name, **choices))
    return optimizer, optimizer.start(2)


def five_steps(optimizer, state, pace, *, carried):
    """(a, b) after five passes from a = b = 1; the next pass starts ``carried`` the last row."""
    vector = np.ones(2)
    for _ in range(5):
        before, after, state, _ = a_pass(optimizer, vector, state, pace)
        vector = before if carried == "before" else after
    return tuple(vector)


def test_the_rows_are_the_sheet_s():
    assert (ROWS[0].x, ROWS[0].y) == (14, 58)
    slopes = ROWS[0].gradient(np.ones(2))
    assert tuple(slopes) == (-1204.0, -86.0)
    raised = [(ROWS[0].loss(np.ones(2) + 0.01 * np.eye(2)[i]) - ROWS[0].loss(np.ones(2))) / 0.01 for i in (0, 1)]
    assert raised == pytest.approx([-1202.04, -85.99], abs=1e-8)


def test_basic_sgd():
    optimizer, state = made("sgd")
    before, _, state, shown = a_pass(optimizer, np.ones(2), state, Pace(1e-4))
    assert shown == pytest.approx(150.7552115377, abs=1e-9)
    assert tuple(before) == pytest.approx((2.5741401223, 1.0666479742), abs=1e-10)
    assert a_pass(optimizer, before, state, Pace(1e-4))[3] == pytest.approx(104.7492102669, abs=1e-9)


def test_momentum():
    """Reset leaves the running mean that a first pass from a = b = 1 ends with."""
    optimizer, state = made("graddesc-momentum")
    state = a_pass(optimizer, np.ones(2), state, Pace(1e-4, 0.9))[2]
    assert state.memory[0] == pytest.approx([98.25, -18.33], abs=0.005)
    ends = five_steps(optimizer, state, Pace(1e-4, 0.9), carried="before")
    assert ends == pytest.approx((2.358034791, 1.261077757), abs=1e-9)


def test_adagrad():
    """The first pass, at 1e-3 / 1e4 = 1e-7, is there for its gradients only."""
    optimizer, state = made("graddesc-adagrad")
    pace = Pace(1e-3, n_updates=29)
    assert pace.rate / FIRST_DIVISOR == pytest.approx(1e-7)
    state = a_pass(optimizer, np.ones(2), state, pace)[2]
    ends = five_steps(optimizer, state, pace, carried="after")
    assert ends == pytest.approx((1.525276616, 1.688428951), abs=1e-9)


def test_rmsprop():
    """Reset leaves the mean square that two passes from a = b = 1 bring 10,000 to."""
    optimizer, _ = made("graddesc-rmsprop")
    state = OptimizerState("graddesc-rmsprop", (np.full(2, 1e4),), 1)
    for _ in range(2):
        state = a_pass(optimizer, np.ones(2), state, Pace(0.02))[2]
    ends = five_steps(optimizer, state, Pace(0.02), carried="before")
    assert ends == pytest.approx((2.403620354, 3.189067651), abs=1e-9)


def by_words(name, n_updates):
    """(a, b) after each update by the sheet's words, number by number, in plain Python."""
    w, rate, share, best, length = [1.0, 1.0], 0.01, 1.0, 0.0, 0.0
    mean, square, ratio, last = [0.0, 0.0], [0.0, 0.0], 1.0, None
    for update in range(n_updates):
        row = ROWS[update % 29]
        slopes, loss = [float(slope) for slope in row.gradient(np.array(w))], row.loss(np.array(w))
        if name == "graddesc-eve" and last is not None:
            ratio = 0.9 * ratio + 0.1 * min(max(loss / last, 0.1), 10.0)
        last = loss
        for i in (0, 1):
            mean[i] = 0.7 * mean[i] + 0.3 * slopes[i]
            square[i] = 0.9 * square[i] + 0.1 * slopes[i] ** 2
            w[i] -= rate * share / ratio * mean[i] / math.sqrt(square[i])
        length += sum(slope**2 for slope in slopes)
        if name == "graddesc-adam-ann" and update % 29 == 28:
            if best and math.sqrt(length) > 2.0 * best:
                share, best = share / 4.0, math.sqrt(length)
            else:
                best = min(best or math.inf, math.sqrt(length))
            length = 0.0
        yield tuple(w), share


@pytest.mark.parametrize("name", ["graddesc-adam", "graddesc-eve", "graddesc-adam-ann"])
def test_adam_and_what_is_made_of_it_by_the_sheet_s_words(name):
    optimizer, state = made(name)
    vector = np.ones(2)
    for update, (expected, _) in enumerate(by_words(name, 400)):
        vector, state, _ = optimizer.update(ROWS[update % 29], vector, state, Pace(0.01, n_updates=29))
        assert tuple(vector) == pytest.approx(expected, abs=1e-9)


class Slopes:
    """Gradients given one after another."""

    def __init__(self, *slopes):
        self.slopes = iter(slopes)

    def loss(self, _vector):
        return 1.0

    def gradient(self, _vector):
        return np.array([next(self.slopes)])


@pytest.mark.parametrize(("name", "divisor"), [("graddesc-adagrad-ann", 2.0), ("graddesc-adam-ann", 4.0)])
def test_the_rate_is_annealed_when_the_gradient_is_more_than_twice_its_best(name, divisor):
    optimizer = make_optimizer(Hyperparameters(optimizer=name))
    assert isinstance(optimizer, Annealed)
    state = optimizer.start(1)
    problem, vector, shares, bests = Slopes(3.0, 2.0, 4.0, 4.1, 5.0, 4.0, 8.1), np.zeros(1), [], []
    for _ in range(7):
        vector, state, _ = optimizer.update(problem, vector, state, Pace(0.1))
        shares.append(float(state.memory[-2][0]))
        bests.append(float(state.memory[-1][0]))
    once, twice = 1.0 / divisor, 1.0 / divisor**2
    assert shares == [1.0, 1.0, 1.0, once, once, once, twice]
    assert bests == pytest.approx([3.0, 2.0, 2.0, 4.1, 4.1, 4.0, 8.1])


def test_an_annealed_rate_is_in_force_from_the_next_update_on():
    slopes, moves = (1.0, 3.0, 3.0), {}
    for name in ("graddesc-adam", "graddesc-adam-ann"):
        optimizer = make_optimizer(Hyperparameters(optimizer=name))
        problem, vector, state, moves[name] = Slopes(*slopes), np.zeros(1), optimizer.start(1), []
        for _ in slopes:
            end = optimizer.update(problem, vector, state, Pace(0.1))
            moves[name].append(float((end.vector - vector)[0]))
            vector, state, _ = end
    ratios = np.divide(moves["graddesc-adam-ann"], moves["graddesc-adam"])
    assert ratios == pytest.approx([1.0, 1.0, 0.25])


def test_eve_counts_how_losses_follow_each_other():
    class Losses:
        def __init__(self, *losses):
            self.losses = iter(losses)

        def loss(self, _vector):
            return next(self.losses)

        def gradient(self, _vector):
            return np.ones(1)

    optimizer = make_optimizer(Hyperparameters(optimizer="graddesc-eve"))
    state = optimizer.start(1)
    problem, vector, ratios = Losses(4.0, 2.0, 400.0, 0.0, 5.0), np.zeros(1), []
    for _ in range(5):
        vector, state, _ = optimizer.update(problem, vector, state, Pace(0.1))
        ratios.append(float(state.memory[2][0]))
    assert ratios == pytest.approx([1.0, 0.95, 1.855, 1.6795, 1.61155])


@pytest.mark.parametrize("name", GRADDESC)
def test_a_weight_without_a_gradient_stays_where_it_is(name):
    class Half:
        def loss(self, vector):
            return float(vector[0] ** 2)

        def gradient(self, vector):
            return np.array([2.0 * vector[0], 0.0])

    optimizer, state = made(name)
    vector = np.array([1.0, 1.0])
    for _ in range(20):
        vector, state, _ = optimizer.update(Half(), vector, state, Pace(0.01))
        assert np.isfinite(vector).all()
        assert all(np.isfinite(array).all() for array in state.memory)
    assert vector[1] == 1.0
    assert abs(vector[0]) < 1.0


@pytest.mark.parametrize("model", ["dot", "bias"])
@pytest.mark.parametrize("name", GRADDESC)
def test_each_trains_the_sheet_at_its_own_rate(sheet, name, model):
    choices = Hyperparameters(model=model, optimizer=name)
    trainer = Trainer(sheet.ratings, sheet.factors[model], choices, gradient="exact")
    trainer.advance(100 * choices.steps_per_epoch(206))
    assert trainer.rmse < 0.75


@pytest.mark.parametrize("name", GRADDESC)
def test_clipping_and_decoupled_decay_are_in_force(name, ratings, dot):
    choices = Hyperparameters(optimizer=name, clip=1e-6, decay_kind="decoupled", weight_decay=0.5, learning_rate=0.1)
    trainer = Trainer(ratings, dot, choices, gradient="exact")
    trainer.advance()

    class Short:
        """The gradient of the first batch, shortened."""

        def loss(self, _vector):
            return 1.0

        def gradient(self, vector):
            rows = slice(0, choices.batch(206))
            factors = dot.view_of(vector)
            slopes = models.gradient(factors, ratings.users[rows], ratings.movies[rows], ratings.values[rows])
            return slopes * 1e-6 / np.linalg.norm(slopes)

    plain = make_optimizer(Hyperparameters(optimizer=name))
    pace = Pace(0.1, n_updates=choices.steps_per_epoch(206))
    move = plain.update(Short(), dot.flat(), plain.start(150), pace).vector - dot.flat()
    expected = dot.flat() * (1.0 - 0.1 * 0.5) + move
    np.testing.assert_allclose(trainer.factors.flat(), expected, rtol=0.0, atol=1e-12)

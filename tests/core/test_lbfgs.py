"""L-BFGS and its line search on functions whose answers are known."""

from itertools import islice

import numpy as np
import pytest

from cfgui.core import lbfgs, models
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.line_search import ENOUGH_DECREASE, ENOUGH_FLATTENING, Line, wolfe_search
from cfgui.core.trainer import Trainer


class Function:
    """A problem from a loss and its gradient, counting how often it is asked."""

    def __init__(self, loss, gradient):
        self._loss, self._gradient = loss, gradient
        self.n_losses = self.n_gradients = 0

    def loss(self, vector):
        self.n_losses += 1
        return float(self._loss(vector))

    def gradient(self, vector):
        self.n_gradients += 1
        return self._gradient(vector)


def rosenbrock():
    return Function(
        lambda v: 100.0 * (v[1] - v[0] ** 2) ** 2 + (1.0 - v[0]) ** 2,
        lambda v: np.array(
            [-400.0 * v[0] * (v[1] - v[0] ** 2) - 2.0 * (1.0 - v[0]), 200.0 * (v[1] - v[0] ** 2)],
        ),
    )


def minimised(problem, start, limit=200):
    """Iterations until the search ends, the last one included."""
    n = len(start)
    iteration = lbfgs.Iteration(np.asarray(start, dtype=float), np.zeros((0, n)), np.zeros((0, n)))
    path = [iteration]
    while not iteration.stop_reason and len(path) <= limit:
        iteration = lbfgs.iterate(problem, iteration.vector, iteration.moves, iteration.turns)
        path.append(iteration)
    return path


def test_rosenbrock_s_valley():
    path = minimised(rosenbrock(), [-1.2, 1.0])
    assert path[-1].stop_reason == "gradient is zero to 1e-9"
    assert path[-1].vector == pytest.approx([1.0, 1.0], abs=1e-8)
    assert len(path) < 60
    losses = [rosenbrock().loss(iteration.vector) for iteration in path]
    assert losses == sorted(losses, reverse=True)


def test_a_quadratic_is_solved_like_its_linear_system():
    rng = np.random.default_rng(1)
    square = rng.normal(size=(12, 12))
    matrix, right = square @ square.T + np.eye(12), rng.normal(size=12)
    bowl = Function(lambda v: v @ matrix @ v / 2.0 - right @ v, lambda v: matrix @ v - right)
    path = minimised(bowl, np.zeros(12))
    assert path[-1].vector == pytest.approx(np.linalg.solve(matrix, right), abs=1e-7)
    assert len(path) < 80


def test_the_two_loop_recursion_is_the_bfgs_update_of_the_inverse_hessian():
    rng = np.random.default_rng(2)
    matrix = np.diag(rng.uniform(0.5, 4.0, 6))
    moves = rng.normal(size=(4, 6))
    turns = moves @ matrix
    inverse = np.eye(6) * (moves[-1] @ turns[-1]) / (turns[-1] @ turns[-1])
    for move, turn in zip(moves, turns, strict=True):
        rho = 1.0 / (move @ turn)
        left = np.eye(6) - rho * np.outer(move, turn)
        inverse = left @ inverse @ left.T + rho * np.outer(move, move)
    gradient = rng.normal(size=6)
    assert lbfgs.inverse_hessian_times(gradient, moves, turns) == pytest.approx(inverse @ gradient, abs=1e-12)


def test_the_first_direction_moves_the_weights_by_one_in_all_at_most():
    none = np.zeros((0, 2))
    assert lbfgs.inverse_hessian_times(np.array([30.0, -10.0]), none, none) == pytest.approx([0.75, -0.25])
    assert lbfgs.inverse_hessian_times(np.array([0.3, -0.1]), none, none) == pytest.approx([0.3, -0.1])


@pytest.mark.parametrize("first_step", [1e-6, 0.01, 1.0, 50.0, 1e6])
@pytest.mark.parametrize(
    ("loss", "slope"),
    [
        (lambda a: -a / (a * a + 2.0), lambda a: (a * a - 2.0) / (a * a + 2.0) ** 2),
        (
            lambda a: (a + 0.004) ** 5 - 2.0 * (a + 0.004) ** 4,
            lambda a: 5.0 * (a + 0.004) ** 4 - 8.0 * (a + 0.004) ** 3,
        ),
        (lambda a: (a - 3.0) ** 2, lambda a: 2.0 * (a - 3.0)),
        (lambda a: np.cosh(min(a, 800.0)) - 3.0 * a, lambda a: np.sinh(min(a, 800.0)) - 3.0),
    ],
    ids=["moré-thuente-1", "moré-thuente-2", "parabola", "steep wall"],
)
def test_the_line_search_meets_both_wolfe_conditions(loss, slope, first_step):
    problem = Function(lambda v: loss(v[0]), lambda v: np.array([slope(v[0])]))
    with np.errstate(over="ignore"):
        found = wolfe_search(Line(problem, np.zeros(1), loss(0.0), np.array([slope(0.0)]), np.ones(1)), first_step)
    assert found is not None
    assert found.step == found.vector[0]
    assert loss(found.step) <= loss(0.0) + ENOUGH_DECREASE * found.step * slope(0.0)
    assert abs(slope(found.step)) <= ENOUGH_FLATTENING * abs(slope(0.0))


def test_a_line_that_leads_uphill_is_not_walked():
    bowl = Function(lambda v: v @ v, lambda v: 2.0 * v)
    start = np.array([1.0])
    assert wolfe_search(Line(bowl, start, 1.0, np.array([2.0]), np.array([1.0])), 1.0) is None
    assert bowl.n_losses == 0


def test_trials_that_are_not_numbers_are_stepped_back_from():
    """-log(1 - x) - 2x is NaN from 1 on; its minimum is at 0.5."""
    with np.errstate(all="ignore"):
        problem = Function(lambda v: -np.log(1.0 - v[0]) - 2.0 * v[0], lambda v: np.array([1.0 / (1.0 - v[0]) - 2.0]))
        path = minimised(problem, [-100.0])
    assert path[-1].vector == pytest.approx([0.5], abs=1e-8)
    assert all(np.isfinite(array).all() for iteration in path for array in iteration[:3])


def test_a_gradient_that_overflows_while_the_loss_does_not_is_stepped_back_from():
    problem = Function(lambda v: v[0] ** 2, lambda v: 2.0 * v if abs(v[0]) > 0.5 else np.array([np.inf]))
    path = minimised(problem, [2.0])
    assert all(np.isfinite(array).all() for iteration in path for array in iteration[:3])
    assert 0.5 < path[-1].vector[0] < 2.0
    assert minimised(problem, [0.0])[-1].stop_reason == "gradient is not a finite number"


def test_a_gradient_that_points_the_wrong_way_ends_the_search_where_it_was():
    liar = Function(lambda v: v @ v, lambda v: -2.0 * v)
    path = minimised(liar, [1.0, 2.0])
    assert path[-1].stop_reason == "no further decrease"
    assert np.array_equal(path[-1].vector, [1.0, 2.0])


def test_misleading_memory_is_dropped_before_giving_up():
    bowl = Function(lambda v: v @ v, lambda v: 2.0 * v)
    uphill = np.array([[1.0, 0.0], [0.0, 1.0]])
    end = lbfgs.iterate(bowl, np.array([1.0, 1.0]), uphill, -uphill)
    assert bowl.loss(end.vector) < 2.0
    assert len(end.moves) == 1


def test_a_rate_of_zero_goes_nowhere_and_says_so():
    end = lbfgs.iterate(rosenbrock(), np.zeros(2), np.zeros((0, 2)), np.zeros((0, 2)), first_step=0.0)
    assert end.stop_reason == "learning rate is 0"
    assert np.array_equal(end.vector, [0.0, 0.0])


def test_no_more_than_twenty_moves_are_remembered(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="lbfgs"), gradient="exact")
    lengths = [len(trainer.optimizer_state.memory[0]) for _ in islice(trainer.steps(), 30)]
    assert lengths == [*range(1, 20), *[20] * 11]


@pytest.mark.parametrize(("gradient", "epsilon", "within"), [("forward", 0.01, 2e-4), ("central", 0.01, 1e-7)])
def test_finite_differences_end_where_they_can_see(ratings, dot, gradient, epsilon, within):
    """Forward differences at 0.01 are off by more than the last slopes, so they stop a little above the minimum."""
    choices = Hyperparameters(optimizer="lbfgs", gradient=gradient, epsilon=epsilon)
    trainer = Trainer(ratings, dot, choices)
    reports = list(islice(trainer.steps(), 1000))
    assert trainer.finished
    assert trainer.stop_reason in ("no further decrease", "gradient is zero to 1e-9")
    assert reports[-1].rmse == pytest.approx(0.39290079, abs=within)
    losses = [report.loss for report in reports]
    assert losses == sorted(losses, reverse=True)


def test_starting_at_the_minimum_nothing_moves_and_the_reason_is_given(ratings, dot):
    first = Trainer(ratings, dot, Hyperparameters(optimizer="lbfgs"), gradient="exact")
    n_steps = sum(1 for _ in first.steps())
    again = Trainer(ratings, first.factors, Hyperparameters(optimizer="lbfgs"), step=n_steps, gradient="exact")
    report = again.advance()
    assert again.finished
    assert again.stop_reason == "gradient is zero to 1e-9"
    assert again.factors.equals(first.factors)
    assert again.advance() == report


def test_the_l2_penalty_is_part_of_what_is_minimised(ratings, dot):
    trainer = Trainer(ratings, dot, Hyperparameters(optimizer="lbfgs", weight_decay=0.01), gradient="exact")
    reports = list(islice(trainer.steps(), 1000))
    slopes = models.gradient(trainer.factors, ratings.users, ratings.movies, ratings.values, 0.01)
    assert np.abs(slopes).max() < 1e-7
    vector = trainer.factors.flat()
    assert reports[-1].loss == pytest.approx(models.mse(trainer.factors, ratings) + 0.01 * float(np.sum(vector**2)))
    assert reports[-1].rmse > 0.3930

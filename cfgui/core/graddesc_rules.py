"""The optimizers of the course's graddesc sheet, where they differ from those of torch.optim.

Source: graddesc.xlsm of the fast.ai course, sheets momentum, adagrad, rmsprop, adam, eve, adagrad_ann and adam_ann.
None of them has an epsilon: where a rule would divide by 0 the weight stays where it is. A pass of the sheet is an
epoch here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from cfgui.core.first_order import FirstOrder, clipped, complement, decayed
from cfgui.core.objective import Problem
from cfgui.core.optimizer_state import Memory, OptimizerState, Pace, Update
from cfgui.core.ratings import Floats

MEAN_KEPT, SQUARE_KEPT = 0.7, 0.9
"""The betas of the sheet's Adam."""

RATIO_KEPT = 0.9
"""What Eve keeps of its running ratio of losses; the sheet's figure is not known, so that of its other rules."""

MOST_RATIO = 10.0
"""Eve counts no loss as more than so many times the one before, nor less than one part in so many."""

FIRST_DIVISOR = 1e4
"""What Adagrad divides by in its first pass, with none before: 1e-3 / 1e4 is the 1e-7 the sheet begins with."""

GROWN = 2.0
"""The annealing rules act when the gradient is so many times as long as its best."""


def momentum(gradient: Floats, memory: Memory, _count: int, share: float) -> tuple[Floats, Memory]:
    """A running mean: ``share`` of the last direction and the rest of the gradient, so that it does not build up."""
    mean = share * memory[0] + complement(share) * gradient
    return mean, (mean,)


def rmsprop(gradient: Floats, memory: Memory, count: int, _momentum: float) -> tuple[Floats, Memory]:
    """Divides by the root of the mean square *before* this gradient; the first one takes the gradient's own."""
    square = gradient * gradient
    before = square if count == 1 else memory[0]
    return _quotient(gradient, np.sqrt(before)), (0.9 * before + 0.1 * square,)


def adam(gradient: Floats, memory: Memory, _count: int, _momentum: float) -> tuple[Floats, Memory]:
    """Betas 0.7 and 0.9, without the correction for the start at zero and without epsilon."""
    mean = MEAN_KEPT * memory[0] + 0.3 * gradient
    square = SQUARE_KEPT * memory[1] + 0.1 * gradient * gradient
    return _quotient(mean, np.sqrt(square)), (mean, square)


def _quotient(above: Floats, below: Floats) -> Floats:
    """``above / below``, 0 where ``below`` is 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0.0)


@dataclass(frozen=True)
class PassAdagrad:
    """Each weight's rate is divided by sqrt(sum of its squared gradients in the pass before) / updates in a pass.

    Memory: the sum of squares of this pass so far, and what the pass before left to divide by.
    """

    name: str
    clip: float = 0.0

    def start(self, n_parameters: int) -> OptimizerState:
        """No gradients yet."""
        return OptimizerState(self.name, (np.zeros(n_parameters), np.full(n_parameters, FIRST_DIVISOR)))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One gradient, one move."""
        total, divisor = state.memory
        gradient, count = clipped(problem.gradient(vector), self.clip), state.count + 1
        moved = decayed(vector, pace.rate, pace.decay) - pace.rate * _quotient(gradient, divisor)
        total = total + gradient * gradient
        if count % pace.n_updates == 0:
            total, divisor = np.zeros_like(total), np.sqrt(total) / pace.n_updates
        return Update(moved, replace(state, memory=(total, divisor), count=count))


@dataclass(frozen=True)
class Eve:
    """The sheet's Adam, its rate divided by a running mean of each loss over the one before: slower while losses rise.

    Memory: Adam's, and the running ratio and the last loss, the same for every weight. After Koushik & Hayashi,
    "Improving stochastic gradient descent with feedback", 2016.
    """

    adam: FirstOrder

    def start(self, n_parameters: int) -> OptimizerState:
        """A ratio of 1 and no loss yet."""
        state = self.adam.start(n_parameters)
        return replace(state, memory=(*state.memory, np.ones(n_parameters), np.zeros(n_parameters)))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One loss, one gradient, one move."""
        *own, ratios, losses = state.memory
        loss = problem.loss(vector)
        ratio = RATIO_KEPT * ratios[0] + complement(RATIO_KEPT) * (_ratio(loss, losses[0]) if state.count else 1.0)
        pace = pace._replace(rate=pace.rate / ratio)
        end = self.adam.update(problem, vector, replace(state, memory=tuple(own)), pace)
        memory = (*end.state.memory, np.full_like(ratios, ratio), np.full_like(losses, loss))
        return Update(end.vector, replace(end.state, memory=memory))


def _ratio(loss: float, before: float) -> float:
    """One loss over the one before, not beyond ``MOST_RATIO`` either way; 1 where there is nothing to divide."""
    if before <= 0.0:
        return 1.0
    return float(np.clip(loss / before, 1.0 / MOST_RATIO, MOST_RATIO))


@dataclass(frozen=True)
class Annealed:
    """Another optimizer whose rate is divided by ``divisor`` after a pass whose gradient has grown past twice its best.

    The gradient of a pass is the root of the sum of all squares in it. Memory: the other's; and, the same for every
    weight, that sum so far, the share of the rate left, and the best. The one that was too long counts as the best from
    then on, else every later pass would divide the rate again.
    """

    inner: FirstOrder | PassAdagrad
    divisor: float

    def start(self, n_parameters: int) -> OptimizerState:
        """The whole rate and no best yet."""
        state = self.inner.start(n_parameters)
        return replace(state, memory=(*state.memory, *(np.full(n_parameters, x) for x in (0.0, 1.0, 0.0))))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One gradient, one move; at the end of a pass a look at how long its gradient was."""
        *own, totals, shares, bests = state.memory
        total, share, best = float(totals[0]), float(shares[0]), float(bests[0])
        known = _Known(problem, problem.gradient(vector))
        pace = pace._replace(rate=pace.rate * share)
        end = self.inner.update(known, vector, replace(state, memory=tuple(own)), pace)
        total += float(np.square(known.slopes).sum())
        if end.state.count % pace.n_updates == 0:
            length, total = math.sqrt(total), 0.0
            if 0.0 < GROWN * best < length:
                share, best = share / self.divisor, length
            else:
                best = min(best, length) or length
        filled = tuple(np.full_like(totals, x) for x in (total, share, best))
        return Update(end.vector, replace(end.state, memory=(*end.state.memory, *filled)))


@dataclass(frozen=True, eq=False)
class _Known:
    """A problem whose gradient at the place in question has been computed."""

    problem: Problem
    slopes: Floats

    def loss(self, vector: Floats) -> float:
        """The problem's."""
        return self.problem.loss(vector)

    def gradient(self, _vector: Floats) -> Floats:
        """The one that is known."""
        return self.slopes

"""Optimizers: how a gradient becomes an update of the weights.

Each works on the flat float64 vector of all weights and never writes to what it is given: an update makes a new vector
and a new state, so any earlier one stays good to go back to. The first-order ones are, number for number, those of
torch.optim with its default constants; their sources are named beside the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from cfgui.core import lbfgs
from cfgui.core.objective import Problem
from cfgui.core.ratings import Floats

BLOCK = 262_144
"""Weights that a rule is applied to at once, so that its temporary arrays stay in the processor's cache."""

Memory = tuple[Floats, ...]
"""What an optimizer keeps from step to step: arrays whose last axis runs over the weights. Not to be written to."""

Rule = Callable[[Floats, Memory, int], tuple[Floats, Memory]]
"""(gradient, memory, which update this is, from 1) -> (direction, new memory); the rate times it is subtracted."""


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """What the optimizer of this name remembers after ``count`` updates."""

    optimizer: str
    memory: Memory
    count: int = 0

    def fits(self, optimizer: str, n_parameters: int) -> bool:
        """Whether that optimizer can go on from here with that many weights."""
        return self.optimizer == optimizer and all(array.shape[-1] == n_parameters for array in self.memory)


class Update(NamedTuple):
    """The weights and the state after one update; ``stop_reason`` says why nothing is left to do, if nothing is."""

    vector: Floats
    state: OptimizerState
    stop_reason: str = ""


class Optimizer(Protocol):
    """What the trainer asks of every optimizer."""

    def start(self, n_parameters: int) -> OptimizerState:
        """The state before the first update."""

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, rate: float) -> Update:
        """One update of ``vector`` at a learning rate."""


@dataclass(frozen=True)
class FirstOrder:
    """An optimizer that looks at one gradient per update: w - rate * rule(gradient)."""

    name: str
    n_memories: int
    rule: Rule

    def start(self, n_parameters: int) -> OptimizerState:
        """Zeros everywhere."""
        return OptimizerState(self.name, tuple(np.zeros(n_parameters) for _ in range(self.n_memories)))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, rate: float) -> Update:
        """One gradient, one move, made block by block: a rule looks at each weight by itself."""
        count = state.count + 1
        gradient = problem.gradient(vector)
        if len(vector) <= BLOCK:
            direction, memory = self.rule(gradient, state.memory, count)
            return Update(vector - rate * direction, replace(state, memory=memory, count=count))
        moved, remembered = np.empty_like(vector), tuple(np.empty_like(array) for array in state.memory)
        for start in range(0, len(vector), BLOCK):
            block = slice(start, start + BLOCK)
            direction, memory = self.rule(gradient[block], tuple(array[block] for array in state.memory), count)
            np.subtract(vector[block], rate * direction, out=moved[block])
            for whole, part in zip(remembered, memory, strict=True):
                whole[block] = part
        return Update(moved, replace(state, memory=remembered, count=count))


@dataclass(frozen=True)
class Lbfgs:
    """L-BFGS; its rate is the first length its line search tries, and the loss never rises."""

    name: str = "lbfgs"

    def start(self, n_parameters: int) -> OptimizerState:
        """No moves remembered."""
        return OptimizerState(self.name, (np.zeros((0, n_parameters)), np.zeros((0, n_parameters))))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, rate: float) -> Update:
        """One iteration, of several evaluations of the problem."""
        moves, turns = state.memory
        end = lbfgs.iterate(problem, vector, moves, turns, rate)
        state = replace(state, memory=(end.moves, end.turns), count=state.count + 1)
        return Update(end.vector, state, end.stop_reason)


def _plain(gradient: Floats, memory: Memory, _count: int) -> tuple[Floats, Memory]:
    return gradient, memory


def _momentum(gradient: Floats, memory: Memory, _count: int) -> tuple[Floats, Memory]:
    """Polyak 1964 in torch's form: the whole gradient is added to 0.9 of the last direction."""
    velocity = 0.9 * memory[0] + gradient
    return velocity, (velocity,)


def _adagrad(gradient: Floats, memory: Memory, _count: int) -> tuple[Floats, Memory]:
    """Duchi, Hazan & Singer, JMLR 12, 2011."""
    total = memory[0] + gradient * gradient
    return gradient / (np.sqrt(total) + 1e-10), (total,)


def _rmsprop(gradient: Floats, memory: Memory, _count: int) -> tuple[Floats, Memory]:
    """Tieleman & Hinton, Coursera lecture 6.5, 2012; alpha 0.99 as in torch."""
    square = 0.99 * memory[0] + 0.01 * gradient * gradient
    return gradient / (np.sqrt(square) + 1e-8), (square,)


def _adam(gradient: Floats, memory: Memory, count: int) -> tuple[Floats, Memory]:
    """Kingma & Ba, ICLR 2015; betas 0.9 and 0.999."""
    mean = 0.9 * memory[0] + 0.1 * gradient
    square = 0.999 * memory[1] + 0.001 * gradient * gradient
    root = np.sqrt(square / (1.0 - 0.999**count)) + 1e-8
    return mean / (1.0 - 0.9**count) / root, (mean, square)


OPTIMIZERS: dict[str, Optimizer] = {
    "gd": FirstOrder("gd", 0, _plain),
    "sgd": FirstOrder("sgd", 0, _plain),
    "momentum": FirstOrder("momentum", 1, _momentum),
    "adagrad": FirstOrder("adagrad", 1, _adagrad),
    "rmsprop": FirstOrder("rmsprop", 1, _rmsprop),
    "adam": FirstOrder("adam", 2, _adam),
    "lbfgs": Lbfgs(),
}
"""Every optimizer by its name in ``OPTIMIZER_DEFAULTS``; gd and sgd differ only in how many ratings they are given."""

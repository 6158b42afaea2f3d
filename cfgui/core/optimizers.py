"""Optimizers: how a gradient becomes an update of the weights; the registry of all of them.

Each works on the flat float64 vector of all weights and never writes to what it is given: an update makes a new vector
and a new state, so any earlier one stays good to go back to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from cfgui.core import first_order, graddesc_rules, lbfgs
from cfgui.core.als import Als
from cfgui.core.first_order import FirstOrder, Rule
from cfgui.core.gibbs import GibbsSampler
from cfgui.core.graddesc_rules import Annealed, Eve, PassAdagrad
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.objective import Problem
from cfgui.core.optimizer_state import OptimizerState, Pace, Update
from cfgui.core.ratings import Floats


class Optimizer(Protocol):
    """What the trainer asks of every optimizer."""

    def start(self, n_parameters: int) -> OptimizerState:
        """The state before the first update."""

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One update of ``vector`` at a pace."""


OptimizerMaker = Callable[[Hyperparameters], Optimizer]
"""Makes an optimizer with the constants of the given hyperparameters."""


@dataclass(frozen=True)
class Lbfgs:
    """L-BFGS; its rate is the first length its line search tries, and the loss never rises."""

    name: str = "lbfgs"

    def start(self, n_parameters: int) -> OptimizerState:
        """No moves remembered."""
        return OptimizerState(self.name, (np.zeros((0, n_parameters)), np.zeros((0, n_parameters))))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One iteration, of several evaluations of the problem."""
        moves, turns = state.memory
        end = lbfgs.iterate(problem, vector, moves, turns, pace.rate)
        state = replace(state, memory=(end.moves, end.turns), count=state.count + 1)
        return Update(end.vector, state, end.stop_reason)


def _first_order(name: str, n_memories: int, rule: Rule) -> OptimizerMaker:
    return lambda choices: FirstOrder(name, n_memories, rule, choices.clip)


def _sheet_adam(name: str, choices: Hyperparameters) -> FirstOrder:
    return FirstOrder(name, 2, graddesc_rules.adam, choices.clip)


OPTIMIZERS: dict[str, OptimizerMaker] = {
    "gd": _first_order("gd", 0, first_order.plain),
    "sgd": _first_order("sgd", 0, first_order.plain),
    "momentum": _first_order("momentum", 1, first_order.momentum),
    "nesterov": _first_order("nesterov", 1, first_order.nesterov),
    "adagrad": _first_order("adagrad", 1, first_order.adagrad),
    "rmsprop": _first_order("rmsprop", 1, first_order.rmsprop),
    "adam": _first_order("adam", 2, first_order.Adam()),
    "adamw": _first_order("adamw", 2, first_order.Adam()),
    "fastai-adam": _first_order("fastai-adam", 2, first_order.Adam(0.99, 1e-5)),
    "lbfgs": lambda _choices: Lbfgs(),
    "als": lambda choices: Als(choices.als_lambda, choices.als_kind == "weighted"),
    "gibbs": lambda choices: GibbsSampler(choices.seed),
    "graddesc-momentum": _first_order("graddesc-momentum", 1, graddesc_rules.momentum),
    "graddesc-adagrad": lambda choices: PassAdagrad("graddesc-adagrad", choices.clip),
    "graddesc-rmsprop": _first_order("graddesc-rmsprop", 1, graddesc_rules.rmsprop),
    "graddesc-adam": lambda choices: _sheet_adam("graddesc-adam", choices),
    "graddesc-eve": lambda choices: Eve(_sheet_adam("graddesc-eve", choices)),
    "graddesc-adagrad-ann": lambda choices: Annealed(PassAdagrad("graddesc-adagrad-ann", choices.clip), 2.0),
    "graddesc-adam-ann": lambda choices: Annealed(_sheet_adam("graddesc-adam-ann", choices), 4.0),
}
"""What makes each optimizer, by its name in ``OPTIMIZER_DEFAULTS``.

gd and sgd differ only in how many ratings they are given, adam and adamw only in the decay they are given.
"""


def make_optimizer(choices: Hyperparameters) -> Optimizer:
    """The optimizer a person has chosen."""
    return OPTIMIZERS[choices.optimizer](choices)


def empty_state(name: str, n_parameters: int) -> OptimizerState:
    """What the optimizer of that name remembers before its first update of so many weights."""
    return OPTIMIZERS[name](Hyperparameters(optimizer=name)).start(n_parameters)

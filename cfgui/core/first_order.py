"""First-order optimizers: those that look at one gradient per update, and the rules of torch.optim among them.

A rule looks at each weight by itself, so a vector of any length is worked on block by block. Number for number the
rules here are those of torch.optim with its default constants; their sources are named beside them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from cfgui.core import first_order_loops
from cfgui.core.objective import Problem
from cfgui.core.optimizer_state import Memory, OptimizerState, Pace, Update
from cfgui.core.ratings import Floats

BLOCK = 32_768
"""Weights that a rule is applied to at once, so that its temporary arrays stay in the processor's cache."""

CLIP_EPSILON = 1e-6
"""Added to a gradient's length before dividing by it, as torch.nn.utils.clip_grad_norm_ does."""

Rule = Callable[[Floats, Memory, int, float], tuple[Floats, Memory]]
"""(gradient, memory, which update this is, from 1, momentum) -> (direction, new memory).

The learning rate times the direction is subtracted from the weights.
"""


@dataclass(frozen=True)
class FirstOrder:
    """w * (1 - rate * decay) - rate * rule(gradient), with gradients longer than ``clip`` shortened to it (0: none)."""

    name: str
    n_memories: int
    rule: Rule
    clip: float = 0.0

    def start(self, n_parameters: int) -> OptimizerState:
        """Zeros everywhere."""
        return OptimizerState(self.name, tuple(np.zeros(n_parameters) for _ in range(self.n_memories)))

    def update(self, problem: Problem, vector: Floats, state: OptimizerState, pace: Pace) -> Update:
        """One gradient, one move, made block by block: a rule looks at each weight by itself."""
        count = state.count + 1
        gradient = clipped(problem.gradient(vector), self.clip)
        if isinstance(self.rule, Adam) and len(vector) >= first_order_loops.COMPILED_FROM:
            return self._adam_by_loop(self.rule, vector, gradient, state, pace)
        if len(vector) <= BLOCK:
            direction, memory = self.rule(gradient, state.memory, count, pace.momentum)
            moved = decayed(vector, pace.rate, pace.decay) - pace.rate * direction
            return Update(moved, OptimizerState(self.name, memory, count))
        moved, remembered = np.empty_like(vector), tuple(np.empty_like(array) for array in state.memory)
        for start in range(0, len(vector), BLOCK):
            block = slice(start, start + BLOCK)
            part = tuple(array[block] for array in state.memory)
            direction, memory = self.rule(gradient[block], part, count, pace.momentum)
            decay = pace.decay if isinstance(pace.decay, float) else pace.decay[block]
            np.subtract(decayed(vector[block], pace.rate, decay), pace.rate * direction, out=moved[block])
            for whole, piece in zip(remembered, memory, strict=True):
                whole[block] = piece
        return Update(moved, replace(state, memory=remembered, count=count))

    def _adam_by_loop(self, rule: Adam, vector: Floats, gradient: Floats, state: OptimizerState, pace: Pace) -> Update:
        """The same bits, once through memory."""
        count, beta, beta2 = state.count + 1, pace.momentum, rule.beta2
        betas = beta, complement(beta), beta2, complement(beta2)
        numbers = first_order_loops.AdamNumbers(*betas, 1.0 - beta**count, 1.0 - beta2**count, rule.epsilon, pace.rate)
        decay, none = pace.decay, np.zeros(0)
        kept, kepts = (1.0 - pace.rate * decay, none) if isinstance(decay, float) else (1.0, 1.0 - pace.rate * decay)
        arrays = (readonly(array) for array in (vector, gradient, *state.memory))
        moved, mean, square = (np.empty_like(vector) for _ in range(3))
        first_order_loops.adam_loop()(*arrays, kept, readonly(kepts), numbers, moved, mean, square)
        return Update(moved, replace(state, memory=(mean, square), count=count))


def readonly(array: Floats) -> Floats:
    """A view that cannot be written to: a loop is compiled anew for arrays that can be."""
    view = array.view()
    view.flags.writeable = False
    return view


def decayed(vector: Floats, rate: float, decay: float | Floats) -> Floats:
    """The weights after decoupled decay (Loshchilov & Hutter, ICLR 2019), or themselves where there is none."""
    if isinstance(decay, float) and decay == 0.0:
        return vector
    return vector * (1.0 - rate * decay)


def clipped(gradient: Floats, longest: float) -> Floats:
    """The gradient, shortened where its length is above ``longest``; 0 leaves it alone.

    Pascanu, Mikolov & Bengio, ICML 2013; the numbers of torch.nn.utils.clip_grad_norm_.
    """
    if longest == 0.0:
        return gradient
    # Not a product of BLAS, whose sum depends on how many threads it has.
    length = math.sqrt(float(np.square(gradient).sum()))
    share = longest / (length + CLIP_EPSILON)
    return gradient if share >= 1.0 else gradient * share


def plain(gradient: Floats, memory: Memory, _count: int, _momentum: float) -> tuple[Floats, Memory]:
    """The gradient itself."""
    return gradient, memory


def momentum(gradient: Floats, memory: Memory, _count: int, share: float) -> tuple[Floats, Memory]:
    """Polyak 1964 in torch's form: the whole gradient is added to a share of the last direction."""
    velocity = share * memory[0] + gradient
    return velocity, (velocity,)


def nesterov(gradient: Floats, memory: Memory, _count: int, share: float) -> tuple[Floats, Memory]:
    """Nesterov 1983 in the form of Sutskever et al., ICML 2013, as torch has it: a look one move ahead."""
    velocity = share * memory[0] + gradient
    return gradient + share * velocity, (velocity,)


def adagrad(gradient: Floats, memory: Memory, _count: int, _momentum: float) -> tuple[Floats, Memory]:
    """Duchi, Hazan & Singer, JMLR 12, 2011."""
    total = memory[0] + gradient * gradient
    return gradient / (np.sqrt(total) + 1e-10), (total,)


def rmsprop(gradient: Floats, memory: Memory, _count: int, _momentum: float) -> tuple[Floats, Memory]:
    """Tieleman & Hinton, Coursera lecture 6.5, 2012; alpha 0.99 as in torch."""
    square = 0.99 * memory[0] + 0.01 * gradient * gradient
    return gradient / (np.sqrt(square) + 1e-8), (square,)


@dataclass(frozen=True)
class Adam:
    """Kingma & Ba, ICLR 2015; its beta1 is the momentum. A rule."""

    beta2: float = 0.999
    epsilon: float = 1e-8

    def __call__(self, gradient: Floats, memory: Memory, count: int, beta: float) -> tuple[Floats, Memory]:
        """The running mean over the root of the running square, both corrected for their start at zero."""
        mean = beta * memory[0] + complement(beta) * gradient
        square = self.beta2 * memory[1] + complement(self.beta2) * gradient * gradient
        root = np.sqrt(square / (1.0 - self.beta2**count)) + self.epsilon
        return mean / (1.0 - beta**count) / root, (mean, square)


def complement(share: float) -> float:
    """1 - ``share`` as written in decimals: 0.1 for 0.9, where 1.0 - 0.9 is 0.09999999999999998."""
    return float(1 - Decimal(repr(share)))

"""L-BFGS: minimisation with the curvature of the last moves, as Solve uses it.

Source: Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, algorithms 7.4 (two-loop recursion) and 7.5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cfgui.core.line_search import Line, wolfe_search
from cfgui.core.objective import Problem
from cfgui.core.products import inner
from cfgui.core.ratings import Floats

MEMORY = 20
"""Moves whose curvature is remembered; fewer where there are very many weights (``memory_of``)."""

MEMORY_NUMBERS = 40_000_000
"""Numbers in the moves remembered, and as many again in the turns: 640 MB."""

GRADIENT_TOLERANCE = 1e-9
"""The search is done when no weight's slope is larger than this."""

ZERO_GRADIENT = "gradient is zero to 1e-9"
NO_DECREASE = "no further decrease"
OVERFLOW = "gradient is not a finite number"
NO_RATE = "learning rate is 0"


class Iteration(NamedTuple):
    """Where one iteration ended.

    ``moves`` and ``turns`` are (up to MEMORY, n_parameters), oldest first: the steps taken and by how much each changed
    the gradient. ``stop_reason`` is empty while there is more to do.
    """

    vector: Floats
    moves: Floats
    turns: Floats
    stop_reason: str = ""


def iterate(problem: Problem, vector: Floats, moves: Floats, turns: Floats, first_step: float = 1.0) -> Iteration:
    """One iteration from ``vector``: a direction, a line search along it, and the memory brought up to date.

    The loss never rises and nothing that is not finite is returned; where nothing lower is found the vector comes back
    as it was, with the reason. ``first_step`` is the first length tried; 1 is right for this method.
    """
    gradient = problem.gradient(vector)
    if not np.isfinite(gradient).all():
        return Iteration(vector, moves, turns, OVERFLOW)
    if _is_zero(gradient):
        return Iteration(vector, moves, turns, ZERO_GRADIENT)
    if first_step <= 0.0:
        return Iteration(vector, moves, turns, NO_RATE)
    line = Line(problem, vector, problem.loss(vector), gradient, -inverse_hessian_times(gradient, moves, turns))
    found = wolfe_search(line, first_step)
    if found is None and len(moves):
        # Remembered curvature may mislead, after an edit of the ratings for one; the slope alone has the last word.
        moves, turns = moves[:0], turns[:0]
        line = replace(line, direction=-inverse_hessian_times(gradient, moves, turns))
        found = wolfe_search(line, first_step)
    if found is None:
        return Iteration(vector, moves, turns, NO_DECREASE)
    move, turn = found.vector - vector, found.gradient - gradient
    if inner(move, turn) > np.finfo(np.float64).eps * inner(turn, turn):
        kept = memory_of(len(vector)) - 1
        moves, turns = np.vstack([moves[-kept:], move]), np.vstack([turns[-kept:], turn])
    return Iteration(found.vector, moves, turns, ZERO_GRADIENT if _is_zero(found.gradient) else "")


def memory_of(n_parameters: int) -> int:
    """How many moves are remembered of so many weights: all ``MEMORY`` up to two million, at least 3."""
    return max(3, min(MEMORY, MEMORY_NUMBERS // n_parameters))


def inverse_hessian_times(gradient: Floats, moves: Floats, turns: Floats) -> Floats:
    """The estimated inverse Hessian times ``gradient``: the two-loop recursion.

    Without any memory, the gradient shortened so that all its entries together move the weights by 1 at most.
    """
    if not len(moves):
        return gradient / max(1.0, float(np.abs(gradient).sum()))
    result = gradient.copy()
    pairs = [(move, turn, 1.0 / inner(move, turn)) for move, turn in zip(moves, turns, strict=True)]
    shares: list[float] = []
    for move, turn, inverse in reversed(pairs):
        share = inverse * inner(move, result)
        result -= share * turn
        shares.append(share)
    last_move, last_turn, _ = pairs[-1]
    result *= inner(last_move, last_turn) / inner(last_turn, last_turn)
    for (move, turn, inverse), share in zip(pairs, reversed(shares), strict=True):
        result += (share - inverse * inner(turn, result)) * move
    return result


def _is_zero(gradient: Floats) -> bool:
    return float(np.abs(gradient).max(initial=0.0)) <= GRADIENT_TOLERANCE

"""Which engine does the arithmetic of training: arrays, torch or compiled loops; chosen by size, never by a person."""

from __future__ import annotations

from typing import Literal

from cfgui.core.compiled_engine import WHOLE_COMPILED_FROM, can_decay
from cfgui.core.decay import has_one_decay, is_decoupled
from cfgui.core.hyperparameters import SGD_FROM, Hyperparameters

Engine = Literal["numpy", "torch", "compiled"]

COMPILED_FROM = SGD_FROM
"""Ratings from which SGD rating by rating is compiled: an update of arrays would touch every weight for each rating."""

_COMPILED_GRADIENTS = ("autograd", "central", "exact", "forward")
"""Gradients the loops compute: the exact slope, which autograd and central differences come to, or forward's."""


def is_compiled_sgd(n_ratings: int, choices: Hyperparameters, gradient: str) -> bool:
    """Whether updates are made rating by rating in compiled loops."""
    return (
        choices.optimizer == "sgd"
        and n_ratings >= COMPILED_FROM
        and choices.batch(n_ratings) == 1
        and gradient in _COMPILED_GRADIENTS
        and choices.clip == 0.0
        and _is_loop_decay(choices, gradient)
    )


def _is_loop_decay(choices: Hyperparameters, gradient: str) -> bool:
    """Whether the loops can do the weight decay chosen: one for all weights, and not near 1 in any update."""
    if not has_one_decay(choices) or (is_decoupled(choices) and nudge(choices, gradient)):
        return False
    shrunk = choices.rate * choices.weight_decay * (1.0 if is_decoupled(choices) else 2.0)
    return can_decay(choices.rate, choices.weight_decay) and (choices.schedule == "constant" or shrunk < 1.0)


def is_compiled_gradient(n_ratings: int, gradient: str) -> bool:
    """Whether the gradients of many ratings at once come from compiled loops."""
    return n_ratings >= WHOLE_COMPILED_FROM and gradient in _COMPILED_GRADIENTS


def engine_name(n_ratings: int, choices: Hyperparameters, gradient: str | None = None) -> Engine:
    """What computes the updates; ``gradient`` stands in for the one chosen."""
    gradient = gradient or choices.gradient
    if is_compiled_sgd(n_ratings, choices, gradient) or is_compiled_gradient(n_ratings, gradient):
        return "compiled"
    return "torch" if gradient == "autograd" else "numpy"


def nudge(choices: Hyperparameters, gradient: str) -> float:
    """The h of the compiled loops: epsilon for forward differences, 0 for the exact slope."""
    return choices.epsilon if gradient == "forward" else 0.0


def updates_between_measures(n_ratings: int, n_factors: int, n_parameters: int, choices: Hyperparameters) -> int:
    """Updates after which the loss over all ratings is looked at, so that looking takes about a third of the time.

    1 for all but large tables. Made from counts and no clock, so that the same run draws the same curve: looking at a
    rating costs one unit per factor, learning from it three, and an update of a batch another six per weight. The
    compiled loops take a third to look at all ratings when they have learnt from all.
    """
    batch = choices.batch(n_ratings)
    if n_ratings < COMPILED_FROM or batch == n_ratings:
        return 1
    if choices.optimizer == "sgd" and batch == 1:
        return n_ratings
    update = 3 * batch * n_factors + 6 * n_parameters
    return -(-2 * n_ratings * n_factors // update)

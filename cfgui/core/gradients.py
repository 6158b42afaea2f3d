"""Where gradients come from: the registry of ways to get the slope of the loss at given weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cfgui.core import models
from cfgui.core.factors import Factors
from cfgui.core.finite_differences import finite_differences
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Floats, Indices

Gradient = Callable[[Factors, Indices, Indices, Floats], Floats]
"""(factors, users, movies, values) -> gradient, in the order of ``Factors.flat``, of the loss over those ratings.

The loss is the mean squared residual + weight_decay * sum(p ** 2) over all weights.
"""

GradientMaker = Callable[[Hyperparameters], Gradient]
"""Makes a gradient with the epsilon and the weight decay of the given hyperparameters."""


def _autograd(hyperparameters: Hyperparameters) -> Gradient:
    from cfgui.core.torch_gradients import make_autograd

    return make_autograd(hyperparameters.weight_decay)


def _forward(hyperparameters: Hyperparameters) -> Gradient:
    return partial(
        finite_differences,
        h=hyperparameters.epsilon,
        scheme="forward",
        weight_decay=hyperparameters.weight_decay,
    )


def _central(hyperparameters: Hyperparameters) -> Gradient:
    return partial(
        finite_differences,
        h=hyperparameters.epsilon,
        scheme="central",
        weight_decay=hyperparameters.weight_decay,
    )


def _exact(hyperparameters: Hyperparameters) -> Gradient:
    return partial(models.gradient, weight_decay=hyperparameters.weight_decay)


GRADIENTS: dict[str, GradientMaker] = {
    "autograd": _autograd,
    "forward": _forward,
    "central": _central,
    "exact": _exact,
}
"""Every way by its name. "exact" is the closed form: a program may choose it, a person is not offered it."""


def make_gradient(hyperparameters: Hyperparameters) -> Gradient:
    """The gradient a person has chosen. "autograd" imports torch, which takes a second the first time."""
    return GRADIENTS[hyperparameters.gradient](hyperparameters)

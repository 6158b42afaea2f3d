"""Where gradients come from: the registry of ways to get the slope of the loss at given weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cfgui.core import models
from cfgui.core.factors import Decay, Factors
from cfgui.core.finite_differences import Scheme, finite_differences
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.network_gradients import network_gradient
from cfgui.core.ratings import Floats, Indices

Gradient = Callable[[Factors, Indices, Indices, Floats, int], Floats]
"""(factors, users, movies, values, step) -> gradient, in the order of ``Factors.flat``, of the loss over those ratings.

The loss is the mean cost of the ratings (``losses``) + the L2 penalty. ``step`` is what the dropout of a net is drawn
from; without dropout it has no effect.
"""


class GradientMaker(Protocol):
    """Makes a gradient with the loss, epsilon, dropout and seed of the given hyperparameters.

    ``decay`` is the weight decay to use in place of theirs, one for all weights or one for each.
    """

    def __call__(self, hyperparameters: Hyperparameters, decay: Decay | None = None) -> Gradient:
        """The gradient."""


def _autograd(hyperparameters: Hyperparameters, decay: Decay | None = None) -> Gradient:
    from cfgui.core.torch_gradients import make_autograd

    return make_autograd(
        hyperparameters.weight_decay if decay is None else decay,
        loss=hyperparameters.loss,
        dropout=hyperparameters.dropout,
        seed=hyperparameters.seed,
        device=hyperparameters.device,
    )


def _differences(scheme: Scheme) -> GradientMaker:
    def make(hyperparameters: Hyperparameters, decay: Decay | None = None) -> Gradient:
        h, loss = hyperparameters.epsilon, hyperparameters.loss
        decay = hyperparameters.weight_decay if decay is None else decay

        def gradient(factors: Factors, users: Indices, movies: Indices, values: Floats, _step: int = 0) -> Floats:
            return finite_differences(factors, users, movies, values, h=h, scheme=scheme, weight_decay=decay, loss=loss)

        return gradient

    return make


def _exact(hyperparameters: Hyperparameters, decay: Decay | None = None) -> Gradient:
    decay = hyperparameters.weight_decay if decay is None else decay
    loss, dropout, seed = hyperparameters.loss, hyperparameters.dropout, hyperparameters.seed

    def gradient(factors: Factors, users: Indices, movies: Indices, values: Floats, step: int = 0) -> Floats:
        if factors.layers:
            return network_gradient(
                factors, users, movies, values, decay, loss=loss, dropout=dropout, seed=seed, step=step
            )
        return models.gradient(factors, users, movies, values, decay, loss)

    return gradient


GRADIENTS: dict[str, GradientMaker] = {
    "autograd": _autograd,
    "forward": _differences("forward"),
    "central": _differences("central"),
    "exact": _exact,
}
"""Every way by its name. "exact" is the closed form: a program may choose it, a person is not offered it."""

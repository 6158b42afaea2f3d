"""Gradients by torch's autograd: the loss is written down once and differentiated backwards.

torch takes a second to import, so it loads when a gradient is made (or in the background, by ``warm_up``) and not with
this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.finite_differences import Objective
from cfgui.core.ratings import Floats, Indices

if TYPE_CHECKING:
    import torch


def make_autograd(
    weight_decay: float = 0.0, objective: Objective = "mse"
) -> Callable[[Factors, Indices, Indices, Floats], Floats]:
    """A function of (factors, users, movies, values) giving the gradient of objective + L2 penalty, float64.

    The order is that of ``Factors.flat``. The gradient of "rmse" is NaN where every residual is 0. Imports torch.
    """
    import torch

    def gradient(factors: Factors, users: Indices, movies: Indices, values: Floats) -> Floats:
        weights = torch.tensor(factors.flat(), requires_grad=True)
        # astype copies, so that torch is never handed an array it is not allowed to write to.
        predictions = _predict(weights, factors, *(torch.from_numpy(rows.astype(np.int64)) for rows in (users, movies)))
        loss = (torch.from_numpy(values.astype(np.float64)) - predictions).square().mean()
        if objective == "rmse":
            loss = loss.sqrt()
        if weight_decay:
            loss = loss + weight_decay * weights.square().sum()
        (slopes,) = torch.autograd.grad(loss, weights)
        flat: Floats = slopes.numpy()
        return flat

    return gradient


def _predict(weights: torch.Tensor, factors: Factors, users: torch.Tensor, movies: torch.Tensor) -> torch.Tensor:
    """Predictions of one flat vector of weights laid out as ``factors``.

    ``index_select`` rather than indexing: the backward pass of ``weights[rows]`` adds up in an order that differs from
    run to run when torch has more than one thread.
    """
    n, m, k = factors.n_users, factors.n_movies, factors.n_factors
    end = (n + m) * k
    user_factors, movie_factors = weights[: n * k].view(n, k), weights[n * k : end].view(m, k)
    predictions = (user_factors.index_select(0, users) * movie_factors.index_select(0, movies)).sum(1)
    if factors.has_bias:
        user_bias, movie_bias = weights[end : end + n], weights[end + n :]
        predictions = predictions + movie_bias.index_select(0, movies) + user_bias.index_select(0, users)
    return predictions


def warm_up() -> None:
    """Import torch and run one tiny backward pass, so that the first step a person takes does not wait for either."""
    nothing = np.zeros(1, dtype=np.int32)
    one = np.ones((1, 1))
    make_autograd()(Factors(one, one, np.ones(1), np.ones(1)), nothing, nothing, np.ones(1))

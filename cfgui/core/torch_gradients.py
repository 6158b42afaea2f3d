"""Gradients by torch's autograd: the loss is written down once and differentiated backwards.

torch takes a second to import, so it loads when a gradient is made (or in the background, by ``warm_up``) and not with
this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cfgui.core.factors import Decay, Factors
from cfgui.core.finite_differences import Objective
from cfgui.core.network_gradients import dropout_masks
from cfgui.core.networks import class_places
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Floats, Indices

if TYPE_CHECKING:
    import torch


def make_autograd(
    weight_decay: Decay = 0.0,
    objective: Objective = "mse",
    *,
    loss: str = "mse",
    dropout: float = 0.0,
    seed: int = 0,
    device: str = "cpu",
) -> Autograd:
    """The gradient of objective + L2 penalty by autograd. Imports torch.

    Raises ValueError where torch has no such device.
    """
    check_device(device)
    return Autograd(weight_decay, objective, loss, dropout, seed, device)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one thread meanwhile: products of matrices on several have other bits."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def check_device(device: str) -> None:
    """Raise ValueError, one sentence, where torch finds no device of this name. Imports torch only for others."""
    if device == "cpu":
        return
    import torch

    found = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if not found:
        raise ValueError(f"PyTorch finds no {device.upper()} device on this computer: choose the CPU.")


@dataclass(frozen=True)
class Autograd:
    """A function of (factors, users, movies, values, step) giving the gradient in the order of ``Factors.flat``.

    float64 on the CPU, float32 on other devices. ``loss`` is "mse" or "bce", that of an ordinal net its cross-entropy;
    ``objective`` "rmse" is the root of "mse", and NaN where every residual is 0.
    """

    weight_decay: Decay
    objective: Objective
    loss: str
    dropout: float
    seed: int
    device: str

    def __call__(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int = 0) -> Floats:
        """The gradient over these ratings."""
        if not factors.layers:
            return self._slopes(factors, users, movies, values, step)
        with one_thread():
            return self._slopes(factors, users, movies, values, step)

    def _slopes(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int) -> Floats:
        import torch

        weights = self._tensor(factors.flat()).requires_grad_()
        # astype copies, so that torch is never handed an array it is not allowed to write to.
        by_user, by_movie = (torch.from_numpy(rows.astype(np.int64)).to(self.device) for rows in (users, movies))
        masks: list[torch.Tensor] = []
        if factors.layers:
            drawn = dropout_masks(factors, len(values), self.dropout, self.seed, step)
            masks = [self._tensor(mask) for mask in drawn]
        outputs = _outputs(weights, factors, by_user, by_movie, masks)
        total = self._loss(factors, outputs, values)
        if not isinstance(self.weight_decay, float):
            total = total + (self._tensor(self.weight_decay) * weights.square()).sum()
        elif self.weight_decay:
            total = total + self.weight_decay * weights.square().sum()
        (slopes,) = torch.autograd.grad(total, weights)
        flat: Floats = slopes.cpu().numpy().astype(np.float64, copy=False)
        return flat

    def _tensor(self, array: Floats) -> torch.Tensor:
        import torch

        if self.device == "cpu":
            return torch.tensor(array, dtype=torch.float64)
        return torch.tensor(array, dtype=torch.float32, device=self.device)

    def _loss(self, factors: Factors, outputs: torch.Tensor, values: Floats) -> torch.Tensor:
        import torch
        from torch.nn import functional

        if factors.classes:
            places = torch.from_numpy(class_places(factors.classes, values).astype(np.int64)).to(self.device)
            return functional.cross_entropy(outputs, places)
        targets, low, width = self._tensor(values.astype(np.float64)), factors.range.low, factors.range.width
        if self.loss == "bce":
            return functional.binary_cross_entropy_with_logits(outputs, (targets - low) / width)
        mean = (targets - _ranged(outputs, factors.range)).square().mean()
        return mean.sqrt() if self.objective == "rmse" else mean


def _ranged(scores: torch.Tensor, rating_range: RatingRange) -> torch.Tensor:
    """Predictions of scores."""
    low, high = rating_range.low, rating_range.high
    if rating_range.kind == "clip":
        return scores.clamp(low, high)
    if rating_range.kind == "sigmoid":
        return scores.sigmoid() * (high - low) + low
    if rating_range.kind == "tanh":
        return scores.tanh() * ((high - low) / 2) + (high + low) / 2
    return scores


def _outputs(
    weights: torch.Tensor, factors: Factors, users: torch.Tensor, movies: torch.Tensor, masks: list[torch.Tensor]
) -> torch.Tensor:
    """Scores, or the classes' logits, of one flat vector of weights laid out as ``factors``.

    ``index_select`` rather than indexing: the backward pass of ``weights[rows]`` adds up in an order that differs from
    run to run when torch has more than one thread.
    """
    n, m, k = factors.n_users, factors.n_movies, factors.n_factors
    end = n * k + m * factors.n_movie_factors
    user_factors, movie_factors = weights[: n * k].view(n, k), weights[n * k : end].view(m, factors.n_movie_factors)
    left, right = user_factors.index_select(0, users), movie_factors.index_select(0, movies)
    if factors.layers:
        return _through_layers(weights[end:], factors, left, right, masks)
    scores = (left * right).sum(1)
    if factors.has_bias:
        user_bias, movie_bias = weights[end : end + n], weights[end + n :]
        scores = scores + movie_bias.index_select(0, movies) + user_bias.index_select(0, users)
    return scores + factors.global_mean if factors.global_mean else scores


def _through_layers(
    weights: torch.Tensor, factors: Factors, left: torch.Tensor, right: torch.Tensor, masks: list[torch.Tensor]
) -> torch.Tensor:
    import torch

    values, start = torch.cat([left, right], dim=1), 0
    for number, layer in enumerate(factors.layers):
        values = values.relu() if number else values
        values = values * masks[number] if masks else values
        middle, end = start + layer.weights.size, start + layer.n_parameters
        values = values @ weights[start:middle].view(layer.weights.shape) + weights[middle:end]
        start = end
    return values if factors.classes else values[:, 0]


def warm_up() -> None:
    """Import torch and run one tiny backward pass, so that the first step a person takes does not wait for either."""
    nothing = np.zeros(1, dtype=np.int32)
    one = np.ones((1, 1))
    make_autograd()(Factors(one, one, np.ones(1), np.ones(1)), nothing, nothing, np.ones(1))

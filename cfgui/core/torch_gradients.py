"""Gradients by torch's autograd: the loss is written down once and differentiated backwards.

torch takes a second to import, so it loads when a gradient is made (or in the background, by ``warm_up``) and not with
this module.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cfgui.core.factors import Decay, Factors
from cfgui.core.finite_differences import Objective
from cfgui.core.network_gradients import dropout_masks
from cfgui.core.networks import class_places
from cfgui.core.rating_range import RatingRange
from cfgui.core.ratings import Floats, Indices

if TYPE_CHECKING:
    import torch

KEPT = 20_000
"""Ratings up to which their tensors are kept for the next step: copying those of a sheet takes a tenth of a step."""


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


class _LastRatings:
    """The tensors of the ratings of the last call; the arrays they were made of are held weakly."""

    def __init__(self) -> None:
        self._arrays: tuple[weakref.ref[Any], ...] = ()
        self._tensors: tuple[torch.Tensor, ...] = ()

    def of(self, arrays: tuple[NDArray[Any], ...]) -> tuple[torch.Tensor, ...] | None:
        """The tensors of these very arrays, if they are the ones kept."""
        if self._arrays and all(kept() is array for kept, array in zip(self._arrays, arrays, strict=True)):
            return self._tensors
        return None

    def keep(self, arrays: tuple[NDArray[Any], ...], tensors: tuple[torch.Tensor, ...]) -> None:
        """Keep them for the next call: of few ratings only, and where nobody can write to the arrays."""
        if len(arrays[0]) > KEPT or any(array.flags.writeable for array in arrays):
            return
        self._arrays, self._tensors = tuple(weakref.ref(array) for array in arrays), tensors


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
    _last: _LastRatings = field(default_factory=_LastRatings, init=False, repr=False, compare=False)

    def __call__(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int = 0) -> Floats:
        """The gradient over these ratings."""
        if not factors.layers:
            return self._slopes(factors, users, movies, values, step)
        with one_thread():
            return self._slopes(factors, users, movies, values, step)

    def _slopes(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int) -> Floats:
        import torch

        leaves = [self._tensor(table).requires_grad_() for table in factors.tables]
        by_user, by_movie, targets = self._ratings(users, movies, values)
        masks: list[torch.Tensor] = []
        if factors.layers:
            drawn = dropout_masks(factors, len(values), self.dropout, self.seed, step)
            masks = [self._tensor(mask) for mask in drawn]
        outputs = _outputs(leaves, factors, by_user, by_movie, masks)
        total = self._loss(factors, outputs, targets, values)
        if not isinstance(self.weight_decay, float) or self.weight_decay:
            squares = torch.cat([leaf.flatten() for leaf in leaves]).square()
            if isinstance(self.weight_decay, float):
                total = total + self.weight_decay * squares.sum()
            else:
                total = total + (self._tensor(self.weight_decay) * squares).sum()
        slopes = torch.autograd.grad(total, leaves)
        flat: Floats = np.concatenate([slope.cpu().numpy().ravel() for slope in slopes])
        return flat.astype(np.float64, copy=False)

    def _ratings(self, users: Indices, movies: Indices, values: Floats) -> tuple[torch.Tensor, ...]:
        """The same as tensors; those of the last call where the arrays are the same and cannot have changed."""
        arrays = users, movies, values
        kept = self._last.of(arrays)
        if kept is None:
            kept = self._places(users), self._places(movies), self._tensor(values)
            self._last.keep(arrays, kept)
        return kept

    def _places(self, places: Indices) -> torch.Tensor:
        import torch

        # astype copies, so that torch is never handed an array it is not allowed to write to.
        return torch.from_numpy(places.astype(np.int64)).to(self.device)

    def _tensor(self, array: Floats) -> torch.Tensor:
        import torch

        if self.device == "cpu":
            return torch.tensor(array, dtype=torch.float64)
        return torch.tensor(array, dtype=torch.float32, device=self.device)

    def _loss(self, factors: Factors, outputs: torch.Tensor, targets: torch.Tensor, values: Floats) -> torch.Tensor:
        from torch.nn import functional

        if factors.classes:
            return functional.cross_entropy(outputs, self._places(class_places(factors.classes, values)))
        if self.loss == "bce":
            shares = (targets - factors.range.low) / factors.range.width
            return functional.binary_cross_entropy_with_logits(outputs, shares)
        mean = functional.mse_loss(_ranged(outputs, factors.range), targets)
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
    leaves: list[torch.Tensor],
    factors: Factors,
    users: torch.Tensor,
    movies: torch.Tensor,
    masks: list[torch.Tensor],
) -> torch.Tensor:
    """Scores, or the classes' logits, of weights in the order of ``Factors.tables``.

    ``index_select`` rather than indexing: the backward pass of ``weights[rows]`` adds up in an order that differs from
    run to run when torch has more than one thread.
    """
    import torch

    left, right = leaves[0].index_select(0, users), leaves[1].index_select(0, movies)
    if factors.layers:
        return _through_layers(leaves[2:], factors, torch.cat([left, right], dim=1), masks)
    scores: torch.Tensor = torch.linalg.vecdot(left, right)
    if factors.has_bias:
        user_bias, movie_bias = leaves[2:]
        scores = scores + movie_bias.index_select(0, movies) + user_bias.index_select(0, users)
    return scores + factors.global_mean if factors.global_mean else scores


def _through_layers(
    leaves: list[torch.Tensor], factors: Factors, values: torch.Tensor, masks: list[torch.Tensor]
) -> torch.Tensor:
    for number, (weights, bias) in enumerate(zip(leaves[::2], leaves[1::2], strict=True)):
        values = values.relu() if number else values
        values = values * masks[number] if masks else values
        values = values @ weights + bias
    return values if factors.classes else values[:, 0]


def warm_up() -> None:
    """Import torch and run one tiny backward pass, so that the first step a person takes does not wait for either."""
    nothing = np.zeros(1, dtype=np.int32)
    one = np.ones((1, 1))
    make_autograd()(Factors(one, one, np.ones(1), np.ones(1)), nothing, nothing, np.ones(1))

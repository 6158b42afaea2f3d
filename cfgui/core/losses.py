"""Losses: what one rating costs as a function of the score, its slope, and its rise when the score moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cfgui.core.rating_range import RatingRange, sigmoid
from cfgui.core.ratings import Floats


class Loss(Protocol):
    """The cost of ratings ``values`` at ``scores``; all arrays broadcast against each other."""

    def of(self, scores: Floats, values: Floats) -> Floats:
        """What each rating costs."""

    def slope(self, scores: Floats, values: Floats) -> Floats:
        """The derivative of that by the score."""

    def rise(self, scores: Floats, values: Floats, shift: Floats | float) -> Floats:
        """By how much it rises when the score grows by ``shift``, without subtracting near equals."""


@dataclass(frozen=True)
class SquaredError:
    """The squared residual of the prediction that ``range`` makes of the score."""

    range: RatingRange

    def of(self, scores: Floats, values: Floats) -> Floats:
        """(value - prediction) ** 2."""
        residuals = values - self.range.apply(scores)
        squares: Floats = residuals * residuals
        return squares

    def slope(self, scores: Floats, values: Floats) -> Floats:
        """-2 residual times the slope of the range."""
        slopes: Floats = (self.range.apply(scores) - values) * 2.0 * self.range.slope(scores)
        return slopes

    def rise(self, scores: Floats, values: Floats, shift: Floats | float) -> Floats:
        """With the prediction rising by g it is g (g - 2 residual)."""
        grown = self.range.rise(scores, shift)
        rises: Floats = grown * (grown - 2.0 * (values - self.range.apply(scores)))
        return rises


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """-t log(p) - (1 - t) log(1 - p), t and p being where rating and prediction lie in the range, p = sigmoid(score).

    In terms of the score that is softplus(s) - t s. The targets must lie in 0 … 1 (``check_targets``).
    """

    range: RatingRange

    def _targets(self, values: Floats) -> Floats:
        targets: Floats = (values - self.range.low) / self.range.width
        return targets

    def of(self, scores: Floats, values: Floats) -> Floats:
        """What each rating costs; its least is the entropy of the target, which is 0 only at the ends of the range."""
        return np.logaddexp(0.0, scores) - self._targets(values) * scores

    def slope(self, scores: Floats, values: Floats) -> Floats:
        """p - t: the residual in units of the range, however flat the sigmoid is there."""
        return sigmoid(scores) - self._targets(values)

    def rise(self, scores: Floats, values: Floats, shift: Floats | float) -> Floats:
        """softplus rises by log1p(sigmoid(s) expm1(d))."""
        grown: Floats = np.log1p(sigmoid(scores) * np.expm1(shift)) - self._targets(values) * shift
        return grown


def loss_of(kind: str, rating_range: RatingRange) -> Loss:
    """The loss named "mse" or "bce" over predictions of that range."""
    return BinaryCrossEntropy(rating_range) if kind == "bce" else SquaredError(rating_range)


def check_targets(rating_range: RatingRange, scale: tuple[float, float]) -> None:
    """Raise ValueError where binary cross-entropy has no meaning for ratings from ``scale[0]`` to ``scale[1]``.

    This is the classroom failure: the raw ratings given as targets, or a range narrower than they are. A target outside
    0 … 1 has a loss without a floor, so training drives scores to infinity and the loss below zero.
    """
    if rating_range.kind != "sigmoid":
        raise ValueError(
            "Binary cross-entropy needs predictions between 0 and 1 of the range: choose the sigmoid range."
        )
    if scale[0] < rating_range.low or scale[1] > rating_range.high:
        raise ValueError(
            f"Binary cross-entropy needs targets between 0 and 1, but ratings from {scale[0]:g} to {scale[1]:g} in a"
            f" range of {rating_range.low:g} to {rating_range.high:g} lie outside: such a loss has no lowest value and"
            " falls for ever. Choose a range that holds every rating."
        )

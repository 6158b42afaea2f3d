"""Rating range: how a score, any number, becomes a prediction on the scale of the ratings.

Sources: the fast.ai book, chapter 8 (``sigmoid_range``, y_range (0, 5.5)); the course's Keras models for the tanh form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cfgui.core.ratings import Floats


@dataclass(frozen=True)
class RatingRange:
    """A score s becomes s, clip(s, low, high), sigmoid(s)(high - low) + low or tanh(s)(high - low)/2 + (high + low)/2.

    ``kind`` is "none", "clip", "sigmoid" or "tanh"; ``low`` and ``high`` are of no account where it is "none".
    """

    kind: str = "none"
    low: float = 0.0
    high: float = 0.0

    @property
    def width(self) -> float:
        """From the low to the high end."""
        return self.high - self.low

    @property
    def formula(self) -> str:
        """What is done to a score, in words; empty for "none"."""
        low, high, width = (f"{number:g}" for number in (self.low, self.high, self.width))
        return {
            "none": "",
            "clip": f"clipped to {low} … {high}",
            "sigmoid": f"sigmoid(score) × {width} + {low}",
            "tanh": f"tanh(score) × {self.width / 2:g} + {(self.low + self.high) / 2:g}",
        }[self.kind]

    def apply(self, scores: Floats) -> Floats:
        """Predictions of scores of any shape."""
        if self.kind == "clip":
            return np.clip(scores, self.low, self.high)
        if self.kind == "sigmoid":
            return sigmoid(scores) * self.width + self.low
        if self.kind == "tanh":
            return np.tanh(scores) * (self.width / 2) + (self.high + self.low) / 2
        return scores

    def slope(self, scores: Floats) -> Floats | float:
        """The derivative of the prediction by the score; of clip 1 in the range, its ends included, and 0 outside."""
        if self.kind == "clip":
            return ((scores >= self.low) & (scores <= self.high)).astype(np.float64)
        if self.kind == "sigmoid":
            return sigmoid(scores) * sigmoid(-scores) * self.width
        if self.kind == "tanh":
            return (1.0 - np.tanh(scores) ** 2) * (self.width / 2)
        return 1.0

    def rise(self, scores: Floats, shift: Floats | float) -> Floats:
        """By how much the prediction rises when the score grows by ``shift``, without subtracting near equals."""
        if self.kind == "clip":
            inside = self.apply(scores)
            return np.clip(shift + (scores - inside), self.low - inside, self.high - inside)
        if self.kind == "sigmoid":
            return sigmoid_rise(scores, shift) * self.width
        if self.kind == "tanh":  # tanh(x) = 2 sigmoid(2x) - 1
            return sigmoid_rise(2.0 * scores, 2.0 * np.asarray(shift)) * self.width
        return np.broadcast_to(shift, np.broadcast_shapes(np.shape(shift), scores.shape)).astype(np.float64)


NO_RANGE = RatingRange()
"""Scores are predictions."""


def sigmoid(scores: Floats) -> Floats:
    """1 / (1 + exp(-s)), without overflow at either end."""
    small = np.exp(-np.abs(scores))
    return np.where(scores >= 0.0, 1.0, small) / (1.0 + small)


def sigmoid_rise(scores: Floats, shift: Floats | float) -> Floats:
    """sigmoid(s + d) - sigmoid(s), to all its digits.

    Between the lower score a and the higher one b that is sigmoid(b) sigmoid(-a) (1 - exp(a - b)), where nothing nearly
    equal is subtracted and nothing overflows.
    """
    lower, higher = np.minimum(scores, scores + shift), np.maximum(scores, scores + shift)
    return np.copysign(sigmoid(higher) * sigmoid(-lower) * -np.expm1(-np.abs(shift)), shift)

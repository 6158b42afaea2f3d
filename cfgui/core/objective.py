"""The loss of some ratings as a function of one flat vector of weights: all that an optimizer has to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from cfgui.core.factors import Factors
from cfgui.core.gradients import Gradient
from cfgui.core.models import mean_square, penalty, predict
from cfgui.core.ratings import Floats, Indices


class Problem(Protocol):
    """Something to be minimised over a flat float64 vector, which is never written to."""

    def loss(self, vector: Floats) -> float:
        """The value at ``vector``; may be infinite or NaN where it overflows."""

    def gradient(self, vector: Floats) -> Floats:
        """The slope at ``vector``, of its shape; may be an estimate."""


class Measure(NamedTuple):
    """The loss and the mean squared residual at one vector of weights."""

    loss: float
    mse: float


@dataclass(frozen=True, eq=False)
class Objective:
    """MSE + L2 penalty over parallel arrays of ratings, for weights laid out as ``shape``; a ``Problem``."""

    shape: Factors
    users: Indices
    movies: Indices
    values: Floats
    slope: Gradient
    weight_decay: float = 0.0

    def part(self, start: int, stop: int) -> Objective:
        """The same over the ratings from ``start`` up to ``stop`` in row order: a mini-batch."""
        block = slice(start, stop)
        return replace(self, users=self.users[block], movies=self.movies[block], values=self.values[block])

    def measure(self, vector: Floats) -> Measure:
        """Loss and MSE at ``vector``."""
        mse = mean_square(self.values - predict(self.shape.view_of(vector), self.users, self.movies))
        return Measure(mse + penalty(vector, self.weight_decay), mse)

    def loss(self, vector: Floats) -> float:
        """MSE + penalty at ``vector``."""
        return self.measure(vector).loss

    def gradient(self, vector: Floats) -> Floats:
        """Slope of the loss at ``vector``, in the order of ``Factors.flat``."""
        return self.slope(self.shape.view_of(vector), self.users, self.movies, self.values)

"""The loss of some ratings as a function of one flat vector of weights: all that an optimizer has to know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np

from cfgui.core.chunks import Watch, chunk_length, chunks
from cfgui.core.compiled_engine import CompiledEngine
from cfgui.core.factors import Factors
from cfgui.core.gradients import Gradient
from cfgui.core.models import penalty, square_sum
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
    """MSE + L2 penalty over parallel arrays of ratings, for weights laid out as ``shape``; a ``Problem``.

    Many ratings are worked on in chunks, or by compiled loops where ``nudge`` is given (the ``h`` of
    ``CompiledEngine``); both look at ``watch`` between two pieces, and whatever computes raises Interrupted.
    """

    shape: Factors
    users: Indices
    movies: Indices
    values: Floats
    slope: Gradient
    weight_decay: float = 0.0
    watch: Watch = field(default_factory=Watch)
    nudge: float | None = None

    def part(self, start: int, stop: int) -> Objective:
        """The same over the ratings from ``start`` up to ``stop`` in row order: a mini-batch."""
        return self._cut(slice(start, stop))

    def _cut(self, block: slice) -> Objective:
        return replace(self, users=self.users[block], movies=self.movies[block], values=self.values[block])

    @property
    def engine(self) -> CompiledEngine:
        """The compiled loops over these ratings."""
        return CompiledEngine(self.shape, self.users, self.movies, self.values, self.nudge or 0.0, self.watch)

    def measure(self, vector: Floats) -> Measure:
        """Loss and MSE at ``vector``; the same bits from chunks and from compiled loops."""
        if self.nudge is None:
            total = square_sum(self.shape.view_of(vector), self.users, self.movies, self.values, self.watch)
        else:
            total = self.engine.square_sum(vector)
        mse = total / len(self.values)
        return Measure(mse + penalty(vector, self.weight_decay), mse)

    def loss(self, vector: Floats) -> float:
        """MSE + penalty at ``vector``."""
        return self.measure(vector).loss

    def gradient(self, vector: Floats) -> Floats:
        """Slope of the loss at ``vector``, in the order of ``Factors.flat``."""
        if self.nudge is not None:
            return self.engine.slopes(vector, self.weight_decay)
        n = len(self.values)
        if n <= chunk_length(self.shape.n_factors):
            return self.slope(self.shape.view_of(vector), self.users, self.movies, self.values)
        total = np.zeros(len(vector))
        for chunk in chunks(n, self.shape.n_factors, self.watch):
            # Each chunk's slope is that of its mean and of the whole penalty: their mean, by size, is the slope of all.
            part = self._cut(chunk)
            total += self.slope(self.shape.view_of(vector), part.users, part.movies, part.values) * (
                len(part.values) / n
            )
        return total

"""The loss of some ratings as a function of one flat vector of weights: all that an optimizer has to know."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np

from cfgui.core.chunks import Watch, chunk_length, chunks
from cfgui.core.compiled_engine import CompiledEngine
from cfgui.core.factors import Decay, Factors
from cfgui.core.gradients import Gradient
from cfgui.core.models import cost_sums, penalty
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
    """Mean loss + L2 penalty over parallel arrays of ratings, for weights laid out as ``shape``; a ``Problem``.

    Many ratings are worked on in chunks, or by compiled loops where ``nudge`` is given (the ``h`` of
    ``CompiledEngine``); both look at ``watch`` between two pieces, and whatever computes raises Interrupted.
    ``loss_kind`` is "mse" or "bce" (``losses``); ``free`` holds 0 for weights that are to stay, else 1; ``step`` is
    what the dropout of a net is drawn from. ``looks_by_loops`` measures by compiled loops wherever gradients come from.
    """

    shape: Factors
    users: Indices
    movies: Indices
    values: Floats
    slope: Gradient
    decay: Decay = 0.0
    watch: Watch = field(default_factory=Watch)
    nudge: float | None = None
    loss_kind: str = "mse"
    free: Floats | None = None
    step: int = 0
    looks_by_loops: bool = False

    def part(self, start: int, stop: int) -> Objective:
        """The same over the ratings from ``start`` up to ``stop`` in row order: a mini-batch."""
        return self.chosen(slice(start, stop))

    def chosen(self, block: slice | Indices) -> Objective:
        """The same over some of the ratings, by their places."""
        return replace(self, users=self.users[block], movies=self.movies[block], values=self.values[block])

    @property
    def engine(self) -> CompiledEngine:
        """The compiled loops over these ratings."""
        return CompiledEngine(self.shape, self.users, self.movies, self.values, self.nudge or 0.0, self.watch)

    def measure(self, vector: Floats) -> Measure:
        """Loss and MSE at ``vector``; the same bits from chunks and from compiled loops."""
        n, factors = len(self.values), self.shape.view_of(vector)
        if self.nudge is not None or self.looks_by_loops:
            squares = self.engine.square_sum(vector)
            costs = squares if self.loss_kind == "mse" else self.engine.cost_sum(vector, self.loss_kind)
        else:
            costs, squares = cost_sums(factors, self.users, self.movies, self.values, self.watch, self.loss_kind)
        return Measure(costs / n + penalty(vector, self.decay), squares / n)

    def loss(self, vector: Floats) -> float:
        """Mean loss + penalty at ``vector``."""
        return self.measure(vector).loss

    def gradient(self, vector: Floats) -> Floats:
        """Slope of the loss at ``vector``, in the order of ``Factors.flat``; 0 for frozen weights."""
        slopes = self._gradient(vector)
        return slopes if self.free is None else slopes * self.free

    def _gradient(self, vector: Floats) -> Floats:
        if self.nudge is not None:
            return self.engine.slopes(vector, self.decay, self.loss_kind)
        n, width = len(self.values), self.shape.width
        if n <= chunk_length(width):
            return self.slope(self.shape.view_of(vector), self.users, self.movies, self.values, self.step)
        total = np.zeros(len(vector))
        for chunk in chunks(n, width, self.watch):
            # Each chunk's slope is that of its mean and of the whole penalty: their mean, by size, is the slope of all.
            part = self.chosen(chunk)
            slopes = self.slope(self.shape.view_of(vector), part.users, part.movies, part.values, self.step)
            total += slopes * (len(part.values) / n)
        return total

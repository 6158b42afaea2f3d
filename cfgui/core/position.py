"""Where training stands: the weights, what the optimizer remembers, and how good they are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from cfgui.core.objective import Measure
from cfgui.core.optimizer_state import OptimizerState
from cfgui.core.ratings import Floats

OVERFLOWED = Measure(math.inf, math.inf)
"""The measure of weights that gave a residual which is not finite."""


class Position(NamedTuple):
    """All there is to know after one step; nothing in it is ever written to, so keeping one costs nothing.

    ``measure`` is None where the loss over all ratings has not been looked at.
    """

    vector: Floats
    state: OptimizerState
    step: int
    seen: int
    measure: Measure | None
    stop_reason: str = ""

    @property
    def loss(self) -> float:
        """MSE over all ratings + penalty; NaN where not measured."""
        return math.nan if self.measure is None else self.measure.loss

    @property
    def rmse(self) -> float:
        """RMSE over all ratings; NaN where not measured."""
        return math.nan if self.measure is None else math.sqrt(self.measure.mse)

    @property
    def is_finite(self) -> bool:
        """Whether the loss, every weight and all that the optimizer remembers are finite."""
        if self.measure is not None and not math.isfinite(self.measure.loss):
            return False
        return all(bool(np.isfinite(array).all()) for array in (self.vector, *self.state.memory))


@dataclass(frozen=True)
class StepReport:
    """Where one step ended: its number, complete passes so far, and loss and RMSE over all ratings after it.

    Both are NaN where a wish to stop came before they were measured.
    """

    step: int
    epoch: int
    loss: float
    rmse: float


def moved_on(position: Position, vector: Floats, updates: int, *, is_finite: bool) -> Position:
    """After so many updates rating by rating, which led to ``vector``; not measured.

    ``is_finite`` says whether every residual was.
    """
    state = replace(position.state, count=position.state.count + updates)
    measure = None if is_finite else OVERFLOWED
    return Position(sealed(vector), state, position.step + updates, position.seen + updates, measure)


def sealed(vector: Floats) -> Floats:
    """The same vector, from now on read-only."""
    vector.flags.writeable = False
    return vector

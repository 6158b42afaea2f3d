"""Early stopping: end when the held-out RMSE has not fallen for a while, and keep what was best.

Source: Prechelt, "Early stopping - but when?", 1998; the criterion of fastai's and Keras's callbacks of that name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

from cfgui.core.factors import Factors

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Best:
    """Where the held-out RMSE of a run was lowest, with all it takes to go on from there."""

    step: int
    rmse: float
    factors: Factors
    seen: int
    optimizer_state: object


class BestSoFar(Generic[T]):
    """The look with the lowest RMSE so far, and how many looks have come since.

    ``patience`` is how many looks without a better RMSE, one after another, end the run; 0 never does. ``step`` and
    ``rmse`` are of the best look and ``payload`` is what was given with it; None, infinity and None before the first.
    """

    def __init__(self, patience: int = 0) -> None:
        self._patience = patience
        self._since = 0
        self.step: int | None = None
        self.rmse = math.inf
        self.payload: T | None = None

    def look(self, step: int, held_out_rmse: float, payload: T) -> bool:
        """Take in one look; returns whether the run is to end. Of equal ones the first is best; NaN never is."""
        if held_out_rmse < self.rmse:
            self.step, self.rmse, self.payload = step, held_out_rmse, payload
            self._since = 0
        else:
            self._since += 1
        return 0 < self._patience <= self._since

"""A line search for the strong Wolfe conditions.

Source: Nocedal & Wright, Numerical Optimization, 2nd ed. 2006, algorithms 3.5 (bracketing) and 3.6 (zoom).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from cfgui.core.objective import Problem
from cfgui.core.products import inner
from cfgui.core.ratings import Floats

ENOUGH_DECREASE = 1e-4
"""c1: a step must win this share of what the slope at the start promises."""

ENOUGH_FLATTENING = 0.9
"""c2: the slope where a step ends must be at most this share of the slope at the start."""

MAX_TRIALS = 30
"""Trial steps in bracketing and again in zooming; halving an interval more often leaves nothing of it."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line through ``vector``, where loss and gradient are known, along ``direction``."""

    problem: Problem
    vector: Floats
    loss: float
    gradient: Floats
    direction: Floats

    @cached_property
    def slope(self) -> float:
        """Derivative of the loss along the line where it begins."""
        return inner(self.gradient, self.direction)

    def begin(self) -> Trial:
        """The point where the line begins."""
        return Trial(self, 0.0, self.vector, self.loss)

    def at(self, step: float) -> Trial:
        """The point at ``vector + step * direction``."""
        vector = self.vector + step * self.direction
        return Trial(self, step, vector, self.problem.loss(vector))


@dataclass(frozen=True, eq=False)
class Trial:
    """One point of a line: how far along it, the vector there and the loss."""

    line: Line
    step: float
    vector: Floats
    loss: float

    @cached_property
    def gradient(self) -> Floats:
        """The gradient here; computed only when asked for, because many trials are judged by their loss alone."""
        return self.line.gradient if self.step == 0.0 else self.line.problem.gradient(self.vector)

    @cached_property
    def slope(self) -> float:
        """Derivative of the loss along the line here."""
        return inner(self.gradient, self.line.direction)

    @property
    def decreases(self) -> bool:
        """The first Wolfe condition, and strictly lower: a promise below the last digit of the loss is none.

        False for a loss that is not a number.
        """
        promised = ENOUGH_DECREASE * self.step * self.line.slope
        return self.loss < self.line.loss and self.loss <= self.line.loss + promised

    @property
    def is_flat(self) -> bool:
        """The second Wolfe condition, in its strong form."""
        return abs(self.slope) <= -ENOUGH_FLATTENING * self.line.slope


def wolfe_search(line: Line, first_step: float) -> Trial | None:
    """A point that meets the strong Wolfe conditions, trying ``first_step`` (above 0) first.

    Where none is found, the lowest point seen, or None when all lie above the line's beginning, or when the line does
    not lead downhill. Loss and gradient of the point are finite.
    """
    if not (math.isfinite(line.slope) and line.slope < 0.0):
        return None
    previous, step = line.begin(), first_step
    for _ in range(MAX_TRIALS):
        trial = line.at(step)
        if not trial.decreases or (previous.step > 0.0 and trial.loss >= previous.loss):
            return _zoom(previous, trial)
        if not math.isfinite(trial.slope):
            return _zoom(previous, trial)
        if trial.is_flat:
            return trial
        if trial.slope >= 0.0:
            return _zoom(trial, previous)
        previous, step = trial, 2.0 * step
    return previous


def _zoom(low: Trial, high: Trial) -> Trial | None:
    """Shrink the interval between ``low``, the lowest point so far, and ``high`` until a Wolfe point is found in it."""
    for _ in range(MAX_TRIALS):
        step = _between(low, high)
        if step in (low.step, high.step):
            break
        trial = low.line.at(step)
        if not trial.decreases or trial.loss >= low.loss or not math.isfinite(trial.slope):
            high = trial
            continue
        if trial.is_flat:
            return trial
        if trial.slope * (high.step - low.step) >= 0.0:
            high = low
        low = trial
    return low if low.step > 0.0 else None


def _between(low: Trial, high: Trial) -> float:
    """The minimum of the parabola through both losses and the slope at ``low``, kept off the ends of the interval.

    The middle where there is no such minimum, as beside a point whose loss overflows.
    """
    width = high.step - low.step
    bend = high.loss - low.loss - low.slope * width
    share = 0.5
    if math.isfinite(bend) and bend > 0.0:
        share = min(max(-low.slope * width / (2.0 * bend), 0.1), 0.9)
    return low.step + share * width

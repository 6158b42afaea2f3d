"""Loss curves prepared for drawing: what a plot needs to know of them at every redraw, kept up to date cheaply."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cfgui.core.curve import Curve, Point
from cfgui.core.ratings import Floats


class Bounds(NamedTuple):
    """First and last step, lowest and highest finite RMSE, and the lowest above zero (inf where there is none)."""

    first: float
    last: float
    low: float
    high: float
    low_positive: float


def joined(parts: list[Bounds]) -> Bounds | None:
    """The bounds around several curves, or None for none."""
    if not parts:
        return None
    first, last, low, high, low_positive = zip(*parts, strict=True)
    return Bounds(min(first), max(last), min(low), max(high), min(low_positive))


def with_levels(bounds: Bounds, levels: list[float]) -> Bounds:
    """The bounds with room for those level lines that lie near them: a far one must not flatten the curves."""
    span = bounds.high - bounds.low
    span = NEAR * (span if span > 0 else 0.5 * abs(bounds.high))
    near = [level for level in levels if bounds.low - span <= level <= bounds.high + span]
    if not near:
        return bounds
    low, high = min(bounds.low, *near), max(bounds.high, *near)
    return bounds._replace(low=low, high=high, low_positive=min(bounds.low_positive, *near))


NEAR = 0.5
"""Level lines up to this share of the curves' height above or below them are made room for."""


class DrawnCurve:
    """A curve with its bounds and, once asked for, its logarithms; ``take`` looks only at what was added.

    ``lowest`` is the place of its lowest finite point, the first of equals; None while there is none.
    """

    def __init__(self, curve: Curve) -> None:
        self.curve = curve
        self._start_over()

    def _start_over(self) -> None:
        self._seen = 0
        self._low, self._high, self._low_positive = np.inf, -np.inf, np.inf
        self.lowest: int | None = None
        self._logs = np.empty(0)
        self._logged = 0
        self._look()

    def take(self, curve: Curve) -> None:
        """Draw this curve from now on."""
        grown = _grew(self.curve, curve)
        self.curve = curve
        if grown:
            self._look()
        else:
            self._start_over()

    def _look(self) -> None:
        begin, self._seen = self._seen, len(self.curve)
        fresh = self.curve.rmses[begin:]
        finite = np.isfinite(fresh)
        if not finite.any():
            return
        place = int(np.where(finite, fresh, np.inf).argmin())
        if self.lowest is None or fresh[place] < self._low:
            self.lowest = begin + place
        fresh = fresh[finite]
        self._low, self._high = min(self._low, float(fresh.min())), max(self._high, float(fresh.max()))
        positive = fresh[fresh > 0]
        if len(positive):
            self._low_positive = min(self._low_positive, float(positive.min()))

    @property
    def bounds(self) -> Bounds | None:
        """What the axes must hold, or None while there is no finite point."""
        if self._low > self._high:
            return None
        steps = self.curve.steps
        return Bounds(float(steps[0]), float(steps[-1]), self._low, self._high, self._low_positive)

    def heights(self, *, log: bool) -> Floats:
        """RMSE of every point, or its decimal logarithm, NaN (not drawn) where it is not above zero. Not a copy."""
        if not log:
            return self.curve.rmses
        length = len(self.curve)
        if length > len(self._logs):
            bigger = np.empty(max(64, 2 * length))
            bigger[: self._logged] = self._logs[: self._logged]
            self._logs = bigger
        if length > self._logged:
            self._logs[self._logged : length] = log_heights(self.curve.rmses[self._logged :])
            self._logged = length
        return self._logs[:length]


def _grew(old: Curve, new: Curve) -> bool:
    """Whether ``new`` begins with all of ``old``; reads no points while the two share their storage."""
    if len(new) < len(old) or not len(old):
        return False
    if np.may_share_memory(old.rmses, new.rmses):
        return True
    return np.array_equal(old.rmses, new.rmses[: len(old)]) and np.array_equal(old.steps, new.steps[: len(old)])


def log_heights(rmses: Floats) -> Floats:
    """Decimal logarithms, NaN where there is none."""
    logs = np.full(len(rmses), np.nan)
    np.log10(rmses, out=logs, where=rmses > 0)
    return logs


def nearest(curve: Curve, step: float) -> int | None:
    """Index of the point whose step is nearest (of two, the earlier), or None for an empty curve."""
    if not len(curve):
        return None
    steps: NDArray[np.int64] = curve.steps
    right = min(int(np.searchsorted(steps, step)), len(curve) - 1)
    left = max(right - 1, 0)
    return left if step - steps[left] <= steps[right] - step else right


def point_at(curve: Curve, index: int) -> Point:
    """The point at ``index``."""
    return Point(int(curve.steps[index]), float(curve.rmses[index]))


def thinned(curve: Curve, limit: int) -> Curve:
    """A curve of at most ``limit`` points that looks the same: lowest and highest of each stretch, first and last."""
    if len(curve) <= limit:
        return curve
    stretch = -(-len(curve) // max(1, (limit - 2) // 2))
    whole = len(curve) // stretch
    table = curve.rmses[: whole * stretch].reshape(whole, stretch)
    starts = np.arange(whole) * stretch
    picks = np.concatenate([[0], starts + table.argmin(axis=1), starts + table.argmax(axis=1), [len(curve) - 1]])
    picks = np.unique(picks)
    return Curve(curve.label, curve.steps[picks], curve.rmses[picks])

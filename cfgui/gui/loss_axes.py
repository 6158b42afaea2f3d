"""The axes of the loss plot: whole steps below, RMSE at the left with plain numbers on a logarithmic scale too."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg

from cfgui.gui.loss_curves import Bounds

_MANTISSAS = (
    (1.0,),
    (1.0, 3.0),
    (1.0, 2.0, 5.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0),
)

_STEPS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Between two evenly spaced ticks, times a power of ten."""


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Values to label on a logarithmic axis from ``low`` to ``high`` (both > 0): round numbers, at most ``most``.

    Where a stretch is too short for the usual 1-2-5, evenly spaced round numbers.
    """
    best: list[float] = []
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    if len(decades) > 300:
        return best
    for mantissas in _MANTISSAS:
        values = [m * 10.0**d for d in decades for m in mantissas if low <= m * 10.0**d <= high]
        if len(values) <= most:
            best = values
    if len(best) >= 3:
        return best
    if len(decades) > most:
        every = -(-len(decades) // most)
        return [10.0**d for d in decades if d % every == 0 and low <= 10.0**d <= high]
    even = even_ticks(low, high, most)
    return even if len(even) > len(best) else best


def even_ticks(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` round numbers, evenly spaced, from ``low`` to ``high``."""
    span = high - low
    if not span > 0 or most < 2:
        return []
    rough = span / (most - 1)
    size = 10.0 ** math.floor(math.log10(rough))
    wide_enough = next(i for i, m in enumerate(_STEPS) if m * size >= rough * 0.999999)
    # The widest step may jump over the whole stretch: then the next smaller ones do not.
    for mantissa in _STEPS[wide_enough::-1]:
        step = mantissa * size
        start, end = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if start <= end:
            return [index * step for index in range(start, end + 1)][:most]
    return []


def fitted(bounds: Bounds | None, *, log: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """The (x, y) ranges in which these bounds are seen whole with a little air; y in log10 when ``log``.

    A single point, a flat line and nothing at all get a range to stand in.
    """
    if bounds is None or (log and not math.isfinite(bounds.low_positive)):
        return (0.0, 1.0), ((-1.0, 1.0) if log else (0.0, 1.0))
    width = max(bounds.last - bounds.first, 1.0)
    x = (bounds.first - 0.02 * width, bounds.first + 1.04 * width)
    low, high = bounds.low, bounds.high
    if log:
        low, high = math.log10(bounds.low_positive), math.log10(bounds.high)
    flat = 0.3 if log else (0.1 * abs(high) or 1.0)
    air = 0.06 * (high - low) or flat
    if not math.isfinite(high + air - (low - air)):
        air = 0.0
    return x, (low - air, high + air)


class StepAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Step numbers: whole, with thousands separated; no ticks while ``blank``."""

    blank = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Positions of ticks by level, for an axis of ``size`` pixels."""
        if self.blank:
            return []
        whole = [level for level in super().tickValues(low, high, size) if level[0] >= 1]
        return whole or [(1.0, [float(step) for step in range(math.ceil(low), math.floor(high) + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Text of each tick; none between two steps. Millions written out would run together."""
        if spacing >= 100_000 and max(map(abs, values), default=0.0) >= 1e6:
            return [f"{value / 1e6:,.6g} M" if value else "0" for value in values]
        return [f"{value:,.0f}" if float(value).is_integer() else "" for value in values]


class RmseAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """RMSE; no ticks while ``blank``. When ``log`` is set, positions are decimal logarithms and labels still RMSE."""

    log = False
    blank = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Positions of ticks by level, for an axis of ``size`` pixels."""
        if self.blank:
            return []
        if not self.log:
            levels: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return levels
        if not (math.isfinite(low) and math.isfinite(high)) or high > 300 or low < -300:
            return []
        values = log_ticks(10.0**low, 10.0**high, max(3, int(size / 32)))
        return [(1.0, [math.log10(value) for value in values])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Text of each tick."""
        if self.log:
            return [f"{10.0**value:.6g}" for value in values]
        strings: list[str] = super().tickStrings(values, scale, spacing)
        return strings

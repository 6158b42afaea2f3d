"""The bars of the explanation panel: from which number to which each one reaches, and where that is in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cfgui.app.explanation import Explanation, Term


@dataclass(frozen=True)
class Bar:
    """One term of a waterfall: from the total before it (``start``) to the total after it (``end``)."""

    term: Term
    start: float
    end: float


def waterfall(terms: Iterable[Term]) -> list[Bar]:
    """A bar for every term, each beginning where the one before it ends."""
    bars, total = [], 0.0
    for term in terms:
        bars.append(Bar(term, total, total + term.value))
        total += term.value
    return bars


@dataclass(frozen=True)
class Scale:
    """Numbers from ``low`` to ``high`` on the pixels from ``left`` to ``right``."""

    low: float
    high: float
    left: int
    right: int

    def x(self, value: float) -> int:
        """The pixel column of a number; the nearest end for one beyond it, or the left end for none at all."""
        if not math.isfinite(value):
            return self.right if value > 0 else self.left
        share = (value - self.low) / (self.high - self.low)
        return self.left + round(min(max(share, 0.0), 1.0) * (self.right - self.left))


def scale_around(numbers: Iterable[float], left: int, right: int) -> Scale:
    """A scale on which 0 and all these numbers have their place."""
    finite = [0.0, *(value for value in numbers if math.isfinite(value))]
    low, high = min(finite), max(finite)
    if not low < high:
        high = low + 1.0
    return Scale(low, high, left, max(right, left + 1))


def scale_of(explanation: Explanation, left: int, right: int) -> Scale:
    """The scale of a prediction's waterfall, with room for its rating."""
    numbers = [bar.end for bar in waterfall(explanation.terms)]
    numbers += [value for value in (explanation.prediction, explanation.rating) if value is not None]
    return scale_around(numbers, left, right)

"""The bars of the explanation panel: from which number to which each one reaches, and where that is in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cfgui.app.explanation import Explanation, Term


@dataclass(frozen=True)
class Bar:
    """One term: the numbers from which (``start``) to which (``end``) its bar reaches, and the ``total`` after it."""

    term: Term
    start: float
    end: float
    total: float


def waterfall(terms: Iterable[Term]) -> list[Bar]:
    """A bar for every term, each beginning where the one before it ends."""
    bars, total = [], 0.0
    for term in terms:
        bars.append(Bar(term, total, total + term.value, total + term.value))
        total += term.value
    return bars


def bars_of(explanation: Explanation) -> list[Bar]:
    """A waterfall; of an ordinal net a bar from 0 for each probability."""
    bars = waterfall(explanation.terms)
    if not explanation.shares:
        return bars
    return [replace(bar, start=0.0, end=bar.term.parts[0]) for bar in bars]


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


def has_own_scale(explanation: Explanation) -> bool:
    """Whether the bars of the terms are of another kind than ratings: of scores, or of probabilities."""
    return explanation.shares or explanation.score is not None


def scale_of(explanation: Explanation, left: int, right: int) -> Scale:
    """The scale of the bars of a prediction's terms, with room for its rating where they are on one scale."""
    numbers = [bar.end for bar in bars_of(explanation)]
    return scale_around(numbers if has_own_scale(explanation) else numbers + _results(explanation), left, right)


def result_scale_of(explanation: Explanation, left: int, right: int) -> Scale:
    """The scale of the prediction and its rating."""
    if not has_own_scale(explanation):
        return scale_of(explanation, left, right)
    return scale_around(_results(explanation), left, right)


def _results(explanation: Explanation) -> list[float]:
    found = [value for value in (explanation.prediction, explanation.rating) if value is not None]
    if explanation.spread is not None and explanation.prediction is not None:
        found.append(explanation.prediction + explanation.spread)
    return found

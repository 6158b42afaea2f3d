"""What the formula bar and the explanation panel show about the selected cell: data only, computed in ``explain``."""

from __future__ import annotations

from dataclasses import dataclass

from cfgui.app.edits import WeightCell


@dataclass(frozen=True)
class Term:
    """One addend of a score or a prediction.

    A product has two parts (user and movie; weight and unit; probability and rating value); a bias has one.
    ``detail`` says more where a pointer rests; ``weight`` is the cell whose derivative belongs to the term.
    """

    label: str
    parts: tuple[float, ...]
    value: float
    detail: str = ""
    weight: WeightCell | None = None


@dataclass(frozen=True)
class Derivative:
    """d loss / d weight at the current weights: the finite-difference estimate beside the exact value."""

    weight: str
    estimate: float
    scheme: str
    epsilon: float
    exact: float


@dataclass(frozen=True)
class Explanation:
    """One cell explained.

    ``formula`` is the Excel formula ("" for a typed value), ``numbers`` the same with the numbers in it
    ("0.19 x 0.71 + ... = 0.91"), ``value`` the full-precision number or None where the cell is blank.
    ``terms`` add up to ``score`` where a range or the like makes the ``prediction`` of it, as ``step`` says with the
    numbers; else ``score`` is None and they add up to ``prediction``. With ``shares`` the first part of each term is
    the probability of a rating value, and ``rated_term`` the place of the value given. ``rating`` is None where
    unrated, ``spread`` the standard deviation of the prediction where there is one.
    """

    address: str
    title: str
    formula: str
    numbers: str
    value: float | None
    terms: tuple[Term, ...] = ()
    prediction: float | None = None
    rating: float | None = None
    user: int | None = None
    movie: int | None = None
    factor: int | None = None
    derivative: Derivative | None = None
    score: float | None = None
    step: str = ""
    shares: bool = False
    rated_term: int | None = None
    spread: float | None = None

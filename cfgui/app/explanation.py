"""What the formula bar and the explanation panel show about the selected cell: data only, computed in ``explain``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One addend of a prediction. A product has two parts (user, movie); a bias has one."""

    label: str
    parts: tuple[float, ...]
    value: float


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
    ``terms`` add up to ``prediction``; ``rating`` is None where unrated.
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

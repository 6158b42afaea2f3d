"""Adam's rule as one compiled loop, for the many weights of a large table: the same bits as ``first_order.Adam``.

As arrays the rule goes through memory a dozen times, here once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from cfgui.core.compiling import compiled
from cfgui.core.ratings import Floats

COMPILED_FROM = 100_000
"""Weights from which an update is worth loading numba for."""


class AdamNumbers(NamedTuple):
    """What one update has in common for all weights; ``of_mean`` and ``of_square`` undo the start at zero."""

    beta: float
    rest: float
    beta2: float
    rest2: float
    of_mean: float
    of_square: float
    epsilon: float
    rate: float


@cache
def adam_loop() -> Callable[..., None]:
    """``adam``, ready to be compiled. Imports numba."""
    return compiled(adam, unchecked=True)


def adam(
    vector: Floats,
    gradient: Floats,
    mean: Floats,
    square: Floats,
    kept: float,
    kepts: Floats,
    numbers: AdamNumbers,
    moved: Floats,
    new_mean: Floats,
    new_square: Floats,
) -> None:
    """Write weights and memory after one update into the last three arrays.

    Weights are first multiplied by ``kept``, or each by its own of ``kepts`` where there are any.
    """
    beta, rest, beta2, rest2, of_mean, of_square, epsilon, rate = numbers
    for i in range(len(vector)):
        slope = gradient[i]
        first = beta * mean[i] + rest * slope
        second = beta2 * square[i] + rest2 * slope * slope
        new_mean[i], new_square[i] = first, second
        step = rate * (first / of_mean / (math.sqrt(second / of_square) + epsilon))
        moved[i] = vector[i] * (kepts[i] if len(kepts) else kept) - step

"""The inner loops over many ratings, compiled by numba when they are first needed: float64, one thread, strict order.

Every loop adds factor by factor and rating by rating, in the order of ``models.predict`` and ``models.mean_square``, so
it gives the bits of the array form whatever the pieces it is called in. None of them holds Python's lock. Rows of
weights are not padded: measured with 5 and 50 factors, padding to whole cache lines gains nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from cfgui.core.compiled_looks import scores, square_sum
from cfgui.core.compiled_sgd import sgd, sgd_decayed
from cfgui.core.compiled_slopes import add_scaled, add_slopes
from cfgui.core.compiling import compiled


class Loops(NamedTuple):
    """The compiled forms of the functions that have these names."""

    square_sum: Callable[..., float]
    scores: Callable[..., None]
    add_slopes: Callable[..., None]
    add_scaled: Callable[..., None]
    sgd: Callable[..., int]
    sgd_decayed: Callable[..., tuple[int, float]]


@cache
def loops() -> Loops:
    """All loops, ready to be compiled for the arrays they are first called with. Imports numba."""
    return Loops(*(compiled(function) for function in (square_sum, scores, add_slopes, add_scaled, sgd, sgd_decayed)))

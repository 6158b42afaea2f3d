"""The weights as compiled loops take them: tables that are views into one vector."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats, Indices

Tables = tuple[Floats, Floats, Floats, Floats]
"""Factors of users and movies, then their biases, empty where there are none."""

Array = TypeVar("Array", Floats, Indices)


def tables_of(shape: Factors, vector: Floats, *, writable: bool) -> Tables:
    """The tables of weights as views into ``vector``, the biases empty where there are none.

    numba compiles a loop once for arrays that may be written to and once for those that may not, so each loop gets
    always the same.
    """
    factors = shape.view_of(vector if writable else read_only(vector))
    none = factors.user_factors[:0, 0].copy() if writable else read_only(np.zeros(0))
    bias = (
        (none, none)
        if factors.user_bias is None or factors.movie_bias is None
        else (factors.user_bias, factors.movie_bias)
    )
    return factors.user_factors, factors.movie_factors, *bias


def read_only(array: Array) -> Array:
    """A view that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view

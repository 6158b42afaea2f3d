"""Warming up: compiling, or loading, the loops of the compiled engine before they are first needed."""

from __future__ import annotations

import numpy as np

from cfgui.core.chunks import Watch
from cfgui.core.compiled_engine import CompiledEngine
from cfgui.core.compiled_loops import loops
from cfgui.core.compiled_tables import tables_of
from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats

_warm: set[np.dtype[np.float64]] = set()


def is_warm(values: Floats) -> bool:
    """Whether ``warm_up`` has been done for ratings of this kind."""
    return values.dtype in _warm


def warm_up(values: Floats) -> None:
    """Import numba and compile, or load, every loop for ratings of this kind: about two seconds the first time of all.

    Where an earlier process has kept what it compiled, less than half a second; once warm, nothing.
    """
    if is_warm(values):
        return
    nothing = np.zeros(0, dtype=np.int32)
    weights = np.zeros(4)
    shape = Factors(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1), np.zeros(1))
    engine = CompiledEngine(shape, nothing, nothing, values[:0], 0.0, Watch())
    engine.square_sum(weights)
    arrays, tables = engine.arrays, tables_of(shape, weights, writable=True)
    loops().add_slopes(*arrays, 0, 0, 0.0, *tables_of(shape, weights, writable=False), *tables)
    sealed_tables, found = tables_of(shape, weights, writable=False), np.zeros(0)
    loops().scores(*arrays[:2], 0, 0, *sealed_tables, found)
    loops().add_scaled(*arrays[:2], found, 0, 0, *sealed_tables[:2], *tables)
    loops().sgd(*arrays, 0, 0, 0.0, 0.0, *tables)
    loops().sgd_decayed(*arrays, 0, 0, 0.0, 1.0, 0.0, 1.0, weights, *tables)
    _warm.add(values.dtype)

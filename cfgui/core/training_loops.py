"""Which compiled loops a training needs, and loading them before it begins: behind a window's back, that is."""

from __future__ import annotations

import numpy as np

from cfgui.core import compiled_warm_up, first_order_loops
from cfgui.core.engines import engine_name, looks_by_loops, rating_loop
from cfgui.core.factors import Factors
from cfgui.core.fast_sgd import FastSgd
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import SOLVING_ROWS
from cfgui.core.optimizer_state import OptimizerState, Pace
from cfgui.core.optimizers import make_optimizer
from cfgui.core.ratings import Floats, Ratings

_warm: set[object] = set()


def warm_up(ratings: Ratings, shape: Factors, choices: Hyperparameters, gradient: str | None = None) -> None:
    """Load, or compile, the loops that training ``shape`` by these choices needs, except those of ALS and Gibbs.

    Nothing where it needs none, or where that was done before. ``gradient`` is as in ``Trainer``. Raises ValueError
    where the engine chosen cannot compute what was chosen.
    """
    n, way = ratings.n_ratings, gradient or choices.gradient
    if choices.optimizer in SOLVING_ROWS:
        return
    if engine_name(n, choices, way, shape) == "compiled" or looks_by_loops(n, choices, shape):
        compiled_warm_up.warm_up(ratings.values)
    if rating_loop(n, choices, way, shape) == "fast":
        _warm_fast(shape)
    if choices.optimizer in ("adam", "adamw", "fastai-adam") and shape.n_parameters >= first_order_loops.COMPILED_FROM:
        _warm_adam(choices)


def _warm_fast(shape: Factors) -> None:
    """The fast loop is compiled for the width of the rows."""
    kind = "fast", shape.n_factors, shape.has_bias
    if kind in _warm:
        return
    nothing, bias = np.zeros(1, dtype=np.int32), np.zeros(1) if shape.has_bias else None
    one = Factors(np.zeros((1, shape.n_factors)), np.zeros((1, shape.n_factors)), bias, bias)
    k, rating = shape.n_factors, (nothing, nothing, np.ones(1))
    with FastSgd(*rating, n_users=1, n_movies=1, n_factors=k, seed=0) as engine:
        engine.epoch(engine.pack(one), 0, 0.0)
    _warm.add(kind)


class _Flat:
    """A problem without any slope."""

    def loss(self, _vector: Floats) -> float:
        """0 everywhere."""
        return 0.0

    def gradient(self, vector: Floats) -> Floats:
        """0 everywhere."""
        return np.zeros_like(vector)


def _warm_adam(choices: Hyperparameters) -> None:
    if "adam" in _warm:
        return
    n = first_order_loops.COMPILED_FROM
    state = OptimizerState(choices.optimizer, (np.zeros(n), np.zeros(n)))
    make_optimizer(choices).update(_Flat(), np.zeros(n), state, Pace(0.0))
    _warm.add("adam")

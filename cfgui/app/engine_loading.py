"""Making ready what a piece of background work computes with, behind the window's back."""

from __future__ import annotations

import time
from collections.abc import Callable

from cfgui.app.polite_imports import polite_imports
from cfgui.core.als_sides import COMPILED_FROM as SOLVERS_COMPILED_FROM
from cfgui.core.chunks import Interrupted, Stop
from cfgui.core.engines import engine_name
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import SOLVING_ROWS
from cfgui.core.ratings import Ratings

WAIT_SECONDS = 0.01
"""Between two looks at whether torch is there."""

_solvers_warm: set[object] = set()
"""Kinds of numbers for which the loops of ALS and Gibbs sampling have been loaded."""


def load_engine(
    ratings: Ratings,
    shape: Factors,
    choices: Hyperparameters,
    stop: Stop,
    torch_settled: Callable[[], bool],
    gradient: str | None = None,
) -> None:
    """Wait for torch, or load the compiled loops, where training weights like ``shape`` by these choices needs them.

    ``gradient`` names one to use in place of the chosen one. Raises Interrupted where ``stop`` says so before torch is
    there, and ValueError where the engine chosen cannot compute what was chosen.
    """
    if choices.optimizer in SOLVING_ROWS:
        if ratings.n_ratings >= SOLVERS_COMPILED_FROM:
            _load_solvers(ratings)
        return
    if engine_name(ratings.n_ratings, choices, gradient, shape) == "torch":
        while not torch_settled():
            if stop():
                raise Interrupted
            time.sleep(WAIT_SECONDS)
    with polite_imports():
        from cfgui.core import training_loops

        training_loops.warm_up(ratings, shape, choices, gradient)


def _load_solvers(ratings: Ratings) -> None:
    kind = ratings.values.dtype
    if kind not in _solvers_warm:
        with polite_imports():
            from cfgui.core import als_systems

            als_systems.warm_up(ratings.values)
        _solvers_warm.add(kind)

"""Starts: new weights from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.ratings import Floats


def _xavier(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    reach = np.sqrt(6.0 / sum(shape))
    return rng.uniform(-reach, reach, shape)


DRAWS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Floats]] = {
    "uniform": lambda rng, shape: rng.random(shape),
    "normal": lambda rng, shape: rng.normal(0.0, 0.01, shape),
    "xavier": _xavier,
}
"""How a table of weights starts, by the name in the options."""


def random_factors(
    n_users: int, n_movies: int, n_factors: int, *, bias: bool, init: str = "uniform", seed: int = 0
) -> Factors:
    """New starting weights from a seed: the same seed gives the same bits.

    ``init`` is "uniform", every number in [0, 1) as RAND() fills the sheet; "normal", N(0, 0.01) factors and zero
    biases as fastai starts its embeddings; or "xavier", uniform within sqrt(6 / (rows + columns)) of 0 (Glorot &
    Bengio, AISTATS 2010) and zero biases. Raises ValueError for another name.
    """
    if init not in DRAWS:
        raise ValueError(f"unknown way to start weights: {init}")
    rng, draw = np.random.default_rng(seed), DRAWS[init]
    users, movies = draw(rng, (n_users, n_factors)), draw(rng, (n_movies, n_factors))
    if not bias:
        return Factors(users, movies).copy()
    if init != "uniform":
        return Factors(users, movies, np.zeros(n_users), np.zeros(n_movies)).copy()
    return Factors(users, movies, draw(rng, (n_users,)), draw(rng, (n_movies,))).copy()

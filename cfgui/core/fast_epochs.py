"""Fast epochs: the fast engine for SGD as the stepper asks for it, from one flat vector of weights to the next."""

from __future__ import annotations

import os
from collections.abc import Callable

from cfgui.core.factors import Factors
from cfgui.core.fast_sgd import Decays, EpochResult, FastSgd
from cfgui.core.fast_sgd_tables import Tables
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Floats, Ratings


class FastEpochs:
    """Passes over all ratings, whose layout is made once; the weights are rounded to float32 on the way in.

    It holds threads until it is told to ``rest``.
    """

    def __init__(self, ratings: Ratings, shape: Factors, seed: int) -> None:
        self._ratings, self._shape, self._seed = ratings, shape, seed
        self._engine = FastSgd(
            ratings.users,
            ratings.movies,
            ratings.values,
            n_users=ratings.n_users,
            n_movies=ratings.n_movies,
            n_factors=shape.n_factors,
            seed=seed,
            n_threads=os.cpu_count() or 1,
        )
        self._packed: tuple[Floats, Tables] | None = None

    def is_for(self, ratings: Ratings, shape: Factors, seed: int) -> bool:
        """Whether this goes through these very ratings, for weights laid out so, in the orders of this seed."""
        return ratings is self._ratings and shape is self._shape and seed == self._seed

    def run(
        self, vector: Floats, number: int, rates: tuple[float, float], decays: Decays, stop: Callable[[], bool]
    ) -> tuple[Floats, EpochResult]:
        """Epoch ``number`` from ``vector``, which stays as it is: where it leads to, and what it met.

        Where it was stopped or met a number that is not finite, the weights are those it began with.
        """
        tables = self._tables(vector)
        self._packed = None
        met = self._engine.epoch(tables, number, rates[0], decays, rate_last=rates[1], stop=stop)
        if met.stopped or not met.finite:
            return vector, met
        end = self._engine.unpack(tables).flat()
        self._packed = end, tables
        return end, met

    def rest(self) -> None:
        """End the threads; the next pass starts others, in a tenth of a millisecond."""
        self._engine.close()

    def _tables(self, vector: Floats) -> Tables:
        """The weights as the engine has them; those of the last epoch are still there."""
        if self._packed is not None and self._packed[0] is vector:
            return self._packed[1]
        return self._engine.pack(self._shape.view_of(vector))


def decays_of(choices: Hyperparameters) -> Decays:
    """Weight decay of the rows that a rating touches."""
    usual = choices.weight_decay
    movie, bias = (usual if own is None else own for own in (choices.movie_decay, choices.bias_decay))
    return Decays(usual, movie, bias)

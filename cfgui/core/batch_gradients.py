"""Gradients of mini-batches: computed with the rows that the batch touches, however many others there are."""

from __future__ import annotations

import numpy as np

from cfgui.core.decay import is_by_rows, penalty_decay, row_shares
from cfgui.core.factors import Decay, Factors
from cfgui.core.gradients import GRADIENTS
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import with_penalty
from cfgui.core.ratings import Floats, Indices


class BatchGradient:
    """A ``Gradient`` by the entry ``name`` of ``GRADIENTS``, with the weight decay that the choices put into the loss.

    L2 is charged for all weights, or ``by_rows`` for the rows of each rating.
    """

    def __init__(self, choices: Hyperparameters, name: str) -> None:
        self._choices, self._make = choices, GRADIENTS[name]
        self._bare, self._by_rows = self._make(choices, 0.0), is_by_rows(choices)
        # A squared weight nudged by h rises by h (h + 2p).
        self._nudge = choices.epsilon if name == "forward" else 0.0
        self._decay: tuple[Factors, Decay] | None = None

    def __call__(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int = 0) -> Floats:
        """The slope of the mean cost of these ratings + the penalty, in the order of ``Factors.flat``."""
        if 2 * len(values) >= factors.n_users + factors.n_movies:
            return self._slopes(factors, users, movies, values, step)
        some_users, user_rows = np.unique(users, return_inverse=True)
        some_movies, movie_rows = np.unique(movies, return_inverse=True)
        part = factors.part(some_users, some_movies)
        found = self._by_rows_slopes if self._by_rows else self._bare
        few = part.view_of(found(part, user_rows.astype(np.int32), movie_rows.astype(np.int32), values, step))
        slopes = np.zeros(factors.n_parameters)
        _spread(few, factors.view_of(slopes), some_users, some_movies)
        return slopes if self._by_rows else self._with_penalty(slopes, factors)

    def _slopes(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int) -> Floats:
        if self._by_rows:
            return self._by_rows_slopes(factors, users, movies, values, step)
        return self._make(self._choices, self._all_decay(factors))(factors, users, movies, values, step)

    def _by_rows_slopes(self, factors: Factors, users: Indices, movies: Indices, values: Floats, step: int) -> Floats:
        decay = penalty_decay(factors, self._choices) * row_shares(factors, users, movies)
        return self._make(self._choices, decay)(factors, users, movies, values, step)

    def _with_penalty(self, slopes: Floats, factors: Factors) -> Floats:
        decay = self._all_decay(factors)
        if isinstance(decay, float) and decay == 0.0:
            return slopes
        with_penalty(slopes, factors, decay)
        if self._nudge:
            slopes += self._nudge * decay
        return slopes

    def _all_decay(self, factors: Factors) -> Decay:
        """That of every weight; kept, since all batches have weights of one shape."""
        if self._decay is None or not self._decay[0].same_shape(factors):
            self._decay = factors, penalty_decay(factors, self._choices)
        return self._decay[1]


def _spread(few: Factors, slopes: Factors, users: Indices, movies: Indices) -> None:
    """Put the slopes of some rows where they belong; layers are whole."""
    slopes.user_factors[users], slopes.movie_factors[movies] = few.user_factors, few.movie_factors
    if slopes.user_bias is not None and slopes.movie_bias is not None:
        slopes.user_bias[users], slopes.movie_bias[movies] = few.user_bias, few.movie_bias
    for whole, part in zip(slopes.layers, few.layers, strict=True):
        whole.weights[:], whole.bias[:] = part.weights, part.bias

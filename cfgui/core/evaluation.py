"""Evaluation: a model's predictions for held-out ratings, during training and after it.

The rule for what was never learnt: weights of a user or movie without training ratings are still what they started
with, so their predictions would say nothing. Whatever the model, such a *cold* pair is predicted by the biases-only
baseline fitted on the training ratings (``baselines.bias_only``): global mean + the bias of the user or movie that does
have training ratings, or the global mean alone, clipped to the scale of the training ratings. Sampling draws such
weights from the spread of the others and needs no such rule (``posterior_watcher``).
"""

from __future__ import annotations

import math
from copy import copy
from typing import Protocol

import numpy as np

from cfgui.core import models
from cfgui.core.baselines import Baseline, bias_only
from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.factors import Factors
from cfgui.core.metrics import residuals_of
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.split import Split, rows_of, without_ratings
from cfgui.core.trainer import Trainer


class Predictions(Protocol):
    """What predicts any cell."""

    def __call__(self, users: Indices, movies: Indices) -> Floats:
        """Predictions for parallel index arrays."""

    def block(self, users: Indices, movies: Indices) -> Floats:
        """(len(users), len(movies)) predictions."""


class Onlooker(Protocol):
    """Looks at a model while it trains."""

    def look(self, trainer: Trainer) -> float:
        """The RMSE over the held-out ratings where the trainer stands now; NaN where a wish to stop came first."""


class Watcher(Onlooker, Protocol):
    """Looks at a model while it trains, by ratings that it does not learn from."""

    def residuals(self, factors: Factors) -> Floats:
        """(held_out.n_ratings,) held-out rating - prediction when training ended at these weights."""

    def predictions(self, factors: Factors) -> Predictions:
        """What predicts any cell when training ended at these weights."""


class HeldOutWatcher:
    """The watcher of models whose weights at one moment make the prediction; all but sampling.

    Looking costs as much as looking at so many training ratings. ``stop`` is asked meanwhile where they are many.
    ``fallback`` is what predicts cold pairs, fitted on the training ratings. Raises ValueError where nothing is held
    out.
    """

    def __init__(self, split: Split, stop: Stop = never) -> None:
        if not split.held_out.n_ratings:
            raise ValueError("No rating is held out: choose how many are to be.")
        self._split, self._stop = split, stop
        self.fallback = bias_only(split.train)
        self._warm = rows_of(split.held_out, ~split.cold)
        residuals = residuals_of(rows_of(split.held_out, split.cold), self.fallback)
        self._cold_squares = float(np.sum(residuals * residuals))

    def asking(self, stop: Stop) -> HeldOutWatcher:
        """The same watcher with another wish to stop to ask; what it worked out beforehand is shared."""
        other = copy(self)
        other._stop = stop
        return other

    def look(self, trainer: Trainer) -> float:
        """As ``Watcher.look``, with the rule for cold pairs."""
        return self.rmse(trainer.factors)

    def rmse(self, factors: Factors) -> float:
        """The RMSE of these weights over the held-out ratings, cold pairs by their rule."""
        try:
            squares = (
                models.mse(factors, self._warm, self._stop) * self._warm.n_ratings if self._warm.n_ratings else 0.0
            )
        except Interrupted:
            return math.nan
        return math.sqrt((squares + self._cold_squares) / self._split.held_out.n_ratings)

    def residuals(self, factors: Factors) -> Floats:
        """As ``Watcher.residuals``."""
        return residuals_of(self._split.held_out, self.predictions(factors))

    def predictions(self, factors: Factors) -> WeightPredictions:
        """As ``Watcher.predictions``."""
        return WeightPredictions(factors, self._split.train, self.fallback)


class WeightPredictions:
    """Predictions of weights, and of ``fallback`` for every user or movie without a rating in ``train``."""

    def __init__(self, factors: Factors, train: Ratings, fallback: Baseline) -> None:
        self._factors, self._fallback = factors, fallback
        self._cold_users, self._cold_movies = (
            without_ratings(counts) for counts in (train.user_counts, train.movie_counts)
        )

    def __call__(self, users: Indices, movies: Indices) -> Floats:
        """Predictions for parallel index arrays."""
        found = models.predict(self._factors, users, movies)
        cold = self._cold_users[users] | self._cold_movies[movies]
        if cold.any():
            found[cold] = self._fallback(users[cold], movies[cold])
        return found

    def block(self, users: Indices, movies: Indices) -> Floats:
        """(len(users), len(movies)) predictions."""
        found = models.predict_block(self._factors, users, movies)
        cold = self._cold_users[users][:, None] | self._cold_movies[movies][None, :]
        if cold.any():
            found = np.where(cold, self._fallback.block(users, movies), found)
        return found

"""Held-out ratings under Gibbs sampling: predicted by the mean over the draws, not by any one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cfgui.core import models
from cfgui.core.evaluation import Predictions
from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import BURN_IN, PosteriorMean, predict_samples
from cfgui.core.metrics import errors_of, residuals_of
from cfgui.core.ratings import Floats, Indices
from cfgui.core.split import Split
from cfgui.core.trainer import Trainer

BLOCK_SAMPLES = 50
"""Draws that predictions of whole blocks are averaged over at most; their order settles long before."""


class PosteriorWatcher:
    """The watcher of sampling: each look takes in one more draw.

    Its RMSE is that of the mean over the draws after ``burn_in``, and until then of the latest draw alone; clipped to
    the scale of the training ratings. Pairs with nothing to learn from need no rule of their own: their weights are
    drawn from the spread of the others, so the mean is what is known of them. Raises ValueError where nothing is held
    out.
    """

    def __init__(self, split: Split, burn_in: int = BURN_IN) -> None:
        if not split.held_out.n_ratings:
            raise ValueError("No rating is held out: choose how many are to be.")
        self._held_out, self._scale = split.held_out, split.train.scale
        self._mean = PosteriorMean(split.held_out.users, split.held_out.movies, scale=self._scale, burn_in=burn_in)
        self._step = 0  # that of the newest draw taken in; the weights of step 0 are no draw

    @property
    def n_samples(self) -> int:
        """Draws averaged over so far."""
        return self._mean.n_samples

    def look(self, trainer: Trainer) -> float:
        """As ``Watcher.look``; a draw that was looked at already does not count twice."""
        if trainer.step > self._step:
            self._step = trainer.step
            self._mean.add(trainer.factors)
        return errors_of(self.residuals(trainer.factors)).rmse

    def residuals(self, factors: Factors) -> Floats:
        """As ``Watcher.residuals``, by the mean over all draws after burn-in."""
        if self.n_samples:
            return self._held_out.values - self._mean.posterior().mean
        return residuals_of(self._held_out, SamplePredictions([factors], self._scale))

    def spread(self) -> Floats:
        """(held_out.n_ratings,) standard deviation of each prediction over the draws. Raises ValueError before any."""
        return self._mean.posterior().sd

    def predictions(self, factors: Factors) -> Predictions:
        """As ``Watcher.predictions``: the mean over the draws that are kept."""
        return SamplePredictions(self._mean.samples or [factors], self._scale)


class SamplePredictions:
    """Predictions of any cell as the mean over draws, clipped to ``scale``."""

    def __init__(self, samples: Sequence[Factors], scale: tuple[float, float]) -> None:
        self._samples, self._scale = samples, scale

    def __call__(self, users: Indices, movies: Indices) -> Floats:
        """Predictions for parallel index arrays."""
        return predict_samples(self._samples, users, movies, self._scale).mean

    def block(self, users: Indices, movies: Indices) -> Floats:
        """(len(users), len(movies)) predictions, over at most ``BLOCK_SAMPLES`` draws, evenly chosen."""
        chosen = self._samples[:: -(-len(self._samples) // BLOCK_SAMPLES)]
        total = np.zeros((len(users), len(movies)))
        for factors in chosen:
            total += models.predict_block(factors, users, movies)
        return np.clip(total / len(chosen), *self._scale)

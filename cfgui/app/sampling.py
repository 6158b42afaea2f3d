"""Sampling: takes in the draws of a run of Gibbs sampling, and predicts by their mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cfgui.app.sheet_state import SheetState
from cfgui.core.factors import Factors
from cfgui.core.gibbs_posterior import PosteriorMean, predict_samples
from cfgui.core.metrics import errors_of
from cfgui.core.ratings import Floats, Indices, Ratings
from cfgui.core.samples import Samples
from cfgui.core.view import View

if TYPE_CHECKING:
    from cfgui.core.trainer import Trainer

ASKED_WORK = 6_000_000
"""Cells times factors times draws up to which all draws are asked, in some 20 ms; above, evenly chosen ones."""

Posterior = Callable[[Indices, Indices], tuple[Floats, Floats]]
"""(users, movies) -> (mean, standard deviation) for parallel index arrays."""


class Sampling:
    """Takes in the draws of a run, one at each look. For the worker only.

    It goes on from ``earlier`` samples, or begins anew with the first draw after ``step``, where the run begins.
    """

    def __init__(self, train: Ratings, held_out: Ratings | None, step: int, earlier: Samples | None = None) -> None:
        self._held_out, self._scale, self._step = held_out, train.scale, step
        nobody = np.zeros(0, dtype=np.int32)
        users, movies = (nobody, nobody) if held_out is None else (held_out.users, held_out.movies)
        self._mean, self._rmse = PosteriorMean(users, movies, scale=train.scale), math.nan
        if earlier is not None and earlier.tells_of(held_out):
            self._mean, self._rmse = earlier.mean.copied(), earlier.rmse

    def look(self, trainer: Trainer) -> float:
        """Take in the draw where the trainer stands; the RMSE of the mean over the held-out ratings.

        Until the end of burn-in it is that of the draw alone. NaN where none are held out.
        """
        if trainer.step > self._step:
            self._step = trainer.step
            self._mean.add(trainer.factors)
        held_out = self._held_out
        if held_out is not None:
            values = held_out.values.astype(np.float64)
            if self._mean.n_samples:
                predicted = self._mean.posterior().mean
            else:
                predicted = predict_samples([trainer.factors], held_out.users, held_out.movies, self._scale).mean
            self._rmse = errors_of(values - predicted).rmse
        return self._rmse

    def samples(self, factors: Factors) -> Samples:
        """The draws so far, for a sheet whose weights are ``factors``."""
        return Samples(factors, self._mean.copied(), self._scale, self._rmse, self._held_out)


def posterior_of(samples: Samples, view: View | None) -> Posterior | None:
    """What predicts by the mean over draws; None during burn-in.

    ``view`` says whose the draws are, where they are of a part of the table: users and movies must be in it.
    """
    draws = samples.draws
    if not draws:
        return None

    def predicted(users: Indices, movies: Indices) -> tuple[Floats, Floats]:
        if view is not None:
            users, movies = view.user_rows[users], view.movie_columns[movies]
        found = predict_samples(_enough(draws, len(users)), users, movies, samples.scale)
        return found.mean, found.sd

    return predicted


def present_posterior(sheet: SheetState, view: View) -> Posterior | None:
    """The posterior of a sheet's draws while ``view`` is shown; None where it has none that count."""
    samples = sheet.present_samples
    if samples is None or sheet.trained_on not in (None, view):  # draws of a part say nothing of the others
        return None
    return posterior_of(samples, sheet.trained_on)


def _enough(draws: Sequence[Factors], n_cells: int) -> Sequence[Factors]:
    """As many of the draws as are asked in a moment for so many cells."""
    most = max(1, ASKED_WORK // max(1, n_cells * draws[0].n_factors))
    return draws[:: -(-len(draws) // most)]

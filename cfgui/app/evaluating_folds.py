"""Cross-validation: train as often as there are folds, so that every rating is held out exactly once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cfgui.app.evaluating import Evaluation, Length, OnReport, RankingChoice, Score, evaluate_split
from cfgui.core.chunks import Stop, never
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.metrics import GroupErrors, errors_by
from cfgui.core.ratings import Floats
from cfgui.core.split import make_folds

OnFold = Callable[[int, int], None]
"""Told (fold from 0, n_folds) before each fold."""


class Spread(NamedTuple):
    """Mean and sample standard deviation over folds; the latter is NaN for one fold."""

    mean: float
    sd: float


@dataclass(frozen=True, eq=False)
class FoldsEvaluation:
    """The evaluation of every fold that came to its end.

    ``interrupted`` says that a wish to stop came before the last: the fold it came in is not among them.
    """

    folds: tuple[Evaluation, ...]
    n_folds: int
    interrupted: bool = False

    @property
    def by_user(self) -> GroupErrors:
        """Held-out errors of each user over all folds."""
        users = np.concatenate([it.split.held_out.users for it in self.folds])
        return errors_by(users, self._residuals, self.folds[0].split.train.n_users)

    @property
    def by_movie(self) -> GroupErrors:
        """Held-out errors of each movie over all folds."""
        movies = np.concatenate([it.split.held_out.movies for it in self.folds])
        return errors_by(movies, self._residuals, self.folds[0].split.train.n_movies)

    @property
    def _residuals(self) -> Floats:
        return np.concatenate([it.residuals for it in self.folds])

    def spread(self, figure: Callable[[Score], float]) -> Spread:
        """Of a figure of the model's score: ``spread(lambda score: score.held_out.rmse)``."""
        return spread([figure(it.score) for it in self.folds])


def spread(values: list[float]) -> Spread:
    """Mean and sample standard deviation of a few numbers; NaN where there are too few."""
    n = len(values)
    if not n:
        return Spread(math.nan, math.nan)
    mean = math.fsum(values) / n
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1)) if n > 1 else math.nan
    return Spread(mean, sd)


def evaluate_folds(
    document: Document,
    hyperparameters: Hyperparameters,
    n_folds: int,
    seed: int,
    length: Length | None = None,
    *,
    rank: RankingChoice | None = None,
    on_fold: OnFold | None = None,
    on_report: OnReport | None = None,
    stop: Stop = never,
) -> FoldsEvaluation:
    """Train and measure on each fold in turn, always from the same start.

    Raises ValueError where there are fewer ratings than folds.
    """
    done: list[Evaluation] = []
    for number, split in enumerate(make_folds(document.ratings, n_folds, seed)):
        if on_fold is not None:
            on_fold(number, n_folds)
        evaluation = evaluate_split(document, hyperparameters, split, length, rank=rank, on_report=on_report, stop=stop)
        if stop():
            return FoldsEvaluation(tuple(done), n_folds, interrupted=True)
        done.append(evaluation)
    return FoldsEvaluation(tuple(done), n_folds)

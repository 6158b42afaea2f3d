"""Evaluating a way of training: learn from one part of the ratings, measure by the other, beside plain baselines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from cfgui.app.looks import OnLook
from cfgui.app.training import TrainingResult, train
from cfgui.core.baselines import Baseline, MostPopular, fitted_baselines, most_popular
from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.document import Document
from cfgui.core.evaluation import HeldOutWatcher, Predictions, Watcher
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.metrics import Errors, GroupErrors, errors_by, errors_of, residuals_of
from cfgui.core.position import StepReport
from cfgui.core.ranking_metrics import Ranking, ranking
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.split import Split, SplitChoice, make_split
from cfgui.io.table_options import TableChoices

OnReport = Callable[[StepReport], None]


@dataclass(frozen=True)
class Length:
    """How long to train: updates, or passes over the ratings, or with neither as long as usual."""

    steps: int | None = None
    epochs: int | None = None


@dataclass(frozen=True)
class RankingChoice:
    """How recommendations are judged: the first ``n``, relevant from ``threshold`` on (None: 80 % of the highest)."""

    n: int = 10
    threshold: float | None = None


@dataclass(frozen=True)
class Score:
    """How one way of predicting does: on what it was fitted on, on what was held out, and as a recommender.

    ``ranking`` is None where it was not asked for, or where the predictions cannot tell movies apart.
    """

    name: str
    label: str
    train: Errors
    held_out: Errors
    ranking: Ranking | None = None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What training on ``split.train`` came to.

    ``score`` is the model's, ``baselines`` those of ``core.baselines``, and last, where recommendations are judged, the
    most popular movies for everybody, which predict no rating. ``residuals`` (split.held_out.n_ratings,) are
    of the held-out ratings in their order. ``result`` holds the weights, both curves, seconds, engine and speed.
    ``predictions`` predicts any cell by the rule that was measured.
    """

    split: Split
    result: TrainingResult
    score: Score
    baselines: tuple[Score, ...]
    residuals: Floats
    predictions: Predictions

    @property
    def by_user(self) -> GroupErrors:
        """Held-out errors of each user."""
        return errors_by(self.split.held_out.users, self.residuals, self.split.held_out.n_users)

    @property
    def by_movie(self) -> GroupErrors:
        """Held-out errors of each movie."""
        return errors_by(self.split.held_out.movies, self.residuals, self.split.held_out.n_movies)


def read_held_out(path: Path, choices: TableChoices | None = None, cancelled: Stop = never) -> Ratings:
    """The ratings of a file that are to be held out. Raises as ``documents.open_document``."""
    from cfgui.app.documents import open_document

    return open_document(path, choices, cancelled=cancelled).ratings


def learning_document(document: Document, split: Split) -> Document:
    """``document`` with only the training part of its ratings, and weights for every user and movie of the split.

    Users and movies that only a file of held-out ratings has get weights 0, which no prediction uses: what is known of
    the other side predicts them (``core.evaluation``). The history, which tells of all ratings,
    is left out.
    """
    ratings = split.train
    factors = {name: _widened(own, ratings.n_users, ratings.n_movies) for name, own in document.factors.items()}
    return replace(document, ratings=ratings, factors=factors, history={})


def watcher_for(hyperparameters: Hyperparameters, split: Split, stop: Stop = never) -> Watcher:
    """What looks at the held-out ratings while a model trains by these choices: of sampling, at the mean of draws.

    Raises ValueError where nothing is held out.
    """
    if hyperparameters.optimizer == "gibbs":
        from cfgui.core.posterior_watcher import PosteriorWatcher  # late: it brings compiled loops along

        return PosteriorWatcher(split)
    return HeldOutWatcher(split, stop)


def evaluate(
    document: Document,
    hyperparameters: Hyperparameters,
    choice: SplitChoice,
    length: Length | None = None,
    *,
    given: Ratings | None = None,
    rank: RankingChoice | None = None,
    on_report: OnReport | None = None,
    on_look: OnLook | None = None,
    stop: Stop = never,
) -> Evaluation:
    """Split, train and measure. ``given`` are the ratings of a file to hold out; without ``rank`` nothing is ranked.

    A wish to stop ends the training; what it came to is still measured, without ranking. Raises ValueError as
    ``make_split`` and ``train``.
    """
    split = make_split(document.ratings, choice, given)
    return evaluate_split(
        document, hyperparameters, split, length, rank=rank, on_report=on_report, on_look=on_look, stop=stop
    )


def evaluate_split(
    document: Document,
    hyperparameters: Hyperparameters,
    split: Split,
    length: Length | None = None,
    *,
    rank: RankingChoice | None = None,
    on_report: OnReport | None = None,
    on_look: OnLook | None = None,
    stop: Stop = never,
) -> Evaluation:
    """The same for a split that was made already."""
    length = length or Length()
    watcher = watcher_for(hyperparameters, split, stop)
    result = train(
        learning_document(document, split),
        hyperparameters,
        steps=length.steps,
        epochs=length.epochs,
        on_report=on_report,
        on_look=on_look,
        stop=stop,
        watcher=watcher,
    )
    predictions = watcher.predictions(result.factors)
    residuals = watcher.residuals(result.factors)
    ranked = partial(_ranked, split, rank, seed=hyperparameters.seed, stop=stop)
    score = Score(
        hyperparameters.model,
        f"{hyperparameters.model} by {hyperparameters.optimizer}",
        errors_of(residuals_of(split.train, predictions)),
        errors_of(residuals),
        ranked(predictions),
    )
    baselines = tuple(_score(baseline, split, ranked) for baseline in fitted_baselines(split.train))
    if rank is not None:
        popular, nothing = most_popular(split.train), errors_of(residuals[:0])
        baselines += (Score(popular.name, popular.label, nothing, nothing, ranked(popular)),)
    return Evaluation(split, result, score, baselines, residuals, predictions)


def _score(baseline: Baseline, split: Split, ranked: Callable[[Predictions | MostPopular], Ranking | None]) -> Score:
    return Score(
        baseline.name,
        baseline.label,
        errors_of(residuals_of(split.train, baseline)),
        errors_of(residuals_of(split.held_out, baseline)),
        ranked(baseline) if baseline.ranks else None,
    )


def _ranked(
    split: Split, rank: RankingChoice | None, predictions: Predictions | MostPopular, *, seed: int, stop: Stop
) -> Ranking | None:
    if rank is None:
        return None
    try:
        return ranking(split, predictions.block, rank.n, rank.threshold, seed=seed, stop=stop)
    except Interrupted:
        return None


def _widened(factors: Factors, n_users: int, n_movies: int) -> Factors:
    """``factors`` with weights 0 for users and movies added at the end."""
    more_users, more_movies = n_users - factors.n_users, n_movies - factors.n_movies
    if not more_users and not more_movies:
        return factors

    def longer(table: Floats, n: int) -> Floats:
        return np.concatenate([table, np.zeros((n, *table.shape[1:]))])

    return factors.with_tables(lambda table: longer(table, more_users), lambda table: longer(table, more_movies))


def own_factors(document: Document, factors: Factors) -> Factors:
    """Weights after training on a split, without the users and movies that only the held-out file has."""
    ratings = document.ratings
    if (factors.n_users, factors.n_movies) == (ratings.n_users, ratings.n_movies):
        return factors
    return factors.part(slice(ratings.n_users), slice(ratings.n_movies))

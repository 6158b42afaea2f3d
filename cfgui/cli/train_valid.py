"""The training of ``cfgui train``, with or without held-out ratings."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Callable
from typing import NamedTuple

from cfgui.app.evaluating import Length, learning_document, own_factors, watcher_for
from cfgui.app.evaluating_folds import evaluate_folds, spread
from cfgui.app.training import TrainingResult, step_limit, train
from cfgui.cli.held_out import FoldProgress, given_ratings, holds_out, split_choice
from cfgui.cli.progress import shown_progress
from cfgui.core.document import Document
from cfgui.core.evaluation import Onlooker
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.metrics import Errors, errors_of
from cfgui.core.split import ColdCounts, SplitChoice, cold_counts, make_split

Stop = Callable[[], bool]


class HeldOutErrors(NamedTuple):
    """The errors over the held-out ratings, and how many of these are of users or movies that were not learnt."""

    errors: Errors
    cold: ColdCounts


def trained(
    arguments: Namespace,
    document: Document,
    hyperparameters: Hyperparameters,
    stop: Stop,
    onlooker: Onlooker | None = None,
) -> tuple[TrainingResult, HeldOutErrors | None]:
    """How training ended, and the errors over the held-out ratings; None where none are asked for.

    ``onlooker`` looks at a run over all ratings, of which none are held out.
    With folds the errors are means over them, and the weights those of one more run over all ratings. Raises
    KeyboardInterrupt where a wish to stop comes before that one.
    """
    length = Length(arguments.steps, arguments.epochs)
    if not holds_out(arguments):
        return _train(document, hyperparameters, length, stop, onlooker), None
    choice = split_choice(arguments, hyperparameters.seed)
    if choice.kind == "folds":
        errors = _over_folds(document, hyperparameters, choice, length, stop)
        return _train(document, hyperparameters, length, stop, onlooker), errors
    split = make_split(document.ratings, choice, given_ratings(arguments, choice, stop))
    watcher = watcher_for(hyperparameters, split, stop)
    result = _train(learning_document(document, split), hyperparameters, length, stop, watcher)
    errors = HeldOutErrors(errors_of(watcher.residuals(result.factors)), cold_counts([split]))
    return dataclasses.replace(result, factors=own_factors(document, result.factors)), errors


def _train(
    document: Document, hyperparameters: Hyperparameters, length: Length, stop: Stop, watcher: Onlooker | None = None
) -> TrainingResult:
    total = step_limit(hyperparameters, document.ratings.n_ratings, length.steps, length.epochs)
    with shown_progress(total) as on_report:
        return train(
            document,
            hyperparameters,
            steps=length.steps,
            epochs=length.epochs,
            on_report=on_report,
            stop=stop,
            watcher=watcher,
        )


def _over_folds(
    document: Document, hyperparameters: Hyperparameters, choice: SplitChoice, length: Length, stop: Stop
) -> HeldOutErrors:
    n_learnt = document.ratings.n_ratings * (choice.n_folds - 1) // choice.n_folds
    steps = step_limit(hyperparameters, n_learnt, length.steps, length.epochs)
    with shown_progress(None if steps is None else steps * choice.n_folds) as show:
        bar = FoldProgress(show, steps)
        found = evaluate_folds(
            document,
            hyperparameters,
            choice.n_folds,
            choice.seed,
            length,
            on_fold=bar.on_fold,
            on_report=bar.on_report,
            stop=stop,
        )
    if found.interrupted:
        raise KeyboardInterrupt
    errors = [it.score.held_out for it in found.folds]
    means = (spread([getattr(error, name) for error in errors]).mean for name in ("mse", "rmse", "mae"))
    return HeldOutErrors(Errors(sum(error.n for error in errors), *means), cold_counts(it.split for it in found.folds))

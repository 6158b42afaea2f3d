"""Training a document from start to end in one call: what the command line does, and what a script may."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cfgui.app.looks import Looks, OnLook
from cfgui.core.curve import Curve
from cfgui.core.divergence import Diverged
from cfgui.core.document import Document
from cfgui.core.evaluation import Onlooker
from cfgui.core.factors import Factors
from cfgui.core.gibbs import SAMPLES
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.optimizer_defaults import SGD_FROM
from cfgui.core.position import StepReport
from cfgui.core.structure import fitted, starting_weights
from cfgui.core.trainer import Trainer

DEFAULT_STEPS = 100
"""Steps of a run for which nobody said how many; L-BFGS then runs until it finishes."""

DEFAULT_EPOCHS = 10
"""Epochs of such a run in small batches over a large table."""


@dataclass(frozen=True)
class TrainingResult:
    """How a run ended.

    ``curve`` holds the RMSE from step 0, the start, to ``step``; ``loss`` is the MSE plus the penalty of weight decay.
    ``diverged`` is the sentence that says so, with the weights of ``step`` restored, or None. ``finished`` means that
    the optimizer found nothing left to do and ``stop_reason`` why; ``interrupted`` that ``stop`` ended the run.

    With a watcher, ``held_out`` is the curve over the held-out ratings and ``best_step`` the step at which it was
    lowest. ``stopped_early`` says that patience ended the run. Whenever there was patience the weights, ``step``,
    ``loss`` and ``rmse`` are those of ``best_step``, while the curves go on to where the run ended.
    ``ratings_per_second`` counts ratings learnt from by the time for that and for looking at them, without the look at
    held-out ones; NaN where no step was made.
    """

    factors: Factors
    curve: Curve
    step: int
    epoch: int
    loss: float
    rmse: float
    start_rmse: float
    seconds: float
    finished: bool = False
    stop_reason: str = ""
    interrupted: bool = False
    diverged: str | None = None
    held_out: Curve | None = None
    best_step: int | None = None
    stopped_early: bool = False
    engine: str = ""
    ratings_per_second: float = math.nan


def starting_factors(document: Document, hyperparameters: Hyperparameters) -> Factors:
    """The weights a run starts from: the document's own, brought to the structure chosen, or new ones from the seed.

    New ones too where the document has none of the model. Raises ValueError where the range chosen cannot be.
    """
    own = document.factors.get(hyperparameters.model)
    if own is None or hyperparameters.init != "sheet":
        return starting_weights(document.ratings, hyperparameters)
    found = fitted(own, document.ratings, hyperparameters)
    return own if found.equals(own) else found


def train(
    document: Document,
    hyperparameters: Hyperparameters,
    *,
    steps: int | None = None,
    epochs: int | None = None,
    on_report: Callable[[StepReport], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    watcher: Onlooker | None = None,
    on_look: OnLook | None = None,
) -> TrainingResult:
    """Train one model of a document and return where it ended; the document stays as it is.

    ``steps`` counts updates, ``epochs`` passes over the ratings; with neither, ``DEFAULT_STEPS``, or for lbfgs until it
    finishes. ``stop`` is asked before every step (of a sheet by the compiled engine, before every 256) and, where a
    step takes long, in it. A run that diverges returns its last good step. On a large table the loss is looked at, and
    reported, only after many steps (``Trainer.stride``).
    A ``watcher`` is asked after each of these looks, and ``on_look`` told its answer; the ``patience`` of the
    hyperparameters counts them. Raises ValueError when the document has no ratings.
    """
    trainer = Trainer(document.ratings, starting_factors(document, hyperparameters), hyperparameters)
    limit = step_limit(hyperparameters, document.ratings.n_ratings, steps, epochs)
    start_rmse = trainer.rmse
    diverged, interrupted = None, False
    began = time.perf_counter()
    looks = Looks(trainer, watcher, hyperparameters.patience, on_look)
    try:
        while trainer.step != limit and not trainer.finished and not looks.stopped_early:
            if interrupted := stop():
                break
            left = sys.maxsize if limit is None else limit - trainer.step
            if watcher is None and trainer.at_once > 1:
                reports = looks.advance_each(left, stop)
            else:
                reports = [looks.advance(min(trainer.stride, left), stop)]
            if on_report is not None:
                for report in reports:
                    on_report(report)
    except Diverged as error:
        diverged = str(error)
        looks.cut_after(error.good_step)
    restored = looks.best if hyperparameters.patience and diverged is None else None
    end = restored or looks.here
    return TrainingResult(
        factors=end.factors,
        curve=looks.curve,
        step=end.step,
        epoch=end.epoch,
        loss=end.loss,
        rmse=end.rmse,
        start_rmse=start_rmse,
        seconds=time.perf_counter() - began,
        finished=trainer.finished,
        stop_reason=trainer.stop_reason if trainer.finished else "",
        interrupted=interrupted,
        diverged=diverged,
        held_out=looks.held_out,
        best_step=looks.best_step,
        stopped_early=looks.stopped_early,
        engine=trainer.engine,
        ratings_per_second=looks.ratings_per_second,
    )


def step_limit(hyperparameters: Hyperparameters, n_ratings: int, steps: int | None, epochs: int | None) -> int | None:
    """How many steps a run makes at most: as asked for, else ``DEFAULT_STEPS``; None for lbfgs, which finishes.

    Small batches over a large table go for ``DEFAULT_EPOCHS``, sampling for ``SAMPLES`` draws.
    """
    if steps is not None:
        return steps
    if epochs is not None:
        return epochs * hyperparameters.steps_per_epoch(n_ratings)
    if hyperparameters.optimizer == "gibbs":
        return SAMPLES
    if n_ratings >= SGD_FROM and hyperparameters.batch(n_ratings) < n_ratings:
        return DEFAULT_EPOCHS * hyperparameters.steps_per_epoch(n_ratings)
    return None if hyperparameters.optimizer == "lbfgs" else DEFAULT_STEPS


def trained_document(document: Document, model: str, result: TrainingResult) -> Document:
    """The document with one model as a run left it, active; the other one stays as it was read.

    A run that began where the document's history of that model ends continues it, any other begins it anew. A curve of
    a run that held ratings out is of a part of them: the document then has none of that model.
    """
    history = {name: curve for name, curve in document.history.items() if name != model}
    if result.held_out is None:
        history[model] = _continued(document.history.get(model), result)
    return replace(document, factors={**document.factors, model: result.factors}, history=history, active=model)


def _continued(earlier: Curve | None, result: TrainingResult) -> Curve:
    last = earlier.last if earlier is not None else None
    if earlier is not None and last is not None and math.isclose(last.rmse, result.start_rmse, rel_tol=1e-12):
        return earlier.extended(last.step + result.curve.steps[1:], result.curve.rmses[1:])
    return result.curve

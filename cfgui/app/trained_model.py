"""A trained model to ask: the weights a file brings, those of another file, or new ones trained for the purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cfgui.app.evaluating import Length
from cfgui.app.sampling import Sampling
from cfgui.app.training import train
from cfgui.app.words import counted
from cfgui.core import models
from cfgui.core.aligned import aligned
from cfgui.core.chunks import Stop, never
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.position import StepReport
from cfgui.core.presets import PRESETS
from cfgui.core.ratings import Ratings
from cfgui.core.samples import Samples

FEW_RATINGS = 1_000
"""Up to so many ratings, as a sheet has, a model nobody chose goes to its optimum; above, where that would be to learn
them by heart, by the preset ``USUAL_PRESET``."""

MOST_STEPS = 1_000
"""Steps to the optimum at most; the sheet of the course takes 327."""

USUAL_PRESET = "best-sgd"

ENOUGH_TO_JUDGE, MOST_TO_JUDGE = 50, 100_000
"""Ratings by which kept weights are judged: with fewer they are not, of more so many, evenly chosen."""

CLEARLY_WORSE = 1.2
"""Weights whose RMSE is so many times that of the mean rating have hardly been trained, or not on these ratings."""


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """Ratings, and weights for every user and movie of them.

    ``document`` has the weights as its active model; ``samples`` are the draws of Gibbs sampling, None otherwise;
    ``note`` says in one sentence where the weights come from.
    """

    document: Document
    note: str
    samples: Samples | None = None

    @property
    def ratings(self) -> Ratings:
        """The ratings of the document."""
        return self.document.ratings

    @property
    def factors(self) -> Factors:
        """The weights."""
        return self.document.factors[self.document.active]

    @property
    def model(self) -> str:
        """The name of the model."""
        return self.document.active


def usual_choices(n_ratings: int) -> tuple[Hyperparameters, Length]:
    """How a model is trained of which nobody said anything: bias to its optimum, or by SGD where ratings are many."""
    if n_ratings <= FEW_RATINGS:
        return Hyperparameters(model="bias", optimizer="lbfgs", weight_decay=0.0), Length(steps=MOST_STEPS)
    preset = PRESETS[USUAL_PRESET]
    return Hyperparameters(**preset.complete), Length(epochs=preset.epochs)  # type: ignore[arg-type]  # of the table


def own_model(document: Document, model: str, name: str) -> TrainedModel:
    """The weights that a document brings with it. Raises ValueError where it has none of the model."""
    if model not in document.factors:
        raise ValueError(f"{name} has no weights of the model {model}: it has {' and '.join(document.factors)}.")
    note = f"the weights of {model} in {name}"
    if not document.ratings.n_ratings:
        note += ", which holds no ratings: nobody has seen anything"
    return TrainedModel(replace(document, active=model), note + doubt(document.ratings, document.factors[model]))


def weights_for(document: Document, path: Path, model: str | None = None, *, cancelled: Stop = never) -> TrainedModel:
    """The weights in another file, an .npz or a workbook that cfgui wrote, brought to the ids of ``document``.

    Of ``model``, or of the active one of that file. Users and movies that the file does not know get the mean of the
    others; the note counts them. Raises TableError, WorkbookError or ValueError, one plain sentence.
    """
    kept = npz_document(path) if path.suffix.lower() == ".npz" else _workbook(path, cancelled)
    kept = own_model(kept, model or kept.active, path.name).document
    ratings, own = document.ratings, kept.ratings
    try:
        found = aligned(kept.factors[kept.active], own.user_ids, own.movie_ids, ratings.user_ids, ratings.movie_ids)
    except ValueError as error:
        raise ValueError(
            f"{path.name} does not go with these ratings: {str(error)[:1].lower()}{str(error)[1:]}"
        ) from error
    note = f"the weights of {kept.active} in {path.name}"
    unknown = [counted(n, word) for n, word in ((found.n_new_users, "user"), (found.n_new_movies, "movie")) if n]
    if unknown:
        note += f", which knows nothing of {' and '.join(unknown)}: these have the mean of the others"
    note += doubt(ratings, found.factors)
    factors = {**document.factors, kept.active: found.factors}
    return TrainedModel(replace(document, factors=factors, active=kept.active, history={}), note)


def doubt(ratings: Ratings, factors: Factors) -> str:
    """The end of a note on weights which predict clearly worse than the mean rating does, else ""."""
    if ratings.n_ratings < ENOUGH_TO_JUDGE:
        return ""
    some = slice(None, None, -(-ratings.n_ratings // MOST_TO_JUDGE))
    values = ratings.values[some]
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = values - models.predict(factors, ratings.users[some], ratings.movies[some])
        own, mean = float(np.sqrt(np.mean(residuals**2))), float(values.std(dtype=np.float64))
    if own <= CLEARLY_WORSE * max(mean, 0.1):
        return ""
    return (
        f"; they predict these ratings worse than the mean rating does (RMSE {own:.2f} against {mean:.2f}), so they"
        " look untrained"
    )


def npz_document(path: Path) -> Document:
    """The weights of an .npz file with its users and movies, and no ratings at all."""
    from cfgui.io.npz_import import read_npz

    kept = read_npz(path)
    nothing = np.zeros(0, dtype=np.int32)
    ratings = Ratings(kept.user_ids, kept.movie_ids, nothing, nothing, np.zeros(0))
    remark = f"{path.name} holds weights and no ratings: nobody has seen anything."
    return Document(ratings, {kept.factors.model: kept.factors}, active=kept.factors.model, remarks=(remark,))


def _workbook(path: Path, cancelled: Stop) -> Document:
    from cfgui.app.documents import open_document

    document = open_document(path, cancelled=cancelled)
    if document.report is not None:
        raise ValueError(f"{path.name} holds a table of ratings and no weights: give a workbook or an .npz of cfgui's.")
    return document


def newly_trained(
    document: Document,
    hyperparameters: Hyperparameters,
    length: Length,
    *,
    on_report: Callable[[StepReport], None] | None = None,
    stop: Stop = never,
) -> TrainedModel:
    """A model trained on all ratings of ``document``. Raises ValueError where it diverges or there are no ratings."""
    sampling = Sampling(document.ratings, None, 0) if hyperparameters.optimizer == "gibbs" else None
    result = train(
        document,
        hyperparameters,
        steps=length.steps,
        epochs=length.epochs,
        on_report=on_report,
        stop=stop,
        watcher=sampling,
    )
    if result.diverged:
        raise ValueError(result.diverged)
    model = hyperparameters.model
    note = f"{model} trained by {hyperparameters.optimizer}, {counted(result.epoch, 'epoch')}, RMSE {result.rmse:.6g}"
    learnt = replace(document, factors={**document.factors, model: result.factors}, active=model, history={})
    return TrainedModel(learnt, note, None if sampling is None else sampling.samples(result.factors))

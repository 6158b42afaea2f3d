"""A model that has never seen some of the ratings, for what is known of users or movies it meets only afterwards."""

from __future__ import annotations

from dataclasses import replace

from cfgui.app.evaluating import Length, OnReport
from cfgui.app.trained_model import TrainedModel, newly_trained
from cfgui.core.chunks import Interrupted, Stop, never
from cfgui.core.document import Document
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Mask, Ratings
from cfgui.core.split import rows_of


def trained_without(
    document: Document,
    is_hidden: Mask,
    hyperparameters: Hyperparameters,
    length: Length,
    *,
    on_report: OnReport | None = None,
    stop: Stop = never,
) -> tuple[TrainedModel, Ratings]:
    """A model trained on the ratings that ``is_hidden`` (n_ratings,) does not mark, and the others.

    Raises Interrupted where ``stop`` says so, and ValueError as ``newly_trained``.
    """
    learnt = replace(document, ratings=rows_of(document.ratings, ~is_hidden), history={})
    found = newly_trained(learnt, hyperparameters, length, on_report=on_report, stop=stop)
    if stop():
        raise Interrupted
    return found, rows_of(document.ratings, is_hidden)

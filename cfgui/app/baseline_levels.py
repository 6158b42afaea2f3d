"""How well predictions do that know no taste: the levels that a model's RMSE should stay below."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cfgui.app.scope import Scope
from cfgui.core.baselines import BASELINES
from cfgui.core.metrics import errors_of, residuals_of

TIPS = {
    "global mean": "Predicting the mean of all ratings for everybody.",
    "user mean": "Predicting the mean of the user's ratings, whatever the movie.",
    "item mean": "Predicting the mean of the movie's ratings, whoever asks.",
    "bias only": "Predicting mean + bias of the user + bias of the movie: who is generous and what is liked, no taste.",
}
"""What each baseline does, in a sentence."""

QUICK_RATINGS = 20_000
"""Ratings up to which baselines are fitted and measured at once, in some 10 ms."""


class BaselineLevel(NamedTuple):
    """A baseline by its label, what it does, and its RMSE."""

    label: str
    tip: str
    rmse: float


def is_quick(scope: Scope) -> bool:
    """Whether the levels are found in a moment."""
    return scope.ratings.n_ratings <= QUICK_RATINGS


def baseline_levels(scope: Scope, cancelled: Callable[[], bool] = lambda: False) -> tuple[BaselineLevel, ...]:
    """The baselines fitted on the ratings that train, measured by those held out, or by the same where none are.

    Empty where there are none, or where it was cancelled.
    """
    train = scope.ratings
    held_out = None if scope.held is None else scope.held.ratings
    measured_by = train if held_out is None or not held_out.n_ratings else held_out
    where = "training" if measured_by is train else "held-out"
    levels = []
    for name, fit in BASELINES.items():
        if cancelled() or not train.n_ratings:
            return ()
        baseline = fit(train)
        rmse = errors_of(residuals_of(measured_by, baseline)).rmse
        levels.append(BaselineLevel(baseline.label.lower(), f"{TIPS[name]} Over the {where} ratings:", rmse))
    return tuple(levels)

"""Slopes: whether any prediction moves with the weights, so that there is something for training to follow."""

from __future__ import annotations

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import scores
from cfgui.core.optimizer_defaults import SOLVING_ROWS
from cfgui.core.ratings import Indices, Ratings

AT_ONCE = 65_536
"""Ratings looked at together; of a table that has a slope the first of them say so."""


def has_slope(factors: Factors, users: Indices, movies: Indices) -> bool:
    """Whether the prediction of any of these ratings moves with its score.

    Only a clip has none, of scores outside of its range; the loss is flat there in every direction.
    """
    if factors.range.kind != "clip" or factors.classes:
        return True
    for start in range(0, len(users), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        if np.any(factors.range.slope(scores(factors, users[some], movies[some]))):
            return True
    return False


def check_slope(ratings: Ratings, factors: Factors, choices: Hyperparameters) -> None:
    """Raise ValueError, with a sentence for a person, where training would follow a slope and there is none."""
    if choices.optimizer not in SOLVING_ROWS and not has_slope(factors, ratings.users, ratings.movies):
        low, high = factors.range.low, factors.range.high
        raise ValueError(
            f"Every score lies outside of {low:g} to {high:g}, where clipping leaves no slope to follow: choose the"
            " sigmoid range, other starting weights, or the bias model with the global mean."
        )

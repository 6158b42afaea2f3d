"""Freezing: which weights training leaves as they are."""

from __future__ import annotations

import numpy as np

from cfgui.core.factors import Factors
from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.ratings import Floats

FROZEN_TABLES = {
    "none": (),
    "users": ("user_factors", "user_bias"),
    "movies": ("movie_factors", "movie_bias"),
    "both": ("user_factors", "user_bias", "movie_factors", "movie_bias"),
}
"""The tables that each choice of ``freeze`` keeps as they are."""


def free_weights(shape: Factors, choices: Hyperparameters) -> Floats | None:
    """0 for every weight that is to stay and 1 for the others, in the order of ``Factors.flat``; None to train all.

    Raises ValueError where nothing would be left to train.
    """
    frozen = FROZEN_TABLES[choices.freeze]
    if not frozen:
        return None
    named = zip(shape.table_names, shape.tables, strict=True)
    free = np.concatenate([np.full(table.size, 0.0 if name in frozen else 1.0) for name, table in named])
    if not free.any():
        raise ValueError("With users and movies frozen this model has nothing left to train: freeze one side at most.")
    return free

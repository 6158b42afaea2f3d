"""The figures of an evaluation by the names that scripts see, and how each is read out of a score."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from cfgui.app.evaluating import Score

Figure = Callable[[Score], float]
"""Reads one figure; NaN where there is none, as of recommendations that were not judged."""


def _ranked(name: str) -> Figure:
    return lambda score: math.nan if score.ranking is None else float(getattr(score.ranking, name))


FIGURES: Mapping[str, Figure] = {
    "train_mse": lambda score: score.train.mse,
    "train_rmse": lambda score: score.train.rmse,
    "train_mae": lambda score: score.train.mae,
    "valid_mse": lambda score: score.held_out.mse,
    "valid_rmse": lambda score: score.held_out.rmse,
    "valid_mae": lambda score: score.held_out.mae,
    "precision": _ranked("precision"),
    "recall": _ranked("recall"),
    "ndcg": _ranked("ndcg"),
    "coverage": _ranked("coverage"),
    "popularity_share": _ranked("popularity_share"),
}
"""Every figure of a score."""

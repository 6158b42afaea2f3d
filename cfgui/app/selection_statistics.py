"""The numbers of the status bar about a selection."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cfgui.app.blocks import Block
from cfgui.core.models import mean_square
from cfgui.core.ratings import Floats, Mask


@dataclass(frozen=True)
class SelectionStatistics:
    """Count, sum, mean, min and max of the selected numbers (blanks left out).

    ``rmse`` is over those selected cells of ratings or predictions that are rated; None elsewhere, or where none is.
    """

    count: int
    sum: float
    mean: float
    minimum: float
    maximum: float
    rmse: float | None


def selection_statistics(block: Block, selected: Mask) -> SelectionStatistics | None:
    """Statistics of the cells of ``block`` where ``selected`` (same shape) is True; None when no number is selected."""
    values = block.values()[selected]
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    total = _sum(values)
    return SelectionStatistics(
        count=len(values),
        sum=total,
        mean=total / len(values),
        minimum=float(values.min()),
        maximum=float(values.max()),
        rmse=_rmse(block, selected),
    )


def _sum(values: Floats) -> float:
    """The correctly rounded sum; infinite or NaN where the numbers are too large to have one."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        with np.errstate(all="ignore"):
            return float(values.sum())


def _rmse(block: Block, selected: Mask) -> float | None:
    if block.name not in ("ratings", "predictions"):
        return None
    ratings = block.session.ratings
    counted = selected & ratings.rated
    if not counted.any():
        return None
    residuals = ratings.crosstab[counted] - block.session.predictions(block.model)[counted]
    return math.sqrt(mean_square(residuals))

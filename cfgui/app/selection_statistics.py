"""The numbers of the status bar about a selection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cfgui.app.block import Block
from cfgui.app.blocks import PredictionsBlock, RatingsBlock
from cfgui.app.scope import work_of
from cfgui.core.models import mean_square
from cfgui.core.ratings import Floats


@dataclass(frozen=True)
class SelectionStatistics:
    """Count, sum, mean, min and max of the selected numbers (blanks left out).

    ``rmse`` is over those selected cells of ratings or predictions that are rated; None elsewhere, where none is, and
    where so many are selected that predicting them takes longer than a moment.
    """

    count: int
    sum: float
    mean: float
    minimum: float
    maximum: float
    rmse: float | None


MAX_CELLS = 1_000_000
"""Of a larger selection only the number of cells is told."""

MAX_PRODUCTS = 3_000_000
"""Cells times factors up to which predictions are computed in a moment."""

Rectangle = tuple[slice, slice]
"""Rows and columns of a part of a selection."""


def selection_statistics(block: Block, parts: Sequence[Rectangle]) -> SelectionStatistics | None:
    """Statistics of the cells of ``block`` in these rectangles, which do not overlap.

    None when no number is selected, or when there are too many to look at in a moment.
    """
    if _n_cells(parts) > MAX_CELLS or (block.name == "predictions" and not _is_quick(block, parts)):
        return None
    tables = [block.part(*part).ravel() for part in parts]
    values = np.concatenate(tables) if tables else np.zeros(0)
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
        rmse=_rmse(block, parts),
    )


def _sum(values: Floats) -> float:
    """The correctly rounded sum; infinite or NaN where the numbers are too large to have one."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        with np.errstate(all="ignore"):
            return float(values.sum())


def _n_cells(parts: Sequence[Rectangle]) -> int:
    return sum((rows.stop - rows.start) * (columns.stop - columns.start) for rows, columns in parts)


def _is_quick(block: Block, parts: Sequence[Rectangle]) -> bool:
    """Whether the predictions of these cells are computed in a moment."""
    return _n_cells(parts) * work_of(block.factors) <= MAX_PRODUCTS


def _rmse(block: Block, parts: Sequence[Rectangle]) -> float | None:
    if block.name not in ("ratings", "predictions") or not _is_quick(block, parts):
        return None
    rated, predicted = RatingsBlock(block.session, block.model), PredictionsBlock(block.session, block.model)
    residuals = np.concatenate([(rated.part(*part) - predicted.part(*part)).ravel() for part in parts])
    residuals = residuals[~np.isnan(residuals)]
    return math.sqrt(mean_square(residuals)) if len(residuals) else None

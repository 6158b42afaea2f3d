"""What is drawn under the number of a prediction: how sure the model is of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from cfgui.app.block import Block
from cfgui.app.blocks import PredictionsBlock
from cfgui.core.ratings import Floats
from cfgui.gui.appearance import Appearance
from cfgui.gui.theme import Theme

Overlay = Callable[[QPainter, int, int, QRect], None]
"""(painter, row, column, cell): rows and columns counted from the first cell painted."""

WHOLE = 0.4
"""The standard deviation, as a share of the rating scale, whose bar is as wide as the cell."""

SHADE = 0.34
"""How dark the bars under a number are, from 0 to 1: it must stay the easiest to read."""


def make_overlay(block: Block, appearance: Appearance, theme: Theme, rows: slice, columns: slice) -> Overlay | None:
    """What to draw in the cells of a rectangle of ``block`` before their texts; None where there is nothing."""
    if not appearance.uncertainty or not isinstance(block, PredictionsBlock):
        return None
    shares = block.shares(rows, columns)
    if shares is not None:
        return _shares(shares, theme)
    spread = block.spread(rows, columns)
    if spread is None:
        return None
    low, high = block.session.ratings.scale
    return _spread(spread, max(high - low, 1e-9) * WHOLE, theme)


def _shares(shares: Floats, theme: Theme) -> Overlay:
    """A bar for each rating value from left to right, as tall as it is probable."""
    color = QColor(theme.accent)
    color.setAlphaF(SHADE)

    def paint(painter: QPainter, row: int, column: int, cell: QRect) -> None:
        heights = shares[row, column].tolist()
        edges = [cell.left() + round(cell.width() * place / len(heights)) for place in range(len(heights) + 1)]
        for place, share in enumerate(heights):
            height = round(share * cell.height()) if share == share else 0  # noqa: PLR0124 - NaN alone differs
            if height:
                left = edges[place]
                painter.fillRect(left, cell.bottom() + 1 - height, max(edges[place + 1] - left - 1, 1), height, color)

    return paint


def _spread(spread: Floats, whole: float, theme: Theme) -> Overlay:
    """A thin bar at the foot of the cell, as wide as the prediction is uncertain."""

    def paint(painter: QPainter, row: int, column: int, cell: QRect) -> None:
        width = round(min(float(spread[row, column]) / whole, 1.0) * cell.width())
        painter.fillRect(cell.left(), cell.bottom() - 1, width, 2, theme.accent)

    return paint

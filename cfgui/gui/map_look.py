"""The colours of a map in a look, and the legend that says what they mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from cfgui.app.map_colours import LEVELS, NO_LEVEL, MapColours
from cfgui.core.label_layout import Box
from cfgui.core.ratings import Floats
from cfgui.gui.theme import Theme, mixed

GROUP_COLOURS = {
    "light": ("#1a67ba", "#c25700", "#23824a", "#8e44ad", "#b3261e", "#7a6a00", "#00808a", "#c2407e"),
    "dark": ("#62a8f2", "#f0a35c", "#6fce8f", "#c9a6f5", "#ff938a", "#d8c84a", "#4fd0d8", "#f58abb"),
}
"""Of groups, each at least 3:1 against the ground of a plot."""

BAR = QRectF(0.0, 0.0, 132.0, 8.0)
"""The strip of a colour scale."""

PADDING = 6.0


def _scale_colour(theme: Theme, share: float) -> QColor:
    """The colour ``share`` (0 to 1) of the way up a scale: orange, grey in the middle, blue.

    As in the cells of the sheet, but strong enough for small points.
    """
    middle = theme.faint_curve
    if share < 0.5:
        return mixed(theme.edit_text if theme.name == "dark" else QColor("#c25700"), middle, share * 2.0)
    return mixed(middle, theme.accent, share * 2.0 - 1.0)


def palette_of(theme: Theme, colours: MapColours) -> NDArray[np.uint32]:
    """(256,) 0xffRRGGBB by level."""
    table = np.full(256, mixed(theme.faint_curve, theme.plot_background, 0.55).rgb(), dtype=np.uint32)
    if not colours.groups:
        table[:LEVELS] = [_scale_colour(theme, level / (LEVELS - 1)).rgb() for level in range(LEVELS)]
    else:
        table[: len(colours.groups)] = [QColor(name).rgb() for name in GROUP_COLOURS[theme.name][: len(colours.groups)]]
    return table


def emptiest(boxes: Sequence[Box], pixels: Floats, kept: int) -> int:
    """The box that holds the fewest of (n, 2) ``pixels``; the one ``kept``, unless another holds less than half."""
    held = [
        int(((pixels >= (left, top)) & (pixels <= (right, bottom))).all(axis=1).sum())
        for left, top, right, bottom in boxes
    ]
    fewest = min(held)
    return kept if held[kept] <= 2 * fewest else held.index(fewest)


class Legend:
    """What the colours of a map mean, for one of its corners."""

    def __init__(self, colours: MapColours, theme: Theme, metrics: QFontMetrics) -> None:
        self._colours, self._theme, self._metrics = colours, theme, metrics
        self._line = float(metrics.height())

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says: the caption, and the ends and the middle of the scale or the names of the groups."""
        colours = self._colours
        if colours.groups:
            rest = ("others",) if (colours.levels == NO_LEVEL).any() else ()
            return (colours.caption, *colours.groups, *rest)
        if not len(colours.levels) or not math.isfinite(colours.low):
            return (colours.caption,)
        ends = (colours.low, colours.middle, colours.high)
        return (colours.caption, *(f"{value:,.{colours.digits}f}" for value in ends))

    def box(self, left: float, bottom: float) -> Box:
        """Where it goes, with its lower left corner at this pixel."""
        texts = self.texts
        if self._colours.groups:
            width = max(self._metrics.horizontalAdvance(text) for text in texts) + 16.0
            height = len(texts) * self._line
        else:
            width, height = max(BAR.width(), float(self._metrics.horizontalAdvance(texts[0]))), 2 * self._line + 12.0
        return left, bottom - height - 2 * PADDING, left + width + 2 * PADDING, bottom

    def corners(self, width: float, height: float) -> tuple[Box, Box, Box, Box]:
        """Its places in the corners of a room of this size: lower left, lower right, upper left, upper right."""
        left, top, right, bottom = self.box(0.0, height)
        across, up = width - right, -top
        return (
            (left, top, right, bottom),
            (left + across, top, right + across, bottom),
            (left, top + up, right, bottom + up),
            (left + across, top + up, right + across, bottom + up),
        )

    def paint(self, painter: QPainter, box: Box) -> None:
        """Draw it there."""
        veil = QColor(self._theme.plot_background)
        veil.setAlpha(215)
        painter.fillRect(QRectF(box[0], box[1], box[2] - box[0], box[3] - box[1]), veil)
        painter.setPen(self._theme.muted)
        x, y = box[0] + PADDING, box[1] + PADDING
        texts = self.texts
        painter.drawText(QPointF(x, y + self._metrics.ascent()), texts[0])
        if self._colours.groups:
            self._paint_groups(painter, x, y + self._line, texts[1:])
        else:
            self._paint_scale(painter, x, y + self._line + 3.0, texts[1:])

    def _paint_groups(self, painter: QPainter, x: float, y: float, names: tuple[str, ...]) -> None:
        table = palette_of(self._theme, self._colours)
        for place, name in enumerate(names):
            level = place if place < len(self._colours.groups) else NO_LEVEL
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor.fromRgb(int(table[level])))
            painter.drawEllipse(QPointF(x + 4.0, y + self._line / 2.0), 4.0, 4.0)
            painter.setPen(self._theme.text)
            painter.drawText(QPointF(x + 14.0, y + self._metrics.ascent()), name)
            y += self._line

    def _paint_scale(self, painter: QPainter, x: float, y: float, ends: tuple[str, ...]) -> None:
        step = BAR.width() / LEVELS
        for level in range(LEVELS):
            colour = _scale_colour(self._theme, level / (LEVELS - 1))
            painter.fillRect(QRectF(x + level * step, y, step + 0.5, BAR.height()), colour)
        painter.setPen(self._theme.text)
        room = QRectF(x, y + BAR.height() + 1.0, BAR.width(), self._line)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for side, text in zip(sides, ends, strict=False):
            painter.drawText(room, side | Qt.AlignmentFlag.AlignTop, text)

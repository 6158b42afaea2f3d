"""The curve from a score to a prediction, drawn: what the rating range does."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from cfgui.core.rating_range import RatingRange
from cfgui.gui.theme import current_theme, mixed

REACHES = {"sigmoid": 6.0, "tanh": 3.0}
"""How far from 0 scores are drawn; of the others, as far as the ratings and the range reach."""

N_POINTS = 161


class RangeCurve(QWidget):
    """Scores to the right, predictions upwards, the ends of the range dashed, the scale of the ratings shaded."""

    def __init__(self) -> None:
        super().__init__()
        self.rating_range, self.scale = RatingRange(), (0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Range curve")

    def show_range(self, rating_range: RatingRange, scale: tuple[float, float]) -> None:
        """Draw another range over ratings from ``scale[0]`` to ``scale[1]``."""
        self.rating_range, self.scale = rating_range, scale
        words = rating_range.formula or "the score itself"
        text = f"Prediction = {words}. Shaded: the ratings, from {scale[0]:g} to {scale[1]:g}."
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self.update()

    def sizeHint(self) -> QSize:
        """Small: a shape and four numbers."""
        return QSize(200, 112)

    def reach(self) -> tuple[float, float]:
        """The lowest and the highest score drawn."""
        if self.rating_range.kind in REACHES:
            wide = REACHES[self.rating_range.kind]
            return -wide, wide
        low, high = self._ends()
        return math.floor(low) - 1.0, math.ceil(high) + 1.0

    def heights(self) -> tuple[float, float]:
        """The lowest and the highest prediction drawn: the range, the ratings and a margin."""
        low, high = self._ends()
        margin = 0.12 * (high - low) or 1.0
        return low - margin, high + margin

    def _ends(self) -> tuple[float, float]:
        """The lowest and the highest of what the range and the ratings reach."""
        ends = [*self.scale]
        if self.rating_range.kind != "none":
            ends += [self.rating_range.low, self.rating_range.high]
        return min(ends), max(ends)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The whole little plot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, line = current_theme(), self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance("-00.0") + 6
        plot = QRectF(left, 3, self.width() - left - 4, self.height() - line - 8)
        painter.fillRect(plot, theme.plot_background)
        place = _Place(plot, self.reach(), self.heights())
        painter.save()
        painter.setClipRect(plot)
        self._draw_scale(painter, place, mixed(theme.plot_background, theme.high, 0.35))
        self._draw_ends(painter, place, theme.muted)
        painter.setPen(QPen(theme.curve, 1.8))
        painter.drawPolyline(self._curve(place))
        painter.restore()
        painter.setPen(QPen(theme.grid, 1))
        painter.drawRect(plot)
        painter.setPen(theme.muted)
        self._write(painter, place, left, line)
        painter.end()

    def _draw_scale(self, painter: QPainter, place: _Place, colour: QColor) -> None:
        top, bottom = place.y(self.scale[1]), place.y(self.scale[0])
        painter.fillRect(QRectF(place.plot.left(), top, place.plot.width(), bottom - top), colour)

    def _draw_ends(self, painter: QPainter, place: _Place, colour: QColor) -> None:
        if self.rating_range.kind == "none":
            return
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
        for end in (self.rating_range.low, self.rating_range.high):
            painter.drawLine(QPointF(place.plot.left(), place.y(end)), QPointF(place.plot.right(), place.y(end)))

    def _curve(self, place: _Place) -> QPolygonF:
        scores = np.linspace(*self.reach(), N_POINTS)
        predictions = self.rating_range.apply(scores)
        pairs = zip(scores.tolist(), predictions.tolist(), strict=True)
        return QPolygonF([QPointF(place.x(score), place.y(value)) for score, value in pairs])

    def _write(self, painter: QPainter, place: _Place, left: int, line: int) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        kind = self.rating_range.kind
        ends = self.scale if kind == "none" else (self.rating_range.low, self.rating_range.high)
        for end in ends:
            middle = min(max(place.y(end), place.plot.top() + line / 2), place.plot.bottom() - line / 2)
            painter.drawText(QRectF(0, middle - line / 2, left - 5, line), right, _number(end))
        below = QRectF(place.plot.left(), place.plot.bottom() + 1, place.plot.width(), line + 2)
        first, last = self.reach()
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, _number(first))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "score")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, _number(last))


class _Place:
    """Where scores and predictions lie in a rectangle."""

    def __init__(self, plot: QRectF, reach: tuple[float, float], heights: tuple[float, float]) -> None:
        self.plot, self._reach, self._heights = plot, reach, heights

    def x(self, score: float) -> float:
        return self.plot.left() + _share(score, self._reach) * self.plot.width()

    def y(self, prediction: float) -> float:
        return self.plot.bottom() - _share(prediction, self._heights) * self.plot.height()


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return (value - low) / (high - low) if high > low and math.isfinite(value) else 0.0


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "−")

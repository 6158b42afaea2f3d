"""The axes of a map: thin lines at round numbers, and what each axis is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from cfgui.app.map_points import MapPoints
from cfgui.app.map_words import axis_name, axis_words
from cfgui.app.number_columns import with_minus
from cfgui.gui.loss_axes import even_ticks
from cfgui.gui.map_viewport import Viewport
from cfgui.gui.theme import Theme

MARGIN_LEFT, MARGIN_TOP, MARGIN_RIGHT, MARGIN_BOTTOM = 40, 20, 8, 36
"""Pixels around the map for its axes."""

TICK_PIXELS = 80
"""Room between two ticks."""

_ALIGN = Qt.AlignmentFlag


def paint_axes(painter: QPainter, points: MapPoints, seen: Viewport, theme: Theme, metrics: QFontMetrics) -> None:
    """Draw frame, lines, numbers and names; nothing upwards where there is only one axis."""
    room, line = QRectF(seen.x, seen.y, seen.width, seen.height), metrics.height()
    painter.setPen(theme.grid)
    painter.drawRect(room)
    for value in even_ticks(seen.left, seen.right, max(2, int(room.width() / TICK_PIXELS))):
        x = float(seen.to_pixels(np.array([[value, 0.0]]))[0, 0])
        painter.setPen(_pen(theme, value))
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        painter.setPen(theme.muted)
        painter.drawText(QRectF(x - 40, room.bottom() + 1, 80, line), _ALIGN.AlignHCenter, with_minus(f"{value:.4g}"))
    below = QRectF(room.left(), room.bottom() + line, room.width(), line)
    painter.drawText(below, _ALIGN.AlignRight, f"{axis_words(points, 0)}  →")
    if not axis_name(points, 1):
        return
    painter.drawText(QRectF(2, 2, room.width(), line), _ALIGN.AlignLeft, f"↑  {axis_words(points, 1)}")
    for value in even_ticks(seen.bottom, seen.top, max(2, int(room.height() / TICK_PIXELS))):
        y = float(seen.to_pixels(np.array([[0.0, value]]))[0, 1])
        painter.setPen(_pen(theme, value))
        painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        painter.setPen(theme.muted)
        beside = QRectF(0, y - line / 2, room.left() - 3, line)
        painter.drawText(beside, _ALIGN.AlignRight | _ALIGN.AlignVCenter, with_minus(f"{value:.4g}"))


def _pen(theme: Theme, value: float) -> QPen:
    """Of a line: that through 0 is stronger."""
    return QPen(theme.grid, 1.5 if abs(value) < 1e-12 else 0.6)

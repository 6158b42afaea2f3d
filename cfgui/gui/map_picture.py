"""MapPicture: draws a map, its axes, names and legend, and knows which point is where on the screen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from cfgui.app.map_points import MapPoints, Places
from cfgui.core.label_layout import Box
from cfgui.core.ratings import Floats
from cfgui.gui.map_axes import MARGIN_BOTTOM, MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, paint_axes
from cfgui.gui.map_look import Legend, emptiest, palette_of
from cfgui.gui.map_names import MapNames, Mark
from cfgui.gui.map_raster import FEW, draw_points, radius_of
from cfgui.gui.map_viewport import Viewport
from cfgui.gui.theme import Theme, current_theme

NEAR = 9.0
"""Pixels within which the mouse means a point."""


class MapPicture(QWidget):
    """The points of a map; hands over no decision of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: MapPoints | None = None
        self.viewport = Viewport()
        self.mark: Mark | None = None
        self.outline: Floats = np.zeros((0, 2))
        self.names = MapNames()
        self._theme = current_theme()
        self._pixels: Floats = np.zeros((0, 2))
        self._image: QImage | None = None
        self._corner = 0
        self._fitted = True
        self.setMinimumSize(260, 220)

    # What it shows

    @property
    def is_fitted(self) -> bool:
        """Whether the part seen follows the points; False once a person moved it."""
        return self._fitted

    def set_points(self, points: MapPoints) -> None:
        """Draw these; a part that a person chose is kept, unless it is a map of something else."""
        before = self.points
        same = before is not None and (
            before.choice.side == points.choice.side
            and (before.choice.axes, before.components) == (points.choice.axes, points.components)
            and before.owners.ids is points.owners.ids
        )
        self.points = points
        if before is None or before.indices is not points.indices:
            self.names.forget()
        if not same:
            self._fitted, self.outline = True, np.zeros((0, 2))
        if self.mark is not None:
            index = None if before is None else _same_one(before, points, self.mark.index)
            self.mark = None if index is None else Mark(index, points.place_of(index))
        self._changed()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self._image = None
        self.update()

    def set_mark(self, mark: Mark | None) -> None:
        """Pick somebody out by a ring and the name; nobody with None."""
        self.mark = mark
        self._lay_labels()
        self.update()

    def set_outline(self, outline: Floats) -> None:
        """Draw a lasso through these (m, 2) places; none with no corners."""
        self.outline = outline
        self.update()

    def move_to(self, viewport: Viewport) -> None:
        """See another part, as a person chose."""
        if self.points is not None and viewport.allowed(self.points.bounds):
            self.viewport, self._fitted = viewport, False
            self._changed()

    def fit(self) -> None:
        """See all points again, and follow them."""
        self._fitted = True
        self._changed()

    # Where things are

    def nearest(self, x: float, y: float) -> int | None:
        """The position of the point nearest to a pixel, None where none is near; of equals the most rated."""
        if not len(self._pixels) or not self.viewport.holds(x, y):
            return None
        distances = ((self._pixels - (x, y)) ** 2).sum(axis=1)
        best = int(distances.argmin())
        return best if distances[best] <= NEAR**2 else None

    def in_view(self) -> Places:
        """Positions of the points in sight, the most rated first."""
        if self.points is None:
            return np.zeros(0, dtype=np.intp)
        seen = self.viewport
        return self.points.within(seen.left, seen.bottom, seen.right, seen.top)

    def pixel_of(self, position: int) -> QPointF:
        """Where a point is drawn."""
        return QPointF(*self._pixels[position].tolist())

    def _changed(self) -> None:
        """The points or the part seen are others: everything is laid out anew."""
        self.viewport = self.viewport.on_pixels(
            MARGIN_LEFT,
            MARGIN_TOP,
            self.width() - MARGIN_LEFT - MARGIN_RIGHT,
            self.height() - MARGIN_TOP - MARGIN_BOTTOM,
        )
        self._image = None
        if self.points is not None:
            if self._fitted:
                self.viewport = self.viewport.fitted(self.points.bounds)
            with np.errstate(over="ignore", invalid="ignore"):
                self._pixels = self.viewport.to_pixels(self.points.places)
        self._lay_labels()
        self.update()

    def _label_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        return font

    def _lay_labels(self) -> None:
        if self.points is not None:
            metrics = QFontMetrics(self._label_font())
            corner = self._place_legend(Legend(self.points.colours, self._theme, metrics))
            self.names.lay(self.points, self.in_view(), self._pixels, self.viewport, self.mark, metrics, corner)

    def _place_legend(self, legend: Legend) -> Box:
        """Where the legend hides the fewest points; while a person moves the map it stays in its corner."""
        seen = self.viewport
        corners = legend.corners(seen.width, seen.height)
        if self._fitted:
            self._corner = emptiest(corners, self._pixels - (seen.x, seen.y), self._corner)
        return corners[self._corner]

    # Drawing

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The same part on other pixels."""
        super().resizeEvent(event)
        self._changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, axes, points, names, legend, lasso, mark."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.plot_background)
        if self.points is None:
            painter.setPen(self._theme.muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The map is being drawn…")
        else:
            self._paint(painter, self.points)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # a sharp line of one pixel
            painter.setPen(self._theme.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint(self, painter: QPainter, points: MapPoints) -> None:
        seen = self.viewport
        room = QRectF(seen.x, seen.y, seen.width, seen.height)
        font = self._label_font()
        painter.setFont(font)
        metrics = QFontMetrics(font)
        paint_axes(painter, points, seen, self._theme, metrics)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(room, self._drawn(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(room)
        self._paint_outline(painter)
        self._paint_mark(painter, points)
        self.names.paint(painter, seen, self.mark, self._theme, metrics)
        painter.restore()
        legend = Legend(points.colours, self._theme, metrics)
        painter.save()
        painter.translate(seen.x, seen.y)
        legend.paint(painter, legend.corners(seen.width, seen.height)[self._corner])
        painter.restore()

    def _drawn(self, points: MapPoints) -> QImage:
        if self._image is None:
            seen, table = self.viewport, palette_of(self._theme, points.colours)
            sharpness = self.devicePixelRatioF() * (2.0 if len(points) <= FEW else 1.0)
            order = points.painting_order
            pixels = self._pixels[order] - (seen.x, seen.y)
            colours = table[points.colours.levels[order]]
            radius = radius_of(len(points))
            self._image = draw_points(pixels, colours, round(seen.width), round(seen.height), radius, sharpness)
        return self._image

    def _paint_outline(self, painter: QPainter) -> None:
        if len(self.outline) < 2:
            return
        pen = QPen(self._theme.accent, 1.2, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in self.viewport.to_pixels(self.outline).tolist()]))

    def _paint_mark(self, painter: QPainter, points: MapPoints) -> None:
        if self.mark is None:
            return
        x, y = self.viewport.to_pixels(np.array([self.mark.place]))[0].tolist()
        painter.setPen(QPen(self._theme.accent, 2.0))
        if points.position_of(self.mark.index) is None:  # no point of its own: it is filled, to be seen at all
            painter.setBrush(self._theme.accent)
            painter.drawEllipse(QPointF(x, y), 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, y), 8.0, 8.0)


def _same_one(before: MapPoints, points: MapPoints, index: int) -> int | None:
    """Where the movie or user at ``index`` of the table before stands now: rows may have come or gone."""
    if before.choice.side != points.choice.side:
        return None
    known, ids = before.owners.ids, points.owners.ids
    if known is ids or (index < len(ids) and known[index] == ids[index]):
        return index
    return ids.index(known[index]) if known[index] in ids else None

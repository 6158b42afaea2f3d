"""MapPicture: draws a map, its axes, names and legend, and knows which point is where on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from cfgui.app.map_colours import NO_LEVEL
from cfgui.app.map_points import MapPoints, Places
from cfgui.app.map_words import axis_name, axis_words, full_name, short_name
from cfgui.core.label_layout import Label, place_labels
from cfgui.core.ratings import Floats
from cfgui.gui.loss_axes import even_ticks
from cfgui.gui.map_look import Legend, palette_of
from cfgui.gui.map_raster import FEW, draw_points, radius_of
from cfgui.gui.map_viewport import Viewport
from cfgui.gui.theme import Theme, current_theme

MARGIN_LEFT, MARGIN_TOP, MARGIN_RIGHT, MARGIN_BOTTOM = 40, 20, 8, 36
"""Pixels around the map for its axes."""

TICK_PIXELS = 80
"""Room between two ticks."""

NAMED = 260
"""Points in sight whose names are tried; those that find no room are left out."""

NEAR = 9.0
"""Pixels within which the mouse means a point."""


@dataclass(frozen=True)
class Mark:
    """Who is picked out: an index in the table, whether it is among the points of the map or not, and its place."""

    index: int
    place: tuple[float, float]


class MapPicture(QWidget):
    """The points of a map; hands over no decision of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: MapPoints | None = None
        self.viewport = Viewport()
        self.mark: Mark | None = None
        self.outline: Floats = np.zeros((0, 2))
        self.labels: list[Label] = []
        self._theme = current_theme()
        self._pixels: Floats = np.zeros((0, 2))
        self._image: QImage | None = None
        self._named: list[int] = []
        self._names: dict[int, tuple[str, float]] = {}
        self._fitted = True
        self.setMinimumSize(260, 220)

    # What it shows

    @property
    def is_fitted(self) -> bool:
        """Whether the part seen follows the points; False once a person moved it."""
        return self._fitted

    @property
    def shown_names(self) -> list[str]:
        """The names drawn on the map."""
        return [self._names[self._named[label.number]][0] for label in self.labels]

    def set_points(self, points: MapPoints) -> None:
        """Draw these; a part that a person chose is kept, unless it is a map of something else."""
        before = self.points
        same = before is not None and (
            before.choice.side == points.choice.side
            and (before.choice.axes, before.components) == (points.choice.axes, points.components)
            and before.reading.ratings is points.reading.ratings
        )
        self.points = points
        if before is None or before.indices is not points.indices:
            self._names = {}
        if not same:
            self._fitted, self.outline = True, np.zeros((0, 2))
        if self.mark is not None:
            stays = (
                before is not None and before.choice.side == points.choice.side and self.mark.index < points.n_owners
            )
            self.mark = Mark(self.mark.index, points.place_of(self.mark.index)) if stays else None
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

    # Names

    def _label_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        return font

    def _lay_labels(self) -> None:
        """Names for whom there is room: who is picked out, then the ends of the axes, then by number of ratings."""
        self.labels, self._named = [], []
        points = self.points
        if points is None:
            return
        seen = self.in_view()
        ends = [place for end in points.ends for place in end.positions.tolist()]
        visible = set(seen[np.isin(seen, ends)].tolist())
        positions = [*(place for place in ends if place in visible), *seen[:NAMED].tolist()]
        order = list(dict.fromkeys(positions))
        indices, pixels = points.indices[order].tolist(), self._pixels[order]
        if self.mark is not None:
            others = [number for number, index in enumerate(indices) if index != self.mark.index]
            indices = [self.mark.index, *(indices[number] for number in others)]
            pixels = np.vstack((self.viewport.to_pixels(np.array([self.mark.place])), pixels[others]))
        pixels = pixels - (self.viewport.x, self.viewport.y)
        metrics = QFontMetrics(self._label_font())
        widths = [self._name(index, metrics)[1] for index in indices]
        corner = Legend(points.colours, self._theme, metrics).box(0.0, self.viewport.height)
        room = (self.viewport.width, self.viewport.height)
        gap = radius_of(len(points)) + 2.0
        found = [(float(x), float(y)) for x, y in pixels.tolist()]
        self._named = indices
        self.labels = place_labels(found, widths, metrics.height() - 1.0, room, gap=gap, taken=[corner])

    def _name(self, index: int, metrics: QFontMetrics) -> tuple[str, float]:
        """The name of a movie or user on the map, and how wide it is."""
        if index not in self._names:
            assert self.points is not None
            name = short_name(self.points.reading.ratings, self.points.choice.side, index)
            self._names[index] = name, float(metrics.horizontalAdvance(name)) + 2.0
        return self._names[index]

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
        self._paint_axes(painter, points, room, metrics)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(room, self._drawn(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(room)
        self._paint_outline(painter)
        self._paint_mark(painter, points)
        self._paint_labels(painter, metrics)
        painter.restore()
        Legend(points.colours, self._theme, metrics).paint(painter, seen.x, seen.y + seen.height)

    def _drawn(self, points: MapPoints) -> QImage:
        if self._image is None:
            seen, table = self.viewport, palette_of(self._theme, points.colours)
            sharpness = self.devicePixelRatioF() * (2.0 if len(points) <= FEW else 1.0)
            # those without a colour of their own go behind the others
            order = np.argsort(points.colours.levels == NO_LEVEL, kind="stable")
            pixels = self._pixels[order] - (seen.x, seen.y)
            colours = table[points.colours.levels[order]]
            radius = radius_of(len(points))
            self._image = draw_points(pixels, colours, round(seen.width), round(seen.height), radius, sharpness)
        return self._image

    def _paint_axes(self, painter: QPainter, points: MapPoints, room: QRectF, metrics: QFontMetrics) -> None:
        seen, theme = self.viewport, self._theme
        bottom, left = room.bottom(), room.left()
        painter.setPen(theme.grid)
        painter.drawRect(room)
        line = metrics.height()
        for value in even_ticks(seen.left, seen.right, max(2, int(room.width() / TICK_PIXELS))):
            x = float(seen.to_pixels(np.array([[value, 0.0]]))[0, 0])
            painter.setPen(QPen(theme.grid, 1.5 if abs(value) < 1e-12 else 0.6))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, bottom))
            painter.setPen(theme.muted)
            painter.drawText(QRectF(x - 40, bottom + 1, 80, line), Qt.AlignmentFlag.AlignHCenter, f"{value:.4g}")
        painter.drawText(
            QRectF(left, bottom + line, room.width(), line), Qt.AlignmentFlag.AlignRight, f"{axis_words(points, 0)}  →"
        )
        if not axis_name(points, 1):
            return
        painter.drawText(QRectF(2, 2, room.width(), line), Qt.AlignmentFlag.AlignLeft, f"↑  {axis_words(points, 1)}")
        for value in even_ticks(seen.bottom, seen.top, max(2, int(room.height() / TICK_PIXELS))):
            y = float(seen.to_pixels(np.array([[0.0, value]]))[0, 1])
            painter.setPen(QPen(theme.grid, 1.5 if abs(value) < 1e-12 else 0.6))
            painter.drawLine(QPointF(left, y), QPointF(room.right(), y))
            painter.setPen(theme.muted)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - line / 2, left - 3, line), right, f"{value:.4g}")

    def _paint_labels(self, painter: QPainter, metrics: QFontMetrics) -> None:
        veil = QColor(self._theme.plot_background)
        veil.setAlpha(170)
        for label in self.labels:
            index = self._named[label.number]
            x, y = label.box[0] + self.viewport.x, label.box[1] + self.viewport.y
            box = QRectF(x, y, label.box[2] - label.box[0], label.box[3] - label.box[1])
            marked = self.mark is not None and index == self.mark.index
            painter.fillRect(box, veil)
            painter.setPen(self._theme.accent if marked else self._theme.text)
            painter.drawText(QPointF(x + 1.0, y + metrics.ascent()), self._names[index][0])

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

    def name_of(self, position: int) -> str:
        """The whole name of a point."""
        assert self.points is not None
        points = self.points
        return full_name(points.reading.ratings, points.choice.side, int(points.indices[position]))

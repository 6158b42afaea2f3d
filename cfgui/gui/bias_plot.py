"""The plot itself of bias against mean: its points, the line through them, the ring around one, and the names."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from cfgui.core.ratings import Floats
from cfgui.core.standings import Places, Standings
from cfgui.gui.name_layer import Name, NameLayer
from cfgui.gui.plot_items import thin_pen
from cfgui.gui.theme import Theme

MOST_DRAWN = 10_000
"""Points that are drawn at most: of more, those with the most ratings."""

REACH = 10.0
"""Pixels from a point within which the mouse means it."""

Names = Callable[[int], str]


class BiasPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Mean rating to the right, bias upwards. Those with fewer ratings than the minimum are small and grey."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axes = {"left": pg.AxisItem("left"), "bottom": pg.AxisItem("bottom")}
        super().__init__(parent, axisItems=dict(self._axes), enableMenu=False)
        self.found: Standings | None = None
        self._drawn: Places = np.zeros(0, dtype=np.intp)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self.getPlotItem()
        item.hideButtons()
        item.setContentsMargins(0, 4, 8, 2)
        item.disableAutoRange()
        for axis in self._axes.values():
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickTextOffset=3)
        self._axes["left"].setWidth(46)
        self.line_item = pg.PlotDataItem(antialias=True)
        self.few_item, self.many_item, self.named_item, self.ring_item = (
            pg.ScatterPlotItem(size=size, pxMode=True) for size in (4, 5, 8, 14)
        )
        for part in (self.few_item, self.many_item, self.line_item, self.named_item, self.ring_item):
            item.addItem(part, ignoreBounds=True)
        self.names = NameLayer(self)
        self._name_of: Names = str
        self._named: tuple[int, ...] = ()
        self._current: int | None = None
        item.getViewBox().sigRangeChanged.connect(self.place_names)
        item.getViewBox().geometryChanged.connect(self.place_names)  # only now points are where they will be drawn

    def show_points(self, found: Standings | None, named: tuple[int, ...], name_of: Names) -> None:
        """Draw these; ``named`` are larger and have their names beside them."""
        self.found, self._named, self._name_of = found, named, name_of
        self._drawn = _drawn(found)
        if found is None or found.bias is None:
            for item in (self.few_item, self.many_item, self.named_item, self.line_item):
                item.setData([], [])
            return
        many = found.counts[self._drawn] >= found.min_ratings
        kinds = (self.few_item, self._drawn[~many]), (self.many_item, self._drawn[many])
        for item, places in (*kinds, (self.named_item, np.array(named, dtype=np.intp))):
            item.setData(found.means[places], found.bias[places])
        self._draw_line(found)

    @property
    def n_drawn(self) -> int:
        """How many points there are: those with the most ratings, where they are more than ``MOST_DRAWN``."""
        return len(self._drawn)

    def mark(self, current: int | None) -> None:
        """A ring around this one, and its name first."""
        at = self._point(current)
        self._current = None if at is None else current
        self.ring_item.setData(*(([], []) if at is None else ([at[0]], [at[1]])))
        self.place_names()

    def fit(self) -> None:
        """See all points."""
        x, y = (1.0, 5.0), (-1.0, 1.0)
        if self.found is not None and self.found.bias is not None and len(self._drawn):
            x, y = _around(self.found.means[self._drawn]), _around(self.found.bias[self._drawn])
        self.getViewBox().setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.setBackground(theme.plot_background)
        for name, words in (("left", "bias"), ("bottom", "mean rating")):
            axis = self._axes[name]
            axis.setPen(theme.faint_curve)
            axis.setTextPen(theme.muted)
            axis.setLabel(words, color=theme.muted.name())
            axis.setGrid(50)
        for item, colour, alpha in ((self.few_item, theme.faint_curve, 110), (self.many_item, theme.curve, 170)):
            item.setPen(None)
            item.setBrush(_faded(colour, alpha))
        self.line_item.setPen(thin_pen(theme.muted, Qt.PenStyle.DashLine))
        self.named_item.setPen(thin_pen(theme.text))
        self.named_item.setBrush(theme.curve)
        self.ring_item.setPen(thin_pen(theme.text))
        self.ring_item.setBrush(_faded(theme.text, 0))
        self.names.apply_theme(theme)

    def index_at(self, position: QPointF) -> int | None:
        """Whom a place of the scene means: a name there, else the nearest point within reach; None for nobody."""
        room = self.room
        if not len(self._drawn) or not room.contains(position):
            return None
        named = self.names.at(QPointF(position.x() - room.left(), position.y() - room.top()))
        if named is not None:
            return named
        x, y = self.pixels(self._drawn)
        far = np.hypot(x - position.x(), y - position.y())
        nearest = int(np.argmin(far))
        return int(self._drawn[nearest]) if far[nearest] <= REACH else None

    @property
    def room(self) -> QRectF:
        """Where points are drawn, in pixels of the scene."""
        box = self.getViewBox()
        return QRectF(box.mapRectToScene(box.rect()))

    def pixels(self, places: Places) -> tuple[Floats, Floats]:
        """(x, y) of some points in the scene."""
        assert self.found is not None
        assert self.found.bias is not None
        (left, right), (low, high) = self.getViewBox().viewRange()
        room = self.room
        x = room.left() + (self.found.means[places] - left) / (right - left) * room.width()
        y = room.bottom() - (self.found.bias[places] - low) / (high - low) * room.height()
        return x, y

    def place_names(self, *_: object) -> None:
        """Let the names find their room; that of the one marked first."""
        room = self.room
        self.names.setGeometry(room.toRect())
        asked = [index for index in self._named if index != self._current]
        if self._current is not None:
            asked = [self._current, *asked]
        if self.found is None or self.found.bias is None or not asked:
            self.names.show_names(())
            return
        x, y = self.pixels(np.array(asked, dtype=np.intp))
        names = [
            Name(index, self._name_of(index), (across - room.left(), down - room.top()))
            for index, across, down in zip(asked, x.tolist(), y.tolist(), strict=True)
            if room.contains(across, down)
        ]
        self.names.show_names(names, self._current)

    def _point(self, index: int | None) -> tuple[float, float] | None:
        """Where one lies; None where it cannot be drawn."""
        if index is None or self.found is None or self.found.bias is None:
            return None
        at = float(self.found.means[index]), float(self.found.bias[index])
        return at if all(map(math.isfinite, at)) else None

    def _draw_line(self, found: Standings) -> None:
        if math.isfinite(found.line.slope) and len(self._drawn):
            means = found.means[self._drawn]
            ends = np.array([means.min(), means.max()])
            self.line_item.setData(ends, found.line.at(ends))
        else:
            self.line_item.setData([], [])


def _drawn(found: Standings | None) -> Places:
    """Those that have a point, the most rated of them where they are too many."""
    if found is None or found.bias is None:
        return np.zeros(0, dtype=np.intp)
    places = np.flatnonzero((found.counts > 0) & np.isfinite(found.bias))
    if len(places) > MOST_DRAWN:
        places = places[np.argsort(-found.counts[places], kind="stable")[:MOST_DRAWN]]
    return places


def _around(values: Floats) -> tuple[float, float]:
    """A range that holds all values with a little air."""
    low, high = float(values.min()), float(values.max())
    air = 0.06 * (high - low) or 0.5
    return low - air, high + air


def _faded(colour: QColor, alpha: int) -> QColor:
    faded = QColor(colour)
    faded.setAlpha(alpha)
    return faded

"""The plot of a learning-rate finder: the loss against the rate, and the rate that is chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cfgui.gui.loss_axes import RmseAxis, log_ticks
from cfgui.gui.plot_items import Crosshair, thin_pen
from cfgui.gui.theme import Theme, current_theme

Points = Sequence[tuple[float, float]]
"""(rate, loss) of a sweep, in the order of the rates."""

AIR = 0.06
"""Of the height, above and below the curve."""

LABEL_PIXELS = 64
"""Room of one label on the axis of rates."""


class RateAxis(RmseAxis):
    """Rates below, on a logarithmic axis: round ones, with room for their words."""

    log = True

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Positions of ticks by level, for an axis of ``size`` pixels."""
        values = log_ticks(10.0**low, 10.0**high, max(3, int(size / LABEL_PIXELS)))
        return [(1.0, [math.log10(value) for value in values])]


class RatePlot(QWidget):
    """Draws a sweep as it goes on; ``chosen`` (rate) when the person picks one of the rates that were tried.

    A click picks the rate below it, Left and Right go to the next one; the mouse over the plot reads the curve.
    """

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Points = ()
        self.rate: float | None = None
        self._rate_axis, self._loss_axis = RateAxis("bottom"), pg.AxisItem("left")
        self.plot = pg.PlotWidget(
            self, axisItems={"left": self._loss_axis, "bottom": self._rate_axis}, enableMenu=False
        )
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setContentsMargins(0, 6, 10, 2)
        item.disableAutoRange()
        item.getViewBox().setMouseEnabled(x=False, y=False)
        for axis in (self._rate_axis, self._loss_axis):
            axis.enableAutoSIPrefix(False)
        self._loss_axis.setWidth(54)
        self.curve = pg.PlotDataItem(antialias=True)
        self.mark, self.dot = pg.InfiniteLine(angle=90, movable=False), pg.ScatterPlotItem(size=9, pxMode=True)
        for part in (self.mark, self.curve, self.dot):
            item.addItem(part, ignoreBounds=True)
        self._crosshair = Crosshair(item)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.plot.scene().sigMouseClicked.connect(lambda event: self._pick(event.scenePos()))
        self.plot.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Loss against learning rate")
        self.apply_theme(current_theme())
        self.show_points(())

    # What the dialog calls

    def show_points(self, points: Points) -> None:
        """Draw these, and mark nothing."""
        self._points = points
        self.show_rate(None)
        self._crosshair.hide()
        rates, losses = np.array(points).reshape(-1, 2).T
        self.curve.setData(np.log10(rates), losses)
        self._set_ranges()

    def show_rate(self, rate: float | None) -> None:
        """Mark a rate as the one chosen; None marks none."""
        self.rate = rate
        visible = rate is not None and len(self._points) > 0
        self.mark.setVisible(visible)
        self.dot.setVisible(visible)
        if rate is not None and visible:
            place = math.log10(rate)
            self.mark.setValue(place)
            rates, losses = np.array(self._points).T
            self.dot.setData([place], [float(np.interp(place, np.log10(rates), losses))])
        words = "No rate is chosen." if rate is None else f"The rate {rate:g} is chosen."
        self.setAccessibleDescription(f"{len(self._points)} rates tried. {words}")

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.plot.setBackground(theme.plot_background)
        for axis, words in ((self._loss_axis, "loss"), (self._rate_axis, "learning rate")):
            axis.setPen(theme.faint_curve)
            axis.setTextPen(theme.muted)
            axis.setLabel(words, color=theme.muted.name())
            axis.setGrid(70)
        self.curve.setPen(thin_pen(theme.curve))
        self.mark.setPen(thin_pen(theme.edit_text, Qt.PenStyle.DashLine))
        self.dot.setPen(thin_pen(theme.edit_text))
        self.dot.setBrush(theme.edit_text)
        self._crosshair.apply_theme(theme)

    # Inside

    def _set_ranges(self) -> None:
        """All rates; losses up to a little above the first: how high the explosion goes tells nothing."""
        empty = not self._points
        self._rate_axis.blank = empty
        if empty:
            x, y = (-7.0, 1.0), (0.0, 1.0)
        else:
            rates, losses = np.array(self._points).T
            low, first = float(losses.min()), float(losses[0])
            air = AIR * (first - low) or 0.1 * abs(first) or 1.0
            x = (math.log10(rates[0]), max(math.log10(rates[-1]), 0.0) + 0.1)
            y = (low - air, first + 4.0 * air)
        self.plot.getViewBox().setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def _nearest(self, position: QPointF) -> int | None:
        """The place of the rate below a point of the scene; None where there is none."""
        box = self.plot.getViewBox()
        if not self._points or not box.sceneBoundingRect().contains(position):
            return None
        place = box.mapSceneToView(position).x()
        return min(range(len(self._points)), key=lambda i: abs(math.log10(self._points[i][0]) - place))

    def _mouse_moved(self, position: QPointF) -> None:
        nearest = self._nearest(position)
        if nearest is None:
            self._crosshair.hide()
            return
        rate, loss = self._points[nearest]
        self._crosshair.show(math.log10(rate), loss, f"rate {rate:.2g}  loss {loss:.5g}")

    def _pick(self, position: QPointF) -> None:
        nearest = self._nearest(position)
        if nearest is not None and self.rate is not None:
            self.setFocus()
            self._choose(nearest)

    def _choose(self, place: int) -> None:
        self.show_rate(float(f"{self._points[place][0]:.1e}"))
        self.chosen.emit(self.rate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right choose the next rate tried."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self.rate is None:
            super().keyPressEvent(event)
            return
        now = min(range(len(self._points)), key=lambda i: abs(math.log(self._points[i][0] / (self.rate or 1.0))))
        self._choose(min(max(now + step, 0), len(self._points) - 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End reading when the mouse leaves the plot."""
        if event.type() == QEvent.Type.Leave:
            self._crosshair.hide()
        return super().eventFilter(watched, event)

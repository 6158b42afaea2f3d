"""The live loss plot: RMSE per step of the current run, over held-out ratings too, earlier runs faint behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cfgui.app.baseline_levels import BaselineLevel
from cfgui.core.curve import Curve
from cfgui.gui.curve_reading import moved_by, reading_words
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.loss_actions import LossActions
from cfgui.gui.loss_axes import RmseAxis, StepAxis, fitted
from cfgui.gui.loss_curves import DrawnCurve, joined, nearest, thinned, with_levels
from cfgui.gui.plot_items import Crosshair, Legend, earlier_pen, thin_pen
from cfgui.gui.plot_lines import LevelLines
from cfgui.gui.theme import Theme, current_theme

EARLIER_POINTS = 20_000
"""An earlier run is thinned to this many points, which look the same at any width a screen has."""


class LossPlot(QWidget):
    """RMSE per step with a linear or logarithmic axis, hover readings, and axes that fit until the person zooms.

    Wheel and drag zoom and move; a double click or ``fit_action`` fits again. With the keyboard focus, Left and Right
    read the neighbouring points, Home and End the first and last, Escape ends reading.
    """

    log_changed = Signal(bool)
    lines_changed = Signal(bool)
    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._current, self._held_out = DrawnCurve(Curve("")), DrawnCurve(Curve(""))
        self._holds_out = False
        self._levels: tuple[BaselineLevel, ...] = ()
        self._earlier: tuple[Curve, ...] = ()
        self._drawn: list[DrawnCurve] = []
        self._faint: list[pg.PlotDataItem] = []
        self._fitted = True
        self._read: int | None = None
        self._make_actions()
        self._make_plot()
        self._lay_out()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Loss plot")
        self.apply_theme(self._theme)
        self.set_curves(Curve(""), ())

    def _make_actions(self) -> None:
        self._actions = actions = LossActions(self)
        self.log_action, self.lines_action = actions.log, actions.lines
        self.fit_action, self.clear_action = actions.fit, actions.clear
        self.log_action.toggled.connect(self._log_toggled)
        self.lines_action.toggled.connect(self._lines_toggled)
        self.fit_action.triggered.connect(self.fit)
        self.clear_action.triggered.connect(self._ask_to_clear)

    def _make_plot(self) -> None:
        self._rmse_axis, self._step_axis = RmseAxis("left"), StepAxis("bottom")
        self.plot = pg.PlotWidget(
            self, axisItems={"left": self._rmse_axis, "bottom": self._step_axis}, enableMenu=False
        )
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setContentsMargins(0, 4, 8, 2)
        # this widget fits by itself: pyqtgraph would look at every point again at each redraw
        item.disableAutoRange()
        # set here and not on the curves: a plot gives its own settings to whatever is added to it
        item.setDownsampling(auto=True, mode="peak")
        item.setClipToView(True)
        for axis in (self._rmse_axis, self._step_axis):
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickTextOffset=3)
        # fixed, so that the plot does not shiver as the labels change
        self._rmse_axis.setWidth(54)
        self._step_axis.setHeight(2 * self.fontMetrics().height() + 8)
        self.curve_item, self.held_out_item = self._new_item(), self._new_item()
        self.dot_item = pg.ScatterPlotItem(size=7, pxMode=True)
        self.best_item = pg.ScatterPlotItem(size=9, pxMode=True)
        for dots in (self.dot_item, self.best_item):
            item.addItem(dots, ignoreBounds=True)
        self.lines = LevelLines(item)
        self._crosshair = Crosshair(item)
        self.legend = Legend(item)
        item.getViewBox().sigRangeChangedManually.connect(self._zoomed)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.plot.viewport().installEventFilter(self)

    def _new_item(self) -> pg.PlotDataItem:
        item = pg.PlotDataItem(dynamicRangeLimit=None, autoDownsampleFactor=2.0, antialias=True)
        self.plot.addItem(item)
        return item

    def _lay_out(self) -> None:
        self._title = ElidedLabel("Loss", self)
        self._hint = QLabel("Step or Run draws the loss here.", self.plot)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over = QVBoxLayout(self.plot)
        over.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._actions.row(self._title, self))
        column.addWidget(self.plot, 1)

    # what the window calls

    @property
    def log(self) -> bool:
        """Whether the RMSE axis is logarithmic."""
        return self.log_action.isChecked()

    @property
    def is_fitted(self) -> bool:
        """Whether the axes follow the curves; False once the person zoomed."""
        return self._fitted

    @property
    def reading(self) -> str:
        """The step and RMSE shown beside the crosshair, "" while none is."""
        if self._read is None:
            return ""
        return reading_words(self._current.curve, self._held_out.curve, self._read)

    def set_title(self, text: str) -> None:
        """Say after "Loss" what the current run is."""
        self._title.set_rest(text)

    def set_log(self, on: bool) -> None:
        """Choose the logarithmic or the linear RMSE axis."""
        self.log_action.setChecked(on)

    @property
    def shows_lines(self) -> bool:
        """Whether the baselines are drawn."""
        return self.lines_action.isChecked()

    def set_lines(self, on: bool) -> None:
        """Draw the baselines, or not."""
        self.lines_action.setChecked(on)

    def set_levels(self, levels: Sequence[BaselineLevel]) -> None:
        """The RMSE of each baseline; seen while ``shows_lines``."""
        if tuple(levels) != self._levels:
            self._levels = tuple(levels)
            self._draw_levels()

    def set_curves(self, current: Curve, earlier: Sequence[Curve], held_out: Curve | None = None) -> None:
        """Draw these; ``held_out`` is the present run's over held-out ratings, None where none are held out.

        Cheap while ``current`` and ``held_out`` only grew and ``earlier`` holds the same objects.
        """
        label, held = self._current.curve.label, self._holds_out
        self._current.take(current)
        self._held_out.take(Curve("") if held_out is None else held_out)
        self._holds_out = held_out is not None
        if self._read is not None and self._read >= len(current):
            self._read = None
        earlier = tuple(earlier)
        if len(earlier) != len(self._earlier) or any(a is not b for a, b in zip(earlier, self._earlier, strict=True)):
            self._earlier = earlier
            self._replace_earlier()
        elif current.label != label or held is not self._holds_out:
            self._name_runs()
        self._draw()

    def fit(self) -> None:
        """Fit the axes to the curves and keep them fitted."""
        self._fitted = True
        self._set_ranges()
        self._refresh_words()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self._title.apply_theme(theme)
        self.plot.setBackground(theme.plot_background)
        for axis, words in ((self._rmse_axis, "RMSE"), (self._step_axis, "step")):
            axis.setPen(theme.faint_curve)
            axis.setTextPen(theme.muted)
            axis.setLabel(words, color=theme.muted.name())
        self._rmse_axis.setGrid(70)
        self.curve_item.setPen(thin_pen(theme.curve))
        self.dot_item.setPen(thin_pen(theme.curve))
        self.dot_item.setBrush(theme.curve)
        self.held_out_item.setPen(thin_pen(theme.held_out, Qt.PenStyle.DashLine))
        self.best_item.setPen(thin_pen(theme.held_out))
        self.best_item.setBrush(theme.plot_background)
        self.lines.apply_theme(theme)
        self._crosshair.apply_theme(theme)
        self.legend.apply_theme(theme)
        self._hint.setStyleSheet(f"color: {theme.muted.name()}")
        self._actions.recolor()
        self._replace_earlier()
        self._draw()

    # drawing

    def _draw(self) -> None:
        curve, heights = self._current.curve, self._current.heights(log=self.log)
        self.curve_item.setData(curve.steps, heights)
        has_place = len(curve) > 0 and math.isfinite(heights[-1])  # the logarithm of 0 has none
        last = len(curve) - int(has_place)
        self.dot_item.setData(curve.steps[last:], heights[last:])
        self._draw_held_out()
        empty = not len(curve) and not self._earlier
        self._hint.setVisible(empty)
        self._rmse_axis.blank = self._step_axis.blank = empty
        if self._fitted:
            self._set_ranges()
        self._show_reading()
        self._refresh_words()

    def _draw_held_out(self) -> None:
        curve, heights = self._held_out.curve, self._held_out.heights(log=self.log)
        self.held_out_item.setData(curve.steps, heights)
        best = self._held_out.lowest
        is_seen = best is not None and len(curve) > 1 and math.isfinite(heights[best])
        at = slice(best, best + 1) if best is not None and is_seen else slice(0)
        self.best_item.setData(curve.steps[at], heights[at])

    def _draw_levels(self) -> None:
        self.lines.set_levels(self._levels if self.shows_lines else ())
        if self._fitted:
            self._set_ranges()

    def _set_ranges(self) -> None:
        parts = [drawn.bounds for drawn in (self._current, self._held_out, *self._drawn)]
        bounds = joined([part for part in parts if part is not None])
        last = self._current.curve.last
        if bounds is not None and last is not None:  # a short run is seen beside the beginning of a long one
            bounds = bounds._replace(last=min(bounds.last, max(3.0 * last.step, 60.0, bounds.first)))
        if bounds is not None:
            bounds = with_levels(bounds, [level.rmse for level in self.lines.levels])
        x, y = fitted(bounds, log=self.log)
        self.plot.getViewBox().setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def _replace_earlier(self) -> None:
        for item in self._faint:
            self.plot.removeItem(item)
        self._drawn = [DrawnCurve(thinned(curve, EARLIER_POINTS)) for curve in self._earlier]
        self._faint = []
        for index, drawn in enumerate(self._drawn):
            item = self._new_item()
            item.setZValue(-1)
            item.setPen(earlier_pen(self._theme, index))
            item.setData(drawn.curve.steps, drawn.heights(log=self.log))
            self._faint.append(item)
        self._name_runs()

    def _name_runs(self) -> None:
        names = (curve.label or f"run {index}" for index, curve in enumerate(self._earlier, start=1))
        current = [(self.curve_item, self._current.curve.label or "this run")]
        if self._holds_out:
            current = [(self.curve_item, "train"), (self.held_out_item, "held out")]
        self.legend.set_runs(current, list(zip(self._faint, names, strict=True)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the legend no more room than the curves can spare."""
        super().resizeEvent(event)
        self.legend.set_room(self.plot.width(), self.plot.height())

    def _refresh_words(self) -> None:
        self.fit_action.setEnabled(not self._fitted)
        self.clear_action.setEnabled(bool(self._earlier))
        self.setAccessibleDescription(self._description())

    def _description(self) -> str:
        last, n_earlier = self._current.curve.last, len(self._earlier)
        now = "No steps yet." if last is None else f"RMSE {last.rmse:.6g} at step {last.step:,}."
        held_out = self._held_out.curve.last
        if last is not None and held_out is not None:
            now = f"{now} Held out RMSE {held_out.rmse:.6g}."
        scale = "logarithmic" if self.log else "linear"
        earlier = {0: "No earlier runs.", 1: "1 earlier run."}.get(n_earlier, f"{n_earlier} earlier runs.")
        return " ".join(part for part in (now, self.reading and f"Reading {self.reading}.", earlier) if part) + (
            f" The axis is {scale}."
        )

    # reading

    def _show_reading(self) -> None:
        if self._read is None:
            self._crosshair.hide()
            return
        step = float(self._current.curve.steps[self._read])
        height = float(self._current.heights(log=self.log)[self._read])
        self._crosshair.show(step, height, self.reading)

    def read_at(self, step: float | None) -> None:
        """Show the reading of the point of the current run nearest to ``step``; None ends reading."""
        self._read = None if step is None else nearest(self._current.curve, step)
        self._show_reading()
        self._refresh_words()

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.plot.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.read_at(box.mapSceneToView(position).x() if inside else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read the curve point by point."""
        place = moved_by(event.key(), self._read, len(self._current.curve))
        if place is not None:
            self.read_at(float(self._current.curve.steps[place]))
        elif event.key() == Qt.Key.Key_Escape and self._read is not None:
            self.read_at(None)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """End reading when the mouse leaves the plot; fit at a double click."""
        if event.type() == QEvent.Type.Leave:
            self.read_at(None)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.fit()
        return super().eventFilter(watched, event)

    # the person's choices

    def _zoomed(self, *_: object) -> None:
        self._fitted = False
        self._show_reading()
        self._refresh_words()

    def _lines_toggled(self, on: bool) -> None:
        self._draw_levels()
        self.lines_changed.emit(on)

    def _log_toggled(self, on: bool) -> None:
        self._rmse_axis.log = on
        self.lines.set_log(on)
        for item, drawn in zip(self._faint, self._drawn, strict=True):
            item.setData(drawn.curve.steps, drawn.heights(log=on))
        self._fitted = True  # a zoomed range means nothing on the other scale
        self._draw()
        self.log_changed.emit(on)

    def _ask_to_clear(self) -> None:
        self.clear_requested.emit()

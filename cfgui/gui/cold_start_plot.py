"""ColdStartPlot: the error of each method against how many ratings of a new user are known."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cfgui.app.cold_start_evaluation import FACTS, LABELS, ColdStartChoice, ColdStartEvaluation
from cfgui.gui.plot_items import thin_pen
from cfgui.gui.still_plot import dress_plot, still_plot
from cfgui.gui.theme import Theme, current_theme

_DASHES = {
    "mean": Qt.PenStyle.DashLine,
    "average": Qt.PenStyle.DotLine,
    "fold-in": Qt.PenStyle.SolidLine,
    "bayesian": Qt.PenStyle.DashDotLine,
    FACTS: Qt.PenStyle.DashLine,
    "item mean": Qt.PenStyle.DashLine,
}
_SIGNS = {"mean": "s", "average": "t", "fold-in": "o", "bayesian": "d", FACTS: "+", "item mean": "x"}
"""Shapes and dashes tell the methods apart without colour."""


class ColdStartPlot(QWidget):
    """One line a method, with a legend; shapes and dashes say the same as colours."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = still_plot(self, left=58, margins=(0, 6, 10, 2))
        item = self.plot.getPlotItem()
        item.setLabel("bottom", "ratings of the new user known")
        item.setLabel("left", "mean squared error")
        self.legend = item.addLegend(offset=(-8, 2), colCount=len(LABELS), horSpacing=9)
        self.lines = {name: pg.PlotDataItem(antialias=True, symbol=_SIGNS[name], symbolSize=7) for name in LABELS}
        for line in self.lines.values():
            item.addItem(line)
        self.legend.hide()
        self._show_given(ColdStartChoice().given)  # what will be measured, before it is
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self.setAccessibleName("Error against the number of known ratings")
        self.apply_theme(current_theme())

    def show_evaluation(self, found: ColdStartEvaluation) -> None:
        """Draw what was measured."""
        self.legend.clear()
        for name, line in self.lines.items():
            errors = list(found.mse.get(name, ()))
            line.setData(list(found.given)[: len(errors)], errors)
            if errors:
                self.legend.addItem(line, LABELS[name])
        self._colour_legend()
        low = min(min(errors) for errors in found.mse.values())
        high = max(max(errors) for errors in found.mse.values())
        air = 0.08 * (high - low) or 0.1
        self.plot.setYRange(low - air, high + 2 * air, padding=0)  # the legend needs a line above
        self._show_given(found.given)
        self.legend.show()
        ends = "; ".join(f"{LABELS[name]} {errors[-1]:.3f}" for name, errors in found.mse.items())
        self.setAccessibleDescription(f"After {found.given[-1]} ratings: {ends}.")

    def _show_given(self, given: Sequence[int]) -> None:
        """Let the axis have just these numbers of ratings."""
        self.plot.setXRange(given[0], given[-1], padding=0.03)
        self.plot.getPlotItem().getAxis("bottom").setTicks([[(n, str(n)) for n in given]])

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        dress_plot(self.plot, theme)
        for name, line in self.lines.items():
            colour = _colour(theme, name)
            line.setPen(QPen(thin_pen(colour, _DASHES[name])))
            line.setSymbolPen(thin_pen(colour))
            line.setSymbolBrush(colour if name == "fold-in" else theme.plot_background)
        self._text = theme.text
        self._colour_legend()

    def _colour_legend(self) -> None:
        for _, label in self.legend.items:
            label.setText(label.text, color=self._text)


def _colour(theme: Theme, name: str) -> QColor:
    own = {"fold-in": theme.curve, FACTS: theme.curve, "bayesian": theme.held_out, "item mean": theme.text}
    return own.get(name, theme.muted)

"""SpreadPlot: how uncertain predictions are after each rating of a new user."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cfgui.gui.plot_items import thin_pen
from cfgui.gui.still_plot import dress_plot, still_plot
from cfgui.gui.theme import Theme, current_theme


class SpreadPlot(QWidget):
    """A small falling line: the standard deviation of predictions against the number of ratings."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = still_plot(self, left=38, margins=(0, 4, 8, 0))
        item = self.plot.getPlotItem()
        self.curve = pg.PlotDataItem(antialias=True)
        self.dots = pg.ScatterPlotItem(size=5, pxMode=True)
        item.addItem(self.curve)
        item.addItem(self.dots)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self.setMinimumHeight(90)
        self.setToolTip(
            "How uncertain predictions are (one standard deviation, in ratings) after each rating: every answer takes"
            " some of it away, most of all the answers to the questionnaire."
        )
        self.setAccessibleName("Uncertainty after each rating")
        self.apply_theme(current_theme())

    def show_spreads(self, first: int, spreads: Sequence[float]) -> None:
        """Draw the uncertainty after ``first``, ``first`` + 1, … ratings."""
        counts = list(range(first, first + len(spreads)))
        self.curve.setData(counts, list(spreads))
        self.dots.setData(counts, list(spreads))
        last = max(first + len(spreads) - 1, first + 5)
        top = max(spreads, default=1.0)
        self.plot.setXRange(first, last, padding=0.03)
        self.plot.setYRange(0.0, top if top > 0 else 1.0, padding=0.08)
        self.plot.getPlotItem().getAxis("bottom").setTickSpacing(max(1, (last - first) // 5), 1)
        words = ", ".join(f"{spread:.2f}" for spread in spreads[-5:])
        self.setAccessibleDescription(f"The last values are {words}." if spreads else "Nothing yet.")

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        dress_plot(self.plot, theme)
        self.curve.setPen(thin_pen(theme.curve))
        self.dots.setPen(thin_pen(theme.curve))
        self.dots.setBrush(theme.curve)

"""A plot that only shows: it takes neither mouse nor keyboard, and its axes stay as they are set."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cfgui.gui.plot_items import thin_pen
from cfgui.gui.theme import Theme

SIDES = ("left", "bottom")


def still_plot(parent: QWidget, *, left: int, margins: tuple[int, int, int, int]) -> pg.PlotWidget:
    """An empty plot: ``left`` pixels for the numbers at the left, ``margins`` around it as Qt counts them."""
    plot = pg.PlotWidget(parent, enableMenu=False)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    item = plot.getPlotItem()
    item.hideButtons()
    item.setContentsMargins(*margins)
    item.getViewBox().setMouseEnabled(x=False, y=False)
    for side in SIDES:
        item.getAxis(side).enableAutoSIPrefix(False)
    item.getAxis("left").setWidth(left)
    return plot


def dress_plot(plot: pg.PlotWidget, theme: Theme) -> None:
    """Give the ground and the axes the colours of this look."""
    plot.setBackground(theme.plot_background)
    for side in SIDES:
        axis = plot.getPlotItem().getAxis(side)
        axis.setPen(thin_pen(theme.grid))
        axis.setTextPen(theme.muted)

"""Parts of the loss plot: its pens, the crosshair that shows a reading, and the legend."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from cfgui.gui.theme import Theme

LEGEND_ENTRIES = 6
"""Most runs the legend names; more are counted."""
_LABEL_LENGTH = 40

WIDE = 320
"""Pixels from which on a plot has room for names in full."""
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


def thin_pen(colour: QColor, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A cosmetic pen one pixel wide: any wider is drawn a hundred times slower."""
    pen = QPen(colour, 1, style)
    pen.setCosmetic(True)
    return pen


def earlier_pen(theme: Theme, index: int) -> QPen:
    """The pen of the earlier run at ``index``: dashes tell neighbours apart without colour."""
    return thin_pen(theme.faint_curve, dashes(index))


def dashes(index: int) -> Qt.PenStyle:
    """How the curve of the earlier run at ``index`` is dashed."""
    return _DASHES[index % len(_DASHES)]


class Crosshair:
    """A dotted line through one point, a ring around it and its numbers beside it."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._box = item.getViewBox()
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._ring = pg.ScatterPlotItem(size=10, pxMode=True)
        self._text = pg.TextItem()
        self._marks = (self._line, self._ring, self._text)
        for mark in self._marks:
            mark.setZValue(20)
            item.addItem(mark, ignoreBounds=True)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._line.setPen(thin_pen(theme.faint_curve, Qt.PenStyle.DotLine))
        self._ring.setPen(thin_pen(theme.text))
        self._ring.setBrush(QColor(0, 0, 0, 0))
        self._text.setColor(theme.text)
        self._text.fill, self._text.border = pg.mkBrush(theme.base), thin_pen(theme.grid)

    def hide(self) -> None:
        """Show nothing."""
        for mark in self._marks:
            mark.setVisible(False)

    def show(self, step: float, height: float, words: str) -> None:
        """Show ``words`` beside the point; a height that is out of sight, or NaN, is marked at the lower edge."""
        (left, right), (bottom, top) = self._box.viewRange()
        if not bottom <= height <= top:
            height = bottom
        self._line.setValue(step)
        self._ring.setData([step], [height])
        self._text.setText(words)
        beside = 1.08 if step > (left + right) / 2 else -0.08
        self._text.setAnchor((beside, -0.4 if height > (bottom + top) / 2 else 1.4))
        self._text.setPos(step, height)
        for mark in self._marks:
            mark.setVisible(True)


class Legend:
    """Names the current run and the latest earlier ones, and counts the rest; absent while there is only one curve."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._item = item.addLegend(offset=(-6, 6), verSpacing=-4)
        self._item.setVisible(False)
        self._runs: list[tuple[pg.PlotDataItem, str]] = []
        self._most, self._in_full = LEGEND_ENTRIES, True

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look; seen at the next ``set_runs``."""
        veil = QColor(theme.plot_background)
        veil.setAlpha(190)
        self._item.setBrush(veil)
        self._item.setLabelTextColor(theme.muted)

    @property
    def names(self) -> list[str]:
        """What it says, from the top; empty while it is absent."""
        return [label.text for _, label in self._item.items] if self._item.isVisible() else []

    def set_runs(
        self, current: Sequence[tuple[pg.PlotDataItem, str]], earlier: Sequence[tuple[pg.PlotDataItem, str]]
    ) -> None:
        """Name the curves of the current run and the earlier ones, given oldest first."""
        self._runs = [*current, *reversed(earlier)]
        self._fill()

    def set_room(self, width: int, height: int) -> None:
        """Name fewer runs, and in fewer words, in a plot of few pixels: the curves are to be seen."""
        room = min(max(height // 70, 2), LEGEND_ENTRIES), width >= WIDE
        if room != (self._most, self._in_full):
            self._most, self._in_full = room
            self._fill()

    def _fill(self) -> None:
        self._item.clear()
        self._item.setVisible(len(self._runs) > 1)
        for item, label in self._runs[: self._most]:
            self._item.addItem(item, _short(label if self._in_full else label.partition(" · ")[0]))
        rest = len(self._runs) - self._most
        if rest > 0:
            self._item.addItem(pg.PlotDataItem(pen=None), f"and {rest} earlier")


def _short(name: str) -> str:
    return name if len(name) <= _LABEL_LENGTH else name[: _LABEL_LENGTH - 1] + "…"

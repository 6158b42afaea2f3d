"""Level lines of the loss plot: the RMSE of each baseline, thin and labelled, for curves to stay below."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from cfgui.app.baseline_levels import BaselineLevel
from cfgui.gui.plot_items import thin_pen
from cfgui.gui.theme import Theme, mixed

GAP = 0
"""Pixels between labels side by side; each has a margin of its own."""

SMALLER = 0.85
"""The labels' size, compared with that of other words."""


def places(heights: Sequence[float], widths: Sequence[float], room: float, line: float) -> list[float]:
    """How far from the right edge each label ends, in pixels, so that none stands on another.

    ``heights`` are where the lines are, in pixels from the top, ``widths`` those of the labels, ``line`` their height.
    A label moves left past those it would stand on; where there is no room left, it is at NaN: not shown.
    """
    found = [math.nan] * len(heights)
    placed: list[tuple[float, float, float]] = []  # (height, right, left)
    for index in sorted(range(len(heights)), key=lambda place: heights[place]):
        right = 0.0
        near = sorted((at for at in placed if abs(at[0] - heights[index]) < line), key=lambda at: at[1])
        for _, other_right, other_left in near:
            if right < other_left and right + widths[index] > other_right:
                right = other_left + GAP
        if right + widths[index] <= room:
            found[index] = right
            placed.append((heights[index], right, right + widths[index]))
    return found


class LevelLines:
    """The lines in a plot item; ``set_levels`` replaces them, ``place`` puts their labels where none hides another."""

    def __init__(self, item: pg.PlotItem) -> None:
        self._item, self._box = item, item.getViewBox()
        self._levels: tuple[BaselineLevel, ...] = ()
        self._lines: list[pg.InfiniteLine] = []
        self._labels: list[pg.TextItem] = []
        self._theme: Theme | None = None
        self._log = False
        self._box.sigRangeChanged.connect(self.place)
        self._box.sigResized.connect(self.place)

    @property
    def levels(self) -> tuple[BaselineLevel, ...]:
        """What is drawn."""
        return self._levels

    @property
    def shown(self) -> list[str]:
        """The labels that are seen, from the top."""
        seen = [(label.pos().y(), level.label) for label, level in self._pairs() if label.isVisible()]
        return [words for _, words in sorted(seen, reverse=True)]

    def _pairs(self) -> list[tuple[pg.TextItem, BaselineLevel]]:
        return list(zip(self._labels, self._levels, strict=True))

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self._remake()

    def set_log(self, on: bool) -> None:
        """Stand on a logarithmic axis, or a linear one."""
        if on != self._log:
            self._log = on
            self._remake()

    def set_levels(self, levels: Sequence[BaselineLevel]) -> None:
        """Draw these; cheap where they are the same."""
        levels = tuple(level for level in levels if math.isfinite(level.rmse) and level.rmse > 0)
        if levels != self._levels:
            self._levels = levels
            self._remake()

    def _height(self, level: BaselineLevel) -> float:
        return math.log10(level.rmse) if self._log else level.rmse

    def _remake(self) -> None:
        for part in (*self._lines, *self._labels):
            self._item.removeItem(part)
        self._lines, self._labels = [], []
        if self._theme is None:
            return
        pen = thin_pen(mixed(self._theme.muted, self._theme.plot_background, 0.45))
        font = QFont(QApplication.font())
        font.setPointSizeF(font.pointSizeF() * SMALLER)
        lowest = min(self._levels, key=lambda level: level.rmse, default=None)
        for level in self._levels:
            line = pg.InfiniteLine(self._height(level), angle=0, movable=False, pen=pen)
            label = pg.TextItem(level.label, color=self._theme.muted, anchor=(1, 0 if level is lowest else 1))
            label.setFont(font)
            label.setToolTip(f"{level.tip}  RMSE {level.rmse:.4f}")
            line.setZValue(-2)
            label.setZValue(-1)
            self._item.addItem(line, ignoreBounds=True)
            self._item.addItem(label, ignoreBounds=True)
            self._lines.append(line)
            self._labels.append(label)
        self.place()

    def place(self, *_: object) -> None:
        """Put the labels above the right end of their lines, further left where one would stand on another."""
        if not self._labels:
            return
        (_, right), (bottom, top) = self._box.viewRange()
        scene: QRectF = self._box.sceneBoundingRect()
        if scene.width() <= 0 or scene.height() <= 0 or (right == 0 and top == bottom):
            return
        heights = [self._height(level) for level in self._levels]
        pixels = [(top - height) / (top - bottom) * scene.height() for height in heights]
        lowest = heights.index(min(heights))  # whose label stands below its line, all others above
        widths = [label.boundingRect().width() for label in self._labels]
        line = self._labels[0].boundingRect().height() * 0.8
        feet = [pixel + line * (place == lowest) for place, pixel in enumerate(pixels)]
        ends = places(feet, widths, scene.width(), line)
        for label, height, foot, end in zip(self._labels, heights, feet, ends, strict=True):
            seen = not math.isnan(end) and line * 0.6 <= foot <= scene.height()
            label.setVisible(seen)
            if seen:
                at = self._box.mapSceneToView(QPointF(scene.right() - end, scene.center().y()))
                label.setPos(at.x(), height)

"""RoundPlot: figures of a simulation against its rounds, earlier simulations faint behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cfgui.app.simulation_words import percent
from cfgui.core.ratings import Floats
from cfgui.gui.plot_items import dashes, thin_pen
from cfgui.gui.still_plot import still_plot
from cfgui.gui.theme import Theme, current_theme, mixed

Role = Literal["main", "second", "quiet", "earlier", "level"]
UPWARDS: tuple[Role, ...] = ("quiet", "level", "earlier", "second", "main")
"""In the order of drawing."""
IMPORTANCE: tuple[Role, ...] = ("main", "second", "earlier", "level", "quiet")
"""In the order in which names get their room."""

NAME_ROOM, PERCENT_ROOM = 0.22, 0.34
"""What names take at the right at most, of the width of the rounds: more where the last percent stands behind."""

TICKS, MOST_TICKS = (1, 2, 5, 10, 20, 50, 100), 8
"""Rounds between numbers on the axis, and how many numbers there are at most."""

EARLIER_TINT = 0.55
"""How much of the colour of a curve that of the same figure in an earlier simulation has."""

NOTHING = "Nothing is drawn yet."


@dataclass(frozen=True, eq=False)
class RoundLine:
    """One curve: a value for each round from 1, its name, and how much it is to be seen.

    "main" and "second" are the present simulation's; "quiet" the rest of it; "earlier" that of the earlier simulation
    at ``index``, whose dashes tell it apart, in a tint of the colour of what it is ``like``; "level" a height to
    compare with.
    """

    name: str
    values: Floats
    role: Role
    index: int = 0
    like: Role = "main"


class RoundPlot(QWidget):
    """A caption and curves over rounds, the last value of those that matter named at their end."""

    def __init__(self, caption: str, tip: str, *, percent: bool = False) -> None:
        super().__init__()
        self._percent, self._theme = percent, current_theme()
        self.lines: tuple[RoundLine, ...] = ()
        self.caption = QLabel(caption)
        self.caption.setToolTip(tip)
        self.plot = still_plot(self, left=38, margins=(0, 4, 8, 0))
        self.plot.getPlotItem().disableAutoRange()
        self._curves: list[pg.PlotDataItem] = []
        self.names: list[pg.TextItem] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.caption)
        column.addWidget(self.plot, 1)
        self.setToolTip(tip)
        self.setAccessibleName(caption)

    def show_lines(self, lines: Sequence[RoundLine], n_rounds: int) -> None:
        """Draw these in place of what was drawn; the axis of rounds goes to ``n_rounds`` at least."""
        self.lines = tuple(line for line in lines if len(line.values))
        # Curves and names are used again: making new ones takes ten times as long as changing them.
        for curve in self._curves[len(self.lines) :]:
            curve.setVisible(False)
        for place, line in enumerate(sorted(self.lines, key=lambda it: UPWARDS.index(it.role))):
            self._draw(place, line)
        self._fit(n_rounds)
        self._name_ends()
        self.setAccessibleDescription("; ".join(self._words(line) for line in self.lines if line.name) or NOTHING)

    def _draw(self, place: int, line: RoundLine) -> None:
        if place == len(self._curves):
            self._curves.append(pg.PlotDataItem(antialias=True, symbolSize=4))
            self.plot.getPlotItem().addItem(self._curves[place], ignoreBounds=True)
        curve, pen = self._curves[place], self._pen(line)
        rounds = np.arange(1, len(line.values) + 1)
        curve.setData(rounds, self._scaled(line), pen=pen, symbolPen=pen, symbol="o" if len(rounds) == 1 else None)
        curve.setVisible(True)

    def _scaled(self, line: RoundLine) -> Floats:
        return line.values * 100.0 if self._percent else line.values

    def _pen(self, line: RoundLine) -> QPen:
        role = line.role
        if role == "earlier":
            return thin_pen(self._line_colour(line), dashes(line.index + 1))
        if role == "level":
            return thin_pen(self._theme.muted, Qt.PenStyle.DotLine)
        if role == "quiet":
            return thin_pen(mixed(self._theme.muted, self._theme.plot_background, 0.65))
        pen = thin_pen(self._colour(role))
        pen.setWidth(2 if role == "main" else 1)
        return pen

    def _colour(self, role: Role) -> QColor:
        return {"main": self._theme.curve, "second": self._theme.held_out}.get(role, self._theme.muted)

    def _line_colour(self, line: RoundLine) -> QColor:
        """That of the curve: an earlier simulation's is a tint of the present one's."""
        if line.role != "earlier":
            return self._colour(line.role)
        return mixed(self._colour(line.like), self._theme.plot_background, EARLIER_TINT)

    @property
    def _room(self) -> float:
        return PERCENT_ROOM if self._percent else NAME_ROOM

    def _fit(self, n_rounds: int) -> None:
        shown = [self._scaled(line) for line in self.lines]
        values = np.concatenate(shown) if shown else np.zeros(0)
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        if self._percent:
            low, high = 0.0, max(high, 10.0)
        air = 0.08 * (high - low) or 0.05
        longest = max([n_rounds, *(len(line.values) for line in self.lines)])
        right = longest * (1.0 + self._room) + 0.5  # with room for the names
        bottom = low - air * (not self._percent)
        self.plot.getViewBox().setRange(xRange=(0.5, right), yRange=(bottom, high + air), padding=0)
        apart = next(step for step in TICKS if longest // step <= MOST_TICKS or step == TICKS[-1])
        ticks = [(number, f"{number}") for number in range(apart, longest + 1, apart)]
        self.plot.getPlotItem().getAxis("bottom").setTicks([ticks])  # no round stands where the names do

    def _name_ends(self) -> None:
        """Write names beside the last points: no two on each other, of the less important only those with room."""
        (left, right), (bottom, top) = self.plot.getViewBox().viewRange()
        per_pixel = ((top - bottom) or 1.0) / max(self.plot.height() - 30, 1)
        room, reach = self.fontMetrics().height() * 0.85, (right - left) * self._room / (1.0 + self._room)
        taken: list[tuple[int, float]] = []
        for line in sorted(self.lines, key=lambda it: IMPORTANCE.index(it.role)):
            end, last = len(line.values), float(self._scaled(line)[-1])
            if not line.name or not np.isfinite(last) or last - bottom < 0.4 * room * per_pixel:
                continue
            near = [height for other, height in taken if abs(other - end) < reach]
            moves = (0.0, -room, room) if line.role == "second" else (0.0,)
            free = [
                place
                for place in (last / per_pixel + move for move in moves)
                if all(abs(place - height) >= room for height in near)
            ]
            if free:
                self._write(len(taken), line, free[0] * per_pixel)
                taken.append((end, free[0]))
        for label in self.names[len(taken) :]:
            label.setVisible(False)

    def _write(self, place: int, line: RoundLine, height: float) -> None:
        if place == len(self.names):
            label = pg.TextItem(anchor=(0, 0.5))
            font = label.textItem.font()
            font.setPointSizeF(self.font().pointSizeF() * 0.85)
            label.setFont(font)
            self.names.append(label)
            self.plot.getPlotItem().addItem(label, ignoreBounds=True)
        label = self.names[place]
        label.setText(self._end_words(line), self._colour(line.like if line.role == "earlier" else line.role))
        label.setPos(len(line.values), height)
        label.setVisible(True)

    def _end_words(self, line: RoundLine) -> str:
        """The name; of what matters in percent, with the last value."""
        if not self._percent or line.role == "quiet":
            return line.name
        return f"{line.name} {percent(float(line.values[-1]))}"

    def _words(self, line: RoundLine) -> str:
        first, last = float(line.values[0]), float(line.values[-1])
        unit = " %" if self._percent else ""
        scale, digits = (100.0, 0) if self._percent else (1.0, 3)
        if line.role == "level":
            return f"{line.name} {scale * last:.{digits}f}{unit}"
        return f"{line.name} from {scale * first:.{digits}f}{unit} to {scale * last:.{digits}f}{unit}"

    def apply_theme(self, theme: Theme, n_rounds: int) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self.plot.setBackground(theme.plot_background)
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(theme.faint_curve)
            axis.setTextPen(theme.muted)
            axis.setGrid(60)
        self.caption.setStyleSheet(f"color: {theme.muted.name()};")
        self.show_lines(self.lines, n_rounds)

"""MapNames: which names a map has room for, and where they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from cfgui.app.map_points import MapPoints, Places
from cfgui.app.map_words import short_name
from cfgui.core.label_layout import Box, Label, place_labels
from cfgui.core.ratings import Floats
from cfgui.gui.map_raster import radius_of
from cfgui.gui.map_viewport import Viewport
from cfgui.gui.theme import Theme

NAMED = 260
"""Points in sight whose names are tried; those that find no room are left out."""


@dataclass(frozen=True)
class Mark:
    """Who is picked out: an index in the table, whether it is among the points of the map or not, and its place."""

    index: int
    place: tuple[float, float]


class MapNames:
    """Names for whom there is room: who is picked out, then the ends of the axes, then by number of ratings."""

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self._indices: list[int] = []
        self._names: dict[int, tuple[str, float]] = {}

    @property
    def texts(self) -> list[str]:
        """The names that are drawn."""
        return [self._names[self._indices[label.number]][0] for label in self.labels]

    def forget(self) -> None:
        """The points are others, or the font is: names are measured anew."""
        self._names = {}

    def lay(
        self,
        points: MapPoints,
        in_view: Places,
        pixels: Floats,
        seen: Viewport,
        mark: Mark | None,
        metrics: QFontMetrics,
        corner: Box,
    ) -> None:
        """Find places for the names of ``in_view``; ``pixels`` are those of all points, ``corner`` is kept free."""
        ends = [position for end in points.ends for position in end.positions.tolist()]
        visible = set(in_view[np.isin(in_view, ends)].tolist())
        positions = [*(position for position in ends if position in visible), *in_view[:NAMED].tolist()]
        order = list(dict.fromkeys(positions))
        indices, at = points.indices[order].tolist(), pixels[order]
        if mark is not None:
            others = [number for number, index in enumerate(indices) if index != mark.index]
            indices = [mark.index, *(indices[number] for number in others)]
            at = np.vstack((seen.to_pixels(np.array([mark.place])), at[others]))
        spots = [(float(x), float(y)) for x, y in (at - (seen.x, seen.y)).tolist()]
        widths = [self._name(points, index, metrics)[1] for index in indices]
        gap = radius_of(len(points)) + 2.0
        self._indices = indices
        self.labels = place_labels(
            spots, widths, metrics.height() - 1.0, (seen.width, seen.height), gap=gap, taken=[corner]
        )

    def _name(self, points: MapPoints, index: int, metrics: QFontMetrics) -> tuple[str, float]:
        """The name of a movie or user on the map, and how wide it is."""
        if index not in self._names:
            name = short_name(points.reading.ratings, points.choice.side, index)
            self._names[index] = name, float(metrics.horizontalAdvance(name)) + 2.0
        return self._names[index]

    def paint(self, painter: QPainter, seen: Viewport, mark: Mark | None, theme: Theme, metrics: QFontMetrics) -> None:
        """Draw them, each on a veil, so that it can be read on a crowd of points."""
        veil = QColor(theme.plot_background)
        veil.setAlpha(170)
        for label in self.labels:
            index = self._indices[label.number]
            x, y = label.box[0] + seen.x, label.box[1] + seen.y
            painter.fillRect(QRectF(x, y, label.box[2] - label.box[0], label.box[3] - label.box[1]), veil)
            painter.setPen(theme.accent if mark is not None and index == mark.index else theme.text)
            painter.drawText(QPointF(x + 1.0, y + metrics.ascent()), self._names[index][0])

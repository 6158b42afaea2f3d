"""Names beside the points of a plot, painted over it where none lies on another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cfgui.core.label_layout import Box, place_labels
from cfgui.gui.theme import Theme, current_theme

WIDEST = 190
"""Pixels of a name; what is longer ends in an ellipsis."""

GAP = 7.0
"""Pixels between a point and its name."""

POINT = 4.0
"""Pixels around every point that no name may cover."""


class Name(NamedTuple):
    """A name to be placed: ``key`` tells whose it is, ``place`` where its point lies, in pixels of the layer."""

    key: int
    text: str
    place: tuple[float, float]


class NameLayer(QWidget):
    """Lies over a plot and lets the mouse through; names that find no room are left out, those first asked for stay."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = current_theme()
        self._boxes: list[tuple[int, str, QRectF]] = []
        self._marked: int | None = None

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self.update()

    def show_names(self, names: Sequence[Name], marked: int | None = None) -> None:
        """Place these, the most important first, clear of all their points; ``marked`` finds its room before all."""
        metrics = QFontMetrics(self.font())
        texts = [metrics.elidedText(name.text, Qt.TextElideMode.ElideRight, WIDEST) for name in names]
        widths = [metrics.horizontalAdvance(text) + 4.0 for text in texts]
        points = [name.place for name in names]
        kept = [(x - POINT, y - POINT, x + POINT, y + POINT) for x, y in points]
        room = float(self.width()), float(self.height())
        first = [place for place, name in enumerate(names) if name.key == marked]
        placed: list[tuple[int, Box]] = []
        for asked, taken in ((first, []), ([it for it in range(len(names)) if it not in first], kept)):
            labels = place_labels(
                [points[it] for it in asked],
                [widths[it] for it in asked],
                metrics.height(),
                room,
                gap=GAP,
                taken=[*taken, *(box for _, box in placed)],
            )
            placed += [(asked[label.number], label.box) for label in labels]
        self._marked = marked
        self._boxes = [(names[number].key, texts[number], _rectangle(box)) for number, box in placed]
        self.update()

    @property
    def shown(self) -> list[tuple[int, QRectF]]:
        """Whose names are seen, and where."""
        return [(key, box) for key, _, box in self._boxes]

    def at(self, position: QPointF) -> int | None:
        """Whose name lies there; None for nobody's."""
        return next((key for key, _, box in self._boxes if box.contains(position)), None)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The names, each on a veil that dims what lies below."""
        painter = QPainter(self)
        veil = QColor(self._theme.plot_background)
        veil.setAlpha(185)
        for key, text, box in self._boxes:
            painter.fillRect(box, self._theme.selection if key == self._marked else veil)
            painter.setPen(self._theme.text)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()


def _rectangle(box: Box) -> QRectF:
    left, top, right, bottom = box
    return QRectF(left, top, right - left, bottom - top)

"""How the sheets are drawn, by the person's choice: colours, titles, zoom and marks."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont, QFontMetrics

MIN_ZOOM, MAX_ZOOM = 0.5, 4.0
BASE_PIXELS = 11
"""Cell text height in device-independent pixels at zoom 1: the original 15 x 15 sheet then fits 1280 x 800."""


class ColorBy(Enum):
    """What the background of ratings and predictions says."""

    VALUE = "value"
    ERROR = "error"
    NONE = "none"


class Appearance(QObject):
    """One set of choices shared by all sheets; ``changed`` follows every change, ``resized`` those of cell sizes."""

    changed = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.color_by = ColorBy.VALUE
        self.titles = False
        self.unrated_zero = False
        self.marks = True
        self.zoom = 1.0

    def set(self, **choices: object) -> None:
        """Change any of ``color_by``, ``titles``, ``unrated_zero`` and ``marks``."""
        for name, value in choices.items():
            setattr(self, name, value)
        if "titles" in choices:
            self.resized.emit()
        self.changed.emit()

    def set_zoom(self, zoom: float) -> None:
        """Cells ``zoom`` times their normal size, within bounds."""
        zoom = round(min(max(zoom, MIN_ZOOM), MAX_ZOOM), 2)
        if zoom != self.zoom:
            self.zoom = zoom
            self.resized.emit()
            self.changed.emit()

    def font(self) -> QFont:
        """The font of the cells."""
        font = QFont()
        font.setPixelSize(max(5, round(BASE_PIXELS * self.zoom)))
        return font

    @property
    def row_height(self) -> int:
        """Height of a row in device-independent pixels."""
        return QFontMetrics(self.font()).height() + max(2, round(3 * self.zoom))

    def column_width(self, sample: str) -> int:
        """Width of a column that shows ``sample``."""
        return QFontMetrics(self.font()).horizontalAdvance(sample) + round(8 * self.zoom)

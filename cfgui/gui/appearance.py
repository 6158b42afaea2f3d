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
    """One set of choices shared by all sheets; ``changed`` follows every change, ``resized`` those of cell sizes.

    While ``fit`` is on, the zoom follows the room there is (``fit_changed``); choosing a zoom switches it off.
    """

    changed = Signal()
    resized = Signal()
    fit_changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.color_by = ColorBy.VALUE
        self.titles = False
        self.unrated_zero = False
        self.marks = True
        self.uncertainty = False
        self.zoom = 1.0
        self.fit = True

    def set(self, **choices: object) -> None:
        """Change any of ``color_by``, ``titles``, ``unrated_zero``, ``marks`` and ``uncertainty``."""
        for name, value in choices.items():
            setattr(self, name, value)
        if "titles" in choices:
            self.resized.emit()
        self.changed.emit()

    def set_zoom(self, zoom: float, *, fitted: bool = False) -> None:
        """Cells ``zoom`` times their normal size, within bounds. ``fitted`` when the room decided, not the person."""
        zoom = round(min(max(zoom, MIN_ZOOM), MAX_ZOOM), 2)
        if self.fit and not fitted:
            self.fit = False
            self.fit_changed.emit(False)
        if zoom != self.zoom:
            self.zoom = zoom
            self.resized.emit()
            self.changed.emit()

    def set_fit(self, on: bool) -> None:
        """Let the zoom follow the room there is, or stay as it is."""
        if on != self.fit:
            self.fit = on
            self.fit_changed.emit(on)
            self.resized.emit()

    def font(self, zoom: float | None = None) -> QFont:
        """The font of the cells, at the present zoom or another."""
        font = QFont()
        font.setPixelSize(max(5, round(BASE_PIXELS * (zoom or self.zoom))))
        return font

    def row_height_at(self, zoom: float) -> int:
        """Height of a row at a zoom, in device-independent pixels."""
        return QFontMetrics(self.font(zoom)).height() + max(2, round(3 * zoom))

    @property
    def row_height(self) -> int:
        """Height of a row now."""
        return self.row_height_at(self.zoom)

    def column_width(self, sample: str, zoom: float | None = None) -> int:
        """Width of a column that shows ``sample``, at the present zoom or another."""
        return QFontMetrics(self.font(zoom)).horizontalAdvance(sample) + round(8 * (zoom or self.zoom))

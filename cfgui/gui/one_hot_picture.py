"""OneHotPicture: the one-hot row beside the matrix, the product under it, and the gradient with its rows of zeros."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cfgui.app.block import weight_text
from cfgui.app.one_hot_lookup import OneHotLookup
from cfgui.core.ratings import Floats
from cfgui.gui.appearance import Appearance
from cfgui.gui.theme import Theme, current_theme

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

LINES_AROUND = 4
"""Lines besides the rows of the matrix: two captions and two results."""


class OneHotPicture(QWidget):
    """Draws one ``OneHotLookup``; as many factors as there is room for, with "…" where there are more."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance, self._theme = appearance, current_theme()
        self.found: OneHotLookup | None = None

    def show_lookup(self, found: OneHotLookup | None) -> None:
        """Draw this, or nothing."""
        self.found = found
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self._theme = theme
        self.update()

    def n_rows_in(self, height: int) -> int:
        """How many rows of a matrix there is room for, those that stand for hidden ones included."""
        return max(1, height // self._appearance.row_height - LINES_AROUND)

    def sizeHint(self) -> QSize:
        """Room for the 15 rows of the workbook."""
        return QSize(500, (15 + LINES_AROUND) * self._appearance.row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it all."""
        if self.found is None:
            return
        painter = QPainter(self)
        painter.setFont(self._appearance.font())
        _Painting(painter, self._theme, self._appearance, self.found, self.width()).draw()
        painter.end()


class _Painting:
    """One painting of a picture."""

    def __init__(
        self, painter: QPainter, theme: Theme, appearance: Appearance, found: OneHotLookup, width: int
    ) -> None:
        self._painter, self._theme, self._found = painter, theme, found
        metrics = painter.fontMetrics()
        wide = metrics.horizontalAdvance
        self._line = appearance.row_height
        largest = max(float(np.abs(table).max(initial=0.0)) for table in (found.matrix, found.gradient))
        self._number = appearance.column_width(
            "-8.88" if largest < 10.0 else "-88.88" if largest < 100.0 else "-8,888.88"
        )
        index = max(wide(f"{found.n:,}"), wide("idx")) + 8
        self._index, self._ones = QRect(0, 0, index, self._line), QRect(index, 0, wide("one-hot") + 12, self._line)
        self._left = max(self._ones.right() + 1, wide("product") + 10) + wide(" × ") + 4
        self._gap = max(wide("slopes"), wide("scatter")) + 16
        room = (width - self._left - self._gap) // 2 // self._number
        self._n_shown = found.k if found.k <= room else max(1, room - 1)
        self._more = found.k > self._n_shown
        self._right = self._left + (self._n_shown + self._more) * self._number + self._gap

    def draw(self) -> None:
        """Captions, the rows with the place of hidden ones between them, and what comes out."""
        found, line = self._found, self._line
        self._captions()
        before, after = found.start > 0, found.stop < found.n
        first, last = int(before), len(found.one_hot) - int(after)
        top = 2 * line
        for row in range(len(found.one_hot)):
            hidden = (row < first) or (row >= last)
            if hidden and found.start + row != found.place:
                self._text(QRect(0, top, self._index.width() - 4, line), "⋮")
                self._text(self._ones.translated(0, top).adjusted(0, 0, -4, 0), "⋮")
            else:
                self._row(top, row)
            top += line
        self._results(top)

    def _captions(self) -> None:
        found, line, text = self._found, self._line, self._theme.text
        self._text(QRect(0, 0, self._right, line), f"one-hot row (1 × {found.n:,}) × matrix ({found.n:,} × {found.k})",
                   text, _LEFT)  # fmt: skip
        self._text(QRect(self._right - self._gap + 10, 0, 2000, line), "gradient of error^2 by the matrix", text, _LEFT)
        self._text(self._index.translated(0, line).adjusted(0, 0, -4, 0), "idx")
        self._text(self._ones.translated(0, line).adjusted(0, 0, -4, 0), "one-hot")
        for left in (self._left, self._right):
            for factor in range(self._n_shown):
                self._text(self._cell(left, line, factor), str(factor + 1))

    def _row(self, top: int, row: int) -> None:
        found, line, theme = self._found, self._line, self._theme
        chosen = found.start + row == found.place
        colour = theme.text if chosen else theme.muted
        if chosen:
            for left in (self._left, self._right):
                width = self._n_shown * self._number
                self._painter.fillRect(QRect(left, top, width, line), theme.selection)
            self._painter.fillRect(self._ones.translated(0, top), theme.selection)
        self._text(self._index.translated(0, top).adjusted(0, 0, -4, 0), f"{found.start + row + 1:,}", colour)
        self._text(self._ones.translated(0, top).adjusted(0, 0, -4, 0), f"{found.one_hot[row]:.0f}", colour)
        self._text(QRect(self._ones.right() + 1, top, self._left - self._ones.right() - 1, line), "×", theme.muted,
                   Qt.AlignmentFlag.AlignCenter)  # fmt: skip
        self._numbers(self._left, top, found.matrix[row], colour)
        self._numbers(self._right, top, found.gradient[row], colour)

    def _results(self, top: int) -> None:
        found, line, theme = self._found, self._line, self._theme
        self._painter.setPen(theme.muted)
        for left in (self._left, self._right):
            self._painter.drawLine(left, top, left + self._n_shown * self._number, top)
        for shift, name, numbers in ((0, "product", found.product), (1, "lookup", found.lookup)):
            place = QRect(0, top + shift * line, self._left - 8, line)
            self._text(place, f"= {name}", theme.text)
            self._numbers(self._left, place.top(), numbers, theme.text)
        for shift, name, numbers in ((0, "slopes", found.upstream), (1, "scatter", found.scattered)):
            place = QRect(self._right - self._gap, top + shift * line, self._gap - 6, line)
            self._text(place, name, theme.text)
            self._numbers(self._right, place.top(), numbers, theme.text)

    def _numbers(self, left: int, top: int, numbers: Floats, colour: QColor) -> None:
        for factor in range(self._n_shown):
            value = float(numbers[factor])
            self._text(self._cell(left, top, factor), "0" if value == 0.0 else weight_text(value), colour)
        if self._more:
            self._text(self._cell(left, top, self._n_shown), "…", colour)

    def _cell(self, left: int, top: int, factor: int) -> QRect:
        return QRect(left + factor * self._number, top, self._number - 4, self._line)

    def _text(self, place: QRect, text: str, colour: QColor | None = None, align: Qt.AlignmentFlag = _RIGHT) -> None:
        self._painter.setPen(colour or self._theme.muted)
        self._painter.drawText(place, align, text)

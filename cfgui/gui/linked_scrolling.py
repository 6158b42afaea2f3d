"""Blocks that scroll and resize as one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QScrollBar, QTableView, QWidget


class LinkedHeaders:
    """Headers whose sections keep the same sizes: dragging one drags all."""

    def __init__(self, headers: Sequence[QHeaderView]) -> None:
        self._headers = list(headers)
        self._busy = False
        for header in self._headers:
            header.sectionResized.connect(self._resized)

    def _resized(self, section: int, old: int, new: int) -> None:
        if self._busy:
            return
        self._busy = True
        for header in self._headers:
            if section < header.count() and header.sectionSize(section) != new:
                header.resizeSection(section, new)
        self._busy = False


class LinkedScrollBar(QScrollBar):
    """One visible scroll bar for the hidden ones of several views; the first view decides the range.

    Hidden while there is nothing to scroll. Without a parent it would be seen as a window of its own until it has one.
    """

    def __init__(self, orientation: Qt.Orientation, views: Sequence[QTableView], parent: QWidget) -> None:
        super().__init__(orientation, parent)
        horizontal = orientation == Qt.Orientation.Horizontal
        self._bars = [view.horizontalScrollBar() if horizontal else view.verticalScrollBar() for view in views]
        self._bars[0].rangeChanged.connect(self._range_changed)
        for bar in self._bars:
            bar.valueChanged.connect(self._moved)
        self.valueChanged.connect(self._moved)
        self._range_changed(self._bars[0].minimum(), self._bars[0].maximum())

    def _range_changed(self, low: int, high: int) -> None:
        self.setRange(low, high)
        self.setPageStep(self._bars[0].pageStep())
        self.setSingleStep(self._bars[0].singleStep())
        self.setVisible(high > low)

    def _moved(self, value: int) -> None:
        for bar in (*self._bars, self):
            if bar.value() != value:
                bar.setValue(value)

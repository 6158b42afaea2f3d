"""Beside the map: who stands at the ends of its axes, and the list of those a person drew a lasso around."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.map_points import MapPoints, Places
from cfgui.app.map_words import axis_name, end_words, full_name, listed
from cfgui.app.words import counted
from cfgui.gui.number_table import NumberTable
from cfgui.gui.theme import Theme

_INDEX = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

EMPTY = "Hold Shift and draw around points, or press “List view”: they are listed here."


class EndsTree(QTreeWidget):
    """The five outermost at each end of both axes, with where they stand; copyable.

    ``marked`` and ``activated`` (index in the table) as of the map.
    """

    marked = Signal(int)
    activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: MapPoints | None = None
        self._shown: tuple[tuple[str, int, str], ...] = ()
        self._filling = False
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName("Who stands at the ends of the axes")
        self.setToolTip("")
        self.currentItemChanged.connect(self._tell)
        self.itemActivated.connect(self._activate)

    def show_points(self, points: MapPoints) -> None:
        """Name the ends of these."""
        self._points = points
        lines: list[tuple[str, int, str]] = []
        ratings, side = points.reading.ratings, points.choice.side
        for end in points.ends:
            if not axis_name(points, end.which):
                continue
            lines.append((end_words(points, end).capitalize(), -1, ""))
            for position, value in zip(end.positions.tolist(), end.values.tolist(), strict=True):
                index = int(points.indices[position])
                lines.append((full_name(ratings, side, index), index, f"{value:.2f}"))
        if tuple(lines) != self._shown:
            self._fill(tuple(lines))

    def _fill(self, lines: tuple[tuple[str, int, str], ...]) -> None:
        current = self.currentItem()
        chosen = None if current is None else current.data(0, _INDEX)
        self._filling, self._shown = True, lines
        try:
            self.clear()
            bold = QFont(self.font())
            bold.setBold(True)
            for words, index, value in lines:
                item = QTreeWidgetItem(self, [words, value])
                item.setTextAlignment(1, _RIGHT)
                item.setToolTip(0, words)
                item.setData(0, _INDEX, index)
                if index < 0:
                    item.setFont(0, bold)
                    item.setFirstColumnSpanned(True)
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                elif index == chosen:
                    self.setCurrentItem(item)
                    chosen = None
        finally:
            self._filling = False

    def tsv(self) -> str:
        """The selected lines, or all, with every digit."""
        points = self._points
        if points is None:
            return ""
        lines, number = [], 0
        selected = {self.indexOfTopLevelItem(item) for item in self.selectedItems()}
        for end in points.ends:
            if not axis_name(points, end.which):
                continue
            number += 1  # the line with the name of the end
            for position, value in zip(end.positions.tolist(), end.values.tolist(), strict=True):
                name = full_name(points.reading.ratings, points.choice.side, int(points.indices[position]))
                if not selected or number in selected:
                    lines.append(f"{end_words(points, end)}\t{name}\t{value!r}")
                number += 1
        return "\n".join(lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected lines, or all."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.tsv())
        else:
            super().keyPressEvent(event)

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and not self._filling and item.data(0, _INDEX) >= 0:
            self.marked.emit(item.data(0, _INDEX))

    def _activate(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _INDEX) >= 0:
            self.activated.emit(item.data(0, _INDEX))


class MapSide(QTabWidget):
    """Two tabs: the ends of the axes, and a list. ``marked`` and ``activated`` carry an index in the table.

    ``view_listed`` asks for the points in sight, ``lasso_toggled`` (on) that a plain drag draws a lasso; ``said`` is
    that of the table.
    """

    marked = Signal(int)
    activated = Signal(int)
    view_listed = Signal()
    lasso_toggled = Signal(bool)
    said = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: MapPoints | None = None
        self._listed: Places = np.zeros(0, dtype=np.intp)
        self.ends, self.table = EndsTree(), NumberTable(name="Listed points")
        self.caption = QLabel(EMPTY)
        self.caption.setWordWrap(True)
        self.lasso = self._button("&Lasso", "A plain drag draws around points; so does Shift and a drag.  (Alt+L)")
        self.lasso.setCheckable(True)
        self.lasso.toggled.connect(self.lasso_toggled)
        self.view = self._button("List &view", "List every point in sight.  (Ctrl+Enter)")
        self.view.clicked.connect(self.view_listed)
        self.addTab(self.ends, "Ends of the axes")
        self.addTab(self._list_page(), "List")
        self.setDocumentMode(True)
        self.tabBar().setExpanding(False)
        self.ends.marked.connect(self.marked)
        self.ends.activated.connect(self.activated)
        self.table.row_selected.connect(lambda row: self._tell(self.marked, row))
        self.table.row_activated.connect(lambda row: self._tell(self.activated, row))
        self.table.said.connect(self.said)

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self.caption, 1)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        return page

    @property
    def listed_indices(self) -> list[int]:
        """Who is in the list, as indices in the table."""
        return [] if self._points is None else self._points.indices[self._listed].tolist()

    def show_points(self, points: MapPoints) -> None:
        """Take these; the list keeps whom it names, as far as they are among the points."""
        before = self._points
        self._points = points
        self.ends.show_points(points)
        if before is None or not len(self._listed):
            return
        if before.choice.side != points.choice.side or before.reading.ratings is not points.reading.ratings:
            self.list_points(np.zeros(0, dtype=np.intp), show=False)
        else:
            if before.indices is not points.indices:
                self._listed = np.flatnonzero(np.isin(points.indices, before.indices[self._listed]))
            self._fill()

    def list_points(self, positions: Places, *, show: bool = True) -> None:
        """List these, the most rated first."""
        self._listed = positions
        self._fill()
        if show:
            self.setCurrentIndex(1)

    def select(self, index: int | None) -> None:
        """Select somebody in the list, where it has them."""
        if index is not None and index in (indices := self.listed_indices):
            self.table.blockSignals(True)
            self.table.select_row(indices.index(index))
            self.table.blockSignals(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.caption.setStyleSheet(f"color: {theme.muted.name()}")

    def _fill(self) -> None:
        assert self._points is not None
        points, n = self._points, len(self._listed)
        self.table.show_columns(listed(points, self._listed))
        self.caption.setText(f"{counted(n, points.choice.side)}, of {len(points):,} on the map" if n else EMPTY)

    def _tell(self, signal: SignalInstance, row: int) -> None:
        indices = self.listed_indices
        if row < len(indices):
            signal.emit(indices[row])

"""EndsTree: who stands at the ends of the axes of a map."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from cfgui.app.map_points import MapPoints
from cfgui.app.map_words import axis_name, end_words
from cfgui.app.number_columns import with_minus
from cfgui.app.subjects import subject_name
from cfgui.gui.table_menu import is_menu_key

TIP = (
    "The outermost at each end of both axes, with where they stand. Ask what those at one end have in common."
    " Ctrl+C copies them with every digit."
)

_INDEX = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class EndsTree(QTreeWidget):
    """The five outermost at each end of both axes, with where they stand; copyable.

    ``marked``, ``activated`` (index in the table) and ``menu_wanted`` (that, place on the screen) as of the map.
    """

    marked = Signal(int)
    activated = Signal(int)
    menu_wanted = Signal(int, QPoint)

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
        self.setToolTip(TIP)
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
                lines.append((subject_name(ratings, side, index), index, with_minus(f"{value:z.2f}")))
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
                name = subject_name(points.reading.ratings, points.choice.side, int(points.indices[position]))
                if not selected or number in selected:
                    lines.append(f"{end_words(points, end)}\t{name}\t{value!r}")
                number += 1
        return "\n".join(lines)

    def event(self, event: QEvent) -> bool:
        """Keep the keys of copying to itself: the window's own copy something else."""
        is_key = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)
        if is_key and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected lines, or all."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.tsv())
        elif is_menu_key(event):
            self._ask_for_menu(self.currentItem(), None)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the line under the mouse, or, by the menu key, of the current one."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            item = self.itemAt(event.pos())
            if item is not None:
                self.setCurrentItem(item)
            self._ask_for_menu(item, event.pos())
        else:
            self._ask_for_menu(self.currentItem(), None)

    def _ask_for_menu(self, item: QTreeWidgetItem | None, at: QPoint | None) -> None:
        """Once: some systems send both the menu key and its meaning."""
        if item is not None and item.data(0, _INDEX) >= 0 and QApplication.activePopupWidget() is None:
            place = self.visualItemRect(item).center() if at is None else at
            self.menu_wanted.emit(item.data(0, _INDEX), self.viewport().mapToGlobal(place))

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and not self._filling and item.data(0, _INDEX) >= 0:
            self.marked.emit(item.data(0, _INDEX))

    def _activate(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _INDEX) >= 0:
            self.activated.emit(item.data(0, _INDEX))

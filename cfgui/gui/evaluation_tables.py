"""The tables of an evaluation: figures of the model and of the baselines, errors by user and by movie."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QTableWidget, QTableWidgetItem, QWidget

from cfgui.app.clipboard import to_tsv
from cfgui.app.evaluation_columns import Column
from cfgui.app.evaluation_groups import GroupTable
from cfgui.app.evaluation_report import EvaluationReport

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_NO_PARENT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

MOST_COPIED = 5000
"""Rows of a table that are copied at most: more would stop the window for a moment, and belong into a file."""

ARROW_ROOM = "    "
"""Behind the names of numbers, so that the arrow of the sorted column hides none."""

MARGIN = 14
"""Room between two columns."""


class ResultsTable(QTableWidget):
    """One row for the model and one for each baseline; the best of a column is bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: EvaluationReport | None = None
        _look(self)
        self.setAccessibleName("Figures of the model and of the baselines")

    def show_columns(self, columns: tuple[Column, ...]) -> None:
        """Empty, with the names of the figures and what they mean."""
        self.report = None
        self.setRowCount(0)
        self.setColumnCount(1 + len(columns))
        self.setHorizontalHeaderItem(0, _item("Predicted by", _LEFT, "The model, and plain ways to predict beside it."))
        for place, column in enumerate(columns, start=1):
            self.setHorizontalHeaderItem(place, _item(column.title, _RIGHT, column.tip))
        self._fit()

    def show_report(self, report: EvaluationReport) -> None:
        """Every figure; of folds mean ± standard deviation."""
        self.show_columns(report.columns)
        self.report = report
        self.setRowCount(len(report.rows))
        for row, each in enumerate(report.rows):
            self.setItem(row, 0, _item(each.name, _LEFT, each.tip))
            for place, column in enumerate(report.columns):
                figure, sd = report.shown(row, place)
                item = _item(f"{figure}\n{sd}" if sd else figure, _RIGHT, self._tip(row, place))
                if report.is_best(row, place):
                    font = QFont(item.font())
                    font.setBold(True)
                    item.setFont(font)
                item.setData(_Role.AccessibleTextRole, f"{each.name}, {column.title}: {figure} {sd}".rstrip())
                self.setItem(row, 1 + place, item)
        self._fit()

    def _tip(self, row: int, column: int) -> str:
        assert self.report is not None
        best = "The best of this column." if self.report.is_best(row, column) else ""
        parts = (self.report.full(row, column), best, self.report.columns[column].tip)
        return "\n".join(filter(None, parts))

    def _fit(self) -> None:
        lines = 2 if self.report is not None and self.report.has_spread else 1
        self.verticalHeader().setDefaultSectionSize(lines * self.fontMetrics().lineSpacing() + 7)
        self.resizeColumnsToContents()
        for column in range(self.columnCount()):
            self.setColumnWidth(column, self.columnWidth(column) + MARGIN)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C is the dialog's: Qt would copy one cell."""
        event.ignore() if event.matches(QKeySequence.StandardKey.Copy) else super().keyPressEvent(event)

    def tsv(self) -> str:
        """All of it with every digit."""
        return "" if self.report is None else to_tsv(self.report.table())


class GroupsModel(QAbstractTableModel):
    """A ``GroupTable`` in an order of its own; nothing is computed before it is looked at."""

    def __init__(self, table: GroupTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = table
        self.order = np.arange(table.n_rows)

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """One row a user or movie."""
        return 0 if parent.isValid() else self.table.n_rows

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """As many as the table has."""
        return 0 if parent.isValid() else len(self.table.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """The names of the columns, and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.table.columns[section]
        shown = {
            _Role.DisplayRole: column.title + (ARROW_ROOM if section >= len(self.table.texts) else ""),
            _Role.ToolTipRole: f"{column.tip}\nA click sorts by it.",
            _Role.TextAlignmentRole: self._alignment(section),
        }
        return shown.get(_Role(role))

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """What to show, and every digit of it on hover."""
        row, column = int(self.order[index.row()]), index.column()
        if role == _Role.DisplayRole:
            return self.table.shown(row, column)
        if role == _Role.ToolTipRole:
            return self.table.full(row, column)
        if role == _Role.TextAlignmentRole:
            return self._alignment(column)
        return None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        return _LEFT if column < len(self.table.texts) else _RIGHT

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the rows by a column."""
        if 0 <= column < len(self.table.columns):
            self.layoutAboutToBeChanged.emit()
            self.order = self.table.order(column, descending=order == Qt.SortOrder.DescendingOrder)
            self.layoutChanged.emit()

    def tsv(self, rows: list[int]) -> str:
        """These rows in the order shown, under their header, with every digit."""
        places = range(len(self.table.columns))
        lines = [[self.table.full(int(self.order[row]), place) for place in places] for row in rows]
        return to_tsv([[column.title for column in self.table.columns], *lines])


class GroupsView(QTableView):
    """Sortable by a click on a header; ``wanted`` ("user 14", "movie 27") after a double click or Enter on a row."""

    wanted = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _look(self)
        self.setAccessibleName(name)
        self.setSortingEnabled(True)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.groups: GroupsModel | None = None
        self.doubleClicked.connect(self._want)

    def show_table(self, table: GroupTable | None) -> None:
        """Show this, those with the largest errors first; None empties it."""
        old, self.groups = self.groups, None if table is None else GroupsModel(table, self)
        self.setModel(self.groups)
        if old is not None:
            old.deleteLater()
        if table is None:
            return
        keys = [column.key for column in table.columns]
        self.sortByColumn(keys.index("rmse"), Qt.SortOrder.DescendingOrder)
        header, metrics = self.horizontalHeader(), self.fontMetrics()
        for place, column in enumerate(table.columns):
            is_title = column.key == "title"
            header.setSectionResizeMode(
                place, QHeaderView.ResizeMode.Stretch if is_title else QHeaderView.ResizeMode.Interactive
            )
            header.resizeSection(place, max(map(metrics.horizontalAdvance, (column.title, "0.00000"))) + 2 * MARGIN)

    @property
    def can_copy(self) -> bool:
        """Whether the rows that would be copied are few enough."""
        return self.groups is not None and 0 < len(self._rows()) <= MOST_COPIED

    def tsv(self) -> str:
        """The selected rows, or all of them."""
        return "" if self.groups is None else self.groups.tsv(self._rows())

    def _rows(self) -> list[int]:
        assert self.groups is not None
        ranges = self.selectionModel().selection().toList()
        rows = sorted({row for part in ranges for row in range(part.top(), part.bottom() + 1)})
        return rows or list(range(self.groups.rowCount()))

    def _want(self, index: _Index) -> None:
        if self.groups is not None and index.isValid():
            table = self.groups.table
            self.wanted.emit(f"{table.side} {table.texts[0][int(self.groups.order[index.row()])]}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the user or movie of the row; Ctrl+C is the dialog's: Qt would copy one cell."""
        if event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._want(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _look(table: QTableView) -> None:
    """What both kinds of table have in common."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 7)
    table.horizontalHeader().setHighlightSections(False)


def _item(text: str, alignment: Qt.AlignmentFlag, tip: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(alignment)
    item.setToolTip(tip)
    return item

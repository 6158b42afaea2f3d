"""The answer report on screen: a table to sort and copy, and the choice to keep the solution or not."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QCloseEvent, QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.answer_report import COLUMNS, AnswerReport, VariableCell, cell_texts
from cfgui.app.clipboard import to_tsv
from cfgui.app.words import counted

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_NO_PARENT = QModelIndex()
SORT_ROLE = _Role.UserRole
"""The role under which the model gives what a column sorts by."""


class CellsModel(QAbstractTableModel):
    """The variable cells of a report, six decimals on screen and full precision in tooltips."""

    def __init__(self, cells: tuple[VariableCell, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = cells

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """One row a cell."""
        return 0 if parent.isValid() else len(self.cells)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """Address, name, original and final value, change."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """The names of the columns."""
        horizontal = orientation == Qt.Orientation.Horizontal
        return COLUMNS[section] if horizontal and role == _Role.DisplayRole else None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """What to show, sort by, and say on hover."""
        cell, column = self.cells[index.row()], index.column()
        numbers = (cell.original, cell.final, cell.change)
        if role == _Role.DisplayRole:
            return cell[column] if column < 2 else f"{numbers[column - 2]:.6f}"
        if role == SORT_ROLE:
            return index.row() if column == 0 else cell.name if column == 1 else numbers[column - 2]
        if role == _Role.ToolTipRole:
            return cell_texts(cell)[column]
        if role == _Role.TextAlignmentRole and column >= 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class CellsTable(QTableView):
    """A sortable table whose selected rows, or all of them, go to the clipboard as TSV in the order shown."""

    def __init__(self, cells: tuple[VariableCell, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(CellsModel(tuple(sorted(cells, key=lambda cell: cell.place)), self))
        self._sorted.setSortRole(SORT_ROLE)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 5)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)  # names may be long, with long ids in them
        header.resizeSection(0, 76)
        for column in range(2, len(COLUMNS)):
            header.resizeSection(column, self.fontMetrics().horizontalAdvance("-00.000000") + 24)
        self.setAccessibleName("Variable cells")

    def tsv(self) -> str:
        """The selected rows, or all where none is selected, under their header, numbers to full precision."""
        chosen = {index.row() for index in self.selectionModel().selectedRows()}
        source = self._sorted.sourceModel()
        assert isinstance(source, CellsModel)
        rows = [
            list(cell_texts(source.cells[self._sorted.mapToSource(self._sorted.index(row, 0)).row()]))
            for row in range(self._sorted.rowCount())
            if row in chosen or not chosen
        ]
        return to_tsv([list(COLUMNS), *rows])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies; Escape takes the selection back before it closes the dialog."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.tsv())
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.selectionModel().select(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)
        else:
            super().keyPressEvent(event)


class ReportDialog(QDialog):
    """Says what Solve did. Accepted: keep the solution. Rejected: restore the original values.

    Only the button restores: Escape and closing the window keep, for the solution may have taken long to find.
    """

    def __init__(self, report: AnswerReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report = report
        self.setWindowTitle("Answer report")
        self.resize(560, 460)
        self.table = CellsTable(report.cells, self)
        self.table.setToolTip("Click a header to sort. Ctrl+C copies the selected rows, or all of them.")
        column = QVBoxLayout(self)
        column.addWidget(_selectable(report.result, bold=True))
        facts = QFormLayout()
        facts.setVerticalSpacing(2)
        facts.setHorizontalSpacing(12)
        for label, value in (("Objective", report.objective), *report.facts):
            facts.addRow(f"{label}:", _selectable(value))
        column.addLayout(facts)
        column.addWidget(QLabel(counted(len(report.cells), "variable cell")))
        column.addWidget(self.table, 1)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.keep_button = box.addButton("&Keep solution", QDialogButtonBox.ButtonRole.AcceptRole)
        self.restore_button = box.addButton("&Restore original values", QDialogButtonBox.ButtonRole.RejectRole)
        self.copy_button = box.addButton("&Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        self.keep_button.setToolTip("Leave the weights as Solve found them. Undo can still take them back.")
        self.restore_button.setToolTip("Put back the weights from before Solve.")
        self.copy_button.setToolTip("Copy the whole report as text.")
        self.keep_button.setDefault(True)
        self.copy_button.clicked.connect(self._copy)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the dialog and keeps the solution."""
        if event.key() == Qt.Key.Key_Escape:
            self.accept()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window keeps the solution."""
        event.accept()
        self.accept()


def _selectable(text: str, *, bold: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if bold:
        font = QFont(label.font())
        font.setBold(True)
        label.setFont(font)
    return label

"""NumberModel: whole columns of numbers and texts as Qt's tables ask for them, cell by cell."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from cfgui.app.number_rows import NumberRows

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_NO_PARENT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

ARROW_ROOM = "    "
"""Behind the names of numbers, so that the arrow of the sorted column hides none."""


class NumberModel(QAbstractTableModel):
    """``NumberRows`` as Qt wants to be told of them; nothing is written out before it is looked at.

    ``sort_asked`` (place, order) hands on what a click on a header asks for.
    """

    sort_asked = Signal(int, Qt.SortOrder)

    def __init__(self, rows: NumberRows, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows = rows

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """The rows that are shown."""
        return 0 if parent.isValid() else len(self._rows.shown)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """As many as there are."""
        return 0 if parent.isValid() else len(self._rows.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """The names of the columns, and what they mean."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self._rows.columns):
            return None
        column = self._rows.columns[section]
        shown = {
            _Role.DisplayRole: column.title + ("" if column.is_text else ARROW_ROOM),
            _Role.ToolTipRole: f"{column.tip}\nA click sorts by it, another one the other way round.",
            _Role.TextAlignmentRole: _LEFT if column.is_text else _RIGHT,
        }
        return shown.get(_Role(role))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Called by the table that shows this."""
        self.sort_asked.emit(column, order)

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> object:
        """What to show, and every digit of it on hover."""
        if role not in (_Role.DisplayRole, _Role.ToolTipRole, _Role.TextAlignmentRole, _Role.AccessibleTextRole):
            return None
        column, row = self._rows.columns[index.column()], int(self._rows.shown[index.row()])
        if role == _Role.TextAlignmentRole:
            return _LEFT if column.is_text else _RIGHT
        if role == _Role.ToolTipRole:
            return column.told(row)
        return column.shown(row) if role == _Role.DisplayRole else f"{column.title}: {column.shown(row)}"

"""BlockModel: one block of a sheet as a Qt table model. Reads through the block, sends edits, owns nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from cfgui.app.block import Block
from cfgui.app.edits import Edit
from cfgui.app.numbers import parse_number
from cfgui.core.ratings import Cell

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
MAX_TOLD = 100_000
"""Cells up to which a change of the numbers is told as such: Qt's answer to more takes longer than painting."""

Role = Qt.ItemDataRole
TITLE_ROLE = Role.UserRole
"""What a header's section stands for, in one line."""


class BlockModel(QAbstractTableModel):
    """Rows and columns of a ``Block``; ``submit`` receives every edit, ``rejected`` the sentence for a bad one.

    ``repaint_wanted`` says that numbers of a large block changed, in place of ``dataChanged``.
    """

    rejected = Signal(str)
    repaint_wanted = Signal()

    def __init__(self, block: Block, submit: Callable[[Edit], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.block = block
        self._submit = submit
        self._shape = block.shape

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Rows of the block."""
        return 0 if parent.isValid() else self._shape[0]

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """Columns of the block."""
        return 0 if parent.isValid() else self._shape[1]

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401 - Qt's QVariant
        """Text, full text, tooltip or accessible text of one cell."""
        row, column, block = index.row(), index.column(), self.block
        if not index.isValid() or not self._exists(row, column):
            return None
        texts: dict[int, Callable[[], str]] = {
            Role.DisplayRole: lambda: block.text(row, column),
            Role.EditRole: lambda: block.full_text(row, column),
            Role.ToolTipRole: lambda: "\n".join(filter(None, (block.tip(row, column), block.tip_more(row, column)))),
            Role.AccessibleTextRole: lambda: f"{block.tip(row, column)}: {block.text(row, column) or 'blank'}",
        }
        return texts[role]() if role in texts else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: ANN401
        """Ids, or their tooltips."""
        horizontal = orientation == Qt.Orientation.Horizontal
        if not 0 <= section < self.block.shape[1 if horizontal else 0]:
            return None
        if role == Role.DisplayRole:
            return self.block.column_header(section) if horizontal else self.block.row_header(section)
        if role == TITLE_ROLE:
            return self.block.column_tip(section) if horizontal else self.block.row_tip(section)
        if role == Role.ToolTipRole:
            tip, facts = (
                (self.block.column_tip(section), self.block.column_facts(section))
                if horizontal
                else (self.block.row_tip(section), self.block.row_facts(section))
            )
            return f"{tip}\n{facts}" if facts else tip
        return None

    def _exists(self, row: int, column: int) -> bool:
        """Whether the block has this cell still: a view may ask between a change of the session and ``refresh``."""
        n_rows, n_columns = self.block.shape
        return 0 <= row < n_rows and 0 <= column < n_columns

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Editable where the block is."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row, column = index.row(), index.column()
        if index.isValid() and self._exists(row, column) and self.block.can_edit(row, column):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:  # noqa: ANN401
        """Parse ``value`` and submit it; False with ``rejected`` when it is no number the cell can hold."""
        if role != Role.EditRole or not index.isValid():
            return False
        return self.set_cells({(index.row(), index.column()): str(value)})

    def set_cells(self, texts: dict[Cell, str]) -> bool:
        """Set several cells from texts as one edit; all or nothing."""
        try:
            cells = {cell: parse_number(text) for cell, text in texts.items()}
            changed = {cell: value for cell, value in cells.items() if value != self.block.value(*cell)}
            return self._submit(self.block.edit(changed)) if changed else True
        except ValueError as error:
            self.rejected.emit(str(error))
            return False

    @property
    def is_stale(self) -> bool:
        """Whether the block has another shape than the views believe."""
        return self.block.shape != self._shape

    def refresh(self) -> None:
        """Tell views that numbers changed: one range; shapes too where the block's has."""
        if self.is_stale:
            self.beginResetModel()
            self._shape = self.block.shape
            self.endResetModel()
        elif self._shape[0] * self._shape[1] > MAX_TOLD:
            self.repaint_wanted.emit()
        elif self._shape[0] and self._shape[1]:
            self.dataChanged.emit(self.index(0, 0), self.index(self._shape[0] - 1, self._shape[1] - 1))

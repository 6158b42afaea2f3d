"""BlockView: one block of a sheet on screen, painted whole in one pass, with a spreadsheet's keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from cfgui.app.block import ALL
from cfgui.app.selection_statistics import Rectangle
from cfgui.app.turnstile import TURNSTILE
from cfgui.core.ratings import Cell, Mask
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_header import BlockHeader
from cfgui.gui.block_model import BlockModel, Index
from cfgui.gui.block_painter import BlockPainter
from cfgui.gui.cell_editor import CellEditor, move_of
from cfgui.gui.lit_cells import Lit
from cfgui.gui.table_menu import is_menu_key, place_for_menu, place_of_click
from cfgui.gui.theme import current_theme

Align = Qt.AlignmentFlag
Key = Qt.Key
Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier
_DIRECTIONS = {Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0), Key.Key_Left: (0, -1), Key.Key_Right: (0, 1)}


MAX_CELLS = 250_000
"""Cells that are copied, cleared or filled at once at most."""


class BlockView(QTableView):
    """A table of one block.

    ``selected`` follows each change of the selection by person or program while this block has it; ``left_edge`` (rows,
    columns) tells that an arrow key wanted to leave the block; ``menu_asked`` (point on screen) asks for the menu of
    the current cell. ``sample`` is a text as wide as a column.
    """

    selected = Signal()
    left_edge = Signal(int, int)
    menu_asked = Signal(QPoint)

    def __init__(
        self,
        model: BlockModel,
        appearance: Appearance,
        parent: QWidget,
        *,
        sample: str = "88.88",
        shows_titles: bool = False,
    ) -> None:
        super().__init__(parent)
        self.block = model.block
        self._model, self._appearance, self.sample = model, appearance, sample
        self._lit: Lit = frozenset()
        self._painter = BlockPainter(self, model.block, appearance)
        self.setModel(model)
        self.setHorizontalHeader(BlockHeader(Qt.Orientation.Horizontal, appearance, self, shows_titles=shows_titles))
        self.setVerticalHeader(BlockHeader(Qt.Orientation.Vertical, appearance, self))
        self._set_up()
        self._editor = editor = CellEditor(self, lambda: self.block.accepts_blank)
        self._extent: tuple[int, int] | None = None
        self._pressed = QPersistentModelIndex()
        editor.moved.connect(self.move_current)
        editor.fill_requested.connect(self.fill_selection)
        self.setItemDelegate(editor)
        appearance.changed.connect(self.viewport().update)
        model.repaint_wanted.connect(self.viewport().update)
        self.apply_sizes()

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        for bar in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            bar(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed)
        self.setAccessibleName(self.block.title)

    # Sizes

    def apply_sizes(self) -> None:
        """Take font, row height and column width from the appearance."""
        self.setFont(self._appearance.font())
        for header, size in (
            (self.horizontalHeader(), self._appearance.column_width(self.sample)),
            (self.verticalHeader(), self._appearance.row_height),
        ):
            header.blockSignals(True)  # Qt tells of every section: a quarter of a million of them takes seconds
            header.setDefaultSectionSize(size)
            header.blockSignals(False)
        self.updateGeometries()
        self.viewport().update()
        self.updateGeometry()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def content_size(self) -> QSize:
        """The size at which nothing of this block is hidden."""
        across, down = self.horizontalHeader(), self.verticalHeader()
        width = across.length() + (0 if down.isHidden() else down.width())
        height = down.length() + (0 if across.isHidden() else across.sizeHint().height())
        return QSize(width, height)

    # Selection

    def _selected_parts(self) -> list[QItemSelectionRange]:
        return self.selectionModel().selection().toList()

    def selected_rectangles(self) -> list[Rectangle]:
        """The selected parts; they do not overlap."""
        return [
            (slice(part.top(), part.bottom() + 1), slice(part.left(), part.right() + 1))
            for part in self._selected_parts()
        ]

    def selected_cells(self) -> list[Cell]:
        """Every selected cell, row by row. Raises ValueError, with a sentence, for more than ``MAX_CELLS``."""
        rectangles = self.selected_rectangles()
        n_cells = sum((rows.stop - rows.start) * (columns.stop - columns.start) for rows, columns in rectangles)
        if n_cells > MAX_CELLS:
            raise ValueError(f"{n_cells:,} cells are selected: select at most {MAX_CELLS:,} for this.")
        cells = (
            (row, column)
            for rows, columns in rectangles
            for row in range(rows.start, rows.stop)
            for column in range(columns.start, columns.stop)
        )
        return sorted(cells)

    def selected_rectangle(self) -> tuple[int, int, int, int] | None:
        """(top, left, rows, columns) around the selection, None when nothing is selected."""
        parts = self._selected_parts()
        if not parts:
            return None
        top, left = min(p.top() for p in parts), min(p.left() for p in parts)
        bottom, right = max(p.bottom() for p in parts), max(p.right() for p in parts)
        return top, left, bottom - top + 1, right - left + 1

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Repaint, and tell the sheet."""
        super().selectionChanged(selected, deselected)
        self.viewport().update()
        if self.selectionModel().isSelected(self.currentIndex()):  # else the current cell is about to follow
            self.selected.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Repaint, and tell the sheet."""
        super().currentChanged(current, previous)
        self.viewport().update()
        if self.selectionModel().hasSelection():
            self.selected.emit()

    def select_cell(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Select a rectangle, make its first cell the current one and take the keyboard."""
        index, last = self._model.index(row, column), self._model.index(row + rows - 1, column + columns - 1)
        self._extent = None
        # not the view's setCurrentIndex: that one adds to the selection while Ctrl is held
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flag.ClearAndSelect)
        if rows * columns > 1:
            self.selectionModel().select(QItemSelection(index, last), flag.ClearAndSelect)
        self.scrollTo(index)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def selectAll(self) -> None:
        """Every cell, as one range."""
        last = self._model.index(self._model.rowCount() - 1, self._model.columnCount() - 1)
        if last.isValid():
            everything = QItemSelection(self._model.index(0, 0), last)
            self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def extend_to(self, row: int, column: int) -> None:
        """Select from the current cell, which stays, to this one."""
        row = min(max(row, 0), self._model.rowCount() - 1)
        column = min(max(column, 0), self._model.columnCount() - 1)
        goal = self._model.index(row, column)
        selection = QItemSelection(self.currentIndex(), goal)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._extent = row, column
        self.scrollTo(goal)

    def move_current(self, rows: int, columns: int) -> None:
        """Move the current cell; at an edge, ask the sheet for the next block."""
        index = self.currentIndex()
        row, column = index.row() + rows, index.column() + columns
        if 0 <= row < self._model.rowCount() and 0 <= column < self._model.columnCount():
            self.select_cell(row, column)
        else:
            self.left_edge.emit(rows, columns)

    def fill_selection(self, text: str) -> None:
        """Put ``text`` into every selected cell that can be edited, as one edit."""
        try:
            cells = [cell for cell in self.selected_cells() if self.block.can_edit(*cell)]
        except ValueError as error:
            self._model.rejected.emit(str(error))
            return
        if cells:
            self._model.set_cells(dict.fromkeys(cells, text))

    def set_lit(self, cells: Lit) -> None:
        """Frame these cells: they take part in what is selected elsewhere."""
        if cells != self._lit:
            self._lit = cells
            self.viewport().update()

    # Keys, mouse and wheel

    def edit(self, index: Index, *how: object) -> bool:  # type: ignore[override]  # Qt has it twice
        """Begin to edit; remember whether a typed key began it and so replaces what is there."""
        self._editor.replaces = bool(how) and how[0] == QAbstractItemView.EditTrigger.AnyKeyPressed
        return bool(super().edit(index, *how))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag begins; with Shift, the range begins at the cell that was current."""
        began = self.currentIndex()
        super().mousePressEvent(event)
        if not event.modifiers() & Shift:
            began = self.indexAt(event.position().toPoint())
        self._pressed = QPersistentModelIndex(began)
        self._extent = None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """After a drag the cell it began at is the current one, as in spreadsheets."""
        super().mouseReleaseEvent(event)
        at = self.currentIndex()
        began = self._model.index(self._pressed.row(), self._pressed.column())
        if began.isValid() and began != at and self.selectionModel().isSelected(began):
            self._extent = at.row(), at.column()
            self.selectionModel().setCurrentIndex(began, QItemSelectionModel.SelectionFlag.NoUpdate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A spreadsheet's keys; all others as in any table."""
        if is_menu_key(event):
            self._ask_for_menu(place_for_menu(self))
        elif not self.currentIndex().isValid() or not self._spreadsheet_key(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button selects the cell and asks for its menu; the menu key asks for that of the current one."""
        self._ask_for_menu(place_of_click(self, event, lambda index: self.select_cell(index.row(), index.column())))

    def _ask_for_menu(self, at: QPoint | None) -> None:
        if at is not None:
            self.menu_asked.emit(at)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab moves among cells, not among widgets."""
        return False

    def _spreadsheet_key(self, event: QKeyEvent) -> bool:
        key, modifiers = Key(event.key()), event.modifiers()
        move = move_of(event)
        direction = _DIRECTIONS.get(key)
        if move is not None and not modifiers & Control:
            self.move_current(*move)
        elif direction and modifiers & Control:
            self._jump(*direction, extend=bool(modifiers & Shift))
        elif direction and modifiers & Shift:
            row, column = self._extent or (self.currentIndex().row(), self.currentIndex().column())
            self.extend_to(row + direction[0], column + direction[1])
        elif direction:
            self.move_current(*direction)
        elif key == Key.Key_Home and not modifiers & Shift:
            self.select_cell(0 if modifiers & Control else self.currentIndex().row(), 0)
        elif key == Key.Key_End and not modifiers & Shift:
            last_row = self._model.rowCount() - 1
            row = last_row if modifiers & Control else self.currentIndex().row()
            self.select_cell(row, self._model.columnCount() - 1)
        elif key == Key.Key_Backspace:
            self.edit(self.currentIndex())
        else:
            return False
        return True

    def _jump(self, rows: int, columns: int, *, extend: bool) -> None:
        """Ctrl+arrow: to the end of the run of filled cells, or over the gap to the next one."""
        index = self.currentIndex()
        start = self._extent if extend and self._extent else (index.row(), index.column())
        filled = self._filled_from(*start, rows, columns)
        if len(filled) == 1:
            if not extend:
                self.left_edge.emit(rows, columns)
            return
        runs_on = filled[0] and filled[1]
        ends = np.flatnonzero(~filled[1:] if runs_on else filled[1:])
        steps = int(ends[0]) + (0 if runs_on else 1) if len(ends) else len(filled) - 1
        target = start[0] + steps * rows, start[1] + steps * columns
        if extend:
            self.extend_to(*target)
        else:
            self.select_cell(*target)

    def _filled_from(self, row: int, column: int, rows: int, columns: int) -> Mask:
        """Which cells have a number: this one first, then those in one direction up to the edge."""
        if rows:
            line: Mask = self.block.filled(ALL, slice(column, column + 1))[:, 0]
        else:
            line = self.block.filled(slice(row, row + 1), ALL)[0]
        place = row if rows else column
        return line[place:] if rows + columns > 0 else line[place::-1]

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel are the page's (zoom); else scroll."""
        if event.modifiers() & Control:
            event.ignore()
        else:
            super().wheelEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """All visible cells in one pass: far fewer calls into Python than a delegate needs."""
        with TURNSTILE.held():
            painter = QPainter(self.viewport())
            theme = current_theme()
            painter.fillRect(event.rect(), theme.window)
            self._painter.paint(painter, theme, self._lit)
            painter.end()

"""NumberTable: a table over whole columns that is sorted by a click, searched, and copied with every digit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from cfgui.app.clipboard import to_tsv
from cfgui.app.number_columns import Column, Places
from cfgui.app.number_rows import NumberRows
from cfgui.core.ratings import Mask
from cfgui.gui.number_model import NumberModel
from cfgui.gui.number_widths import width_of
from cfgui.gui.table_menu import is_menu_key, place_for_menu, place_of_click

__all__ = ["Column", "NumberTable"]

_Index = QModelIndex | QPersistentModelIndex
_ASCENDING, _DESCENDING = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder

MOST_COPIED = 20_000
"""Rows that are copied at once at most: more would stop the window for a moment."""

TIP = "A click on a heading sorts, again the other way round. Ctrl+C copies the selected rows with every digit."

NARROWEST_WIDE = 160
"""Pixels that are left to the column that takes what room is left, at least."""


class NumberTable(QTableView):
    """Rows are spoken of by their index in the columns, however they are sorted or searched.

    ``row_activated`` (row) follows a double click or Enter, ``row_selected`` (row) each other row that a person or the
    program makes the current one, but not ``show_columns``. ``menu_wanted`` (row, place on the screen) follows a right
    click, the menu key and Shift+F10; ``said`` (sentence, is a problem) tells of a refused copy. ``narrowest`` pixels
    are left to the wide column at least.
    """

    row_activated = Signal(int)
    row_selected = Signal(int)
    menu_wanted = Signal(int, QPoint)
    said = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None, *, name: str = "", narrowest: int = NARROWEST_WIDE) -> None:
        super().__init__(parent)
        self._narrowest = narrowest
        self._rows = NumberRows()
        self._model = NumberModel(self._rows, self)
        self._quiet, self._person_sized = False, False
        self._sizes: tuple[int, ...] = ()
        self.setModel(self._model)
        self._look()
        if name:
            self.setAccessibleName(name)
            self.setToolTip(f"{name}. {TIP}")
        self.doubleClicked.connect(self._activate)
        self._model.sort_asked.connect(self._sort)
        self.horizontalHeader().sectionResized.connect(self._resized)

    def _look(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        across = self.horizontalHeader()
        across.setHighlightSections(False)
        across.setSortIndicator(-1, _ASCENDING)
        self.setSortingEnabled(True)
        # A header asks of each column whether all its cells are selected: a second where there are 60,000 of them.
        across.setSelectionModel(QItemSelectionModel(self._model, self))

    # What is shown

    @property
    def columns(self) -> Sequence[Column]:
        """The columns as they were given."""
        return self._rows.columns

    @property
    def rows(self) -> Places:
        """The rows that are shown, from top to bottom."""
        return self._rows.shown

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these, sorted as before where there is a column of that title; what is selected stays selected.

        All columns are of one length. Texts that are the very same object as before are not looked through again.
        """
        same = [column.title for column in columns] == [column.title for column in self._rows.columns]
        kept = self._kept_selection() if same and len(self._rows) == (len(columns[0]) if columns else 0) else None
        self._reset(lambda: self._rows.take(columns), kept, anew=not same)
        if not same:
            self._person_sized = False
            self._show_order()
        if not self._person_sized and (not same or len(columns) != len(self._sizes)):
            self._fit()

    def search(self, text: str) -> int:
        """Show only rows that have every word of ``text`` in a text column; returns how many they are."""
        self._reset(lambda: self._rows.search(text), self._kept_selection())
        self.verticalScrollBar().setValue(0)
        return len(self._rows.shown)

    def keep_rows(self, mask: Mask | None) -> int:
        """Show only rows for which ``mask`` (one truth a row) is True, all with None; returns how many are shown."""
        self._reset(lambda: self._rows.keep(mask), self._kept_selection())
        return len(self._rows.shown)

    def sort_by(self, title: str, *, descending: bool = False) -> None:
        """Sort by the column of this title. Raises ValueError where there is none."""
        place = [column.title for column in self._rows.columns].index(title)
        self.horizontalHeader().setSortIndicator(place, _DESCENDING if descending else _ASCENDING)

    @property
    def is_sorted(self) -> bool:
        """Whether the rows are sorted by a column, and not as they were given."""
        return self._rows.sorted_by is not None

    def _show_order(self) -> None:
        """Put the arrow over the column that the rows are sorted by already."""
        place, descending = self._rows.sorted_by or (-1, False)
        self._model.blockSignals(True)  # else they would be sorted once more, and scrolled to the first
        self.horizontalHeader().setSortIndicator(place, _DESCENDING if descending else _ASCENDING)
        self._model.blockSignals(False)

    def _sort(self, place: int, order: Qt.SortOrder) -> None:
        self._reset(lambda: self._rows.sort(place, descending=order == _DESCENDING), self._kept_selection())
        self.verticalScrollBar().setValue(0)  # sorting asks for what comes first

    # Selection

    @property
    def current_row(self) -> int | None:
        """The current row."""
        index = self.currentIndex()
        return int(self._rows.shown[index.row()]) if index.isValid() else None

    def selected_rows(self) -> list[int]:
        """The selected rows, from top to bottom."""
        return [int(row) for row in self._rows.shown[self._selected_places()]]

    def select_row(self, row: int) -> bool:
        """Make a row the current one and bring it in sight; False where it is not among those shown."""
        place = self._rows.place_of(row)
        if place is None:
            return False
        flags = QItemSelectionModel.SelectionFlag
        index = self._model.index(place, max(self.currentIndex().column(), 0))
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)
        return True

    def _selected_places(self) -> list[int]:
        parts = self.selectionModel().selection().toList()
        return sorted({row for part in parts for row in range(part.top(), part.bottom() + 1)})

    def _kept_selection(self) -> tuple[Places, int | None, int]:
        """The selected rows, the current one and its column."""
        return self._rows.shown[self._selected_places()], self.current_row, self.currentIndex().column()

    def _reset(
        self, change: Callable[[], None], kept: tuple[Places, int | None, int] | None, *, anew: bool = False
    ) -> None:
        """Change what is shown, with the same rows selected and the same part in sight."""
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self._quiet = True
        try:
            shape, before = (self._model.rowCount(), self._model.columnCount()), self._rows.shown
            change()
            same_shape = not anew and shape == (len(self._rows.shown), len(self._rows.columns))
            if same_shape and np.array_equal(before, self._rows.shown):
                self.viewport().update()  # the same rows in the same order: other numbers at most
                return
            self._model.beginResetModel()
            self._model.endResetModel()
            if kept is not None:
                self._select_again(*kept)
            self.horizontalScrollBar().setValue(across)
            self.verticalScrollBar().setValue(down)
        finally:
            self._quiet = False

    def _select_again(self, rows: Places, current: int | None, column: int) -> None:
        flags, last = QItemSelectionModel.SelectionFlag, self._model.columnCount() - 1
        places = np.flatnonzero(np.isin(self._rows.shown, rows))
        selection = QItemSelection()
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []:
            selection.select(self._model.index(int(run[0]), 0), self._model.index(int(run[-1]), last))
        place = None if current is None else self._rows.place_of(current)
        if place is not None:
            self.selectionModel().setCurrentIndex(self._model.index(place, column), flags.NoUpdate)
        self.selectionModel().select(selection, flags.ClearAndSelect)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Tell of another row."""
        super().currentChanged(current, previous)
        if current.isValid() and not self._quiet and current.row() != previous.row():
            self.row_selected.emit(int(self._rows.shown[current.row()]))

    def _activate(self, index: _Index) -> None:
        if index.isValid():
            self.row_activated.emit(int(self._rows.shown[index.row()]))

    # Keys and copying

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a double click; copying takes whole rows."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._activate(self.currentIndex())
        elif is_menu_key(event):
            self._ask_for_menu(place_for_menu(self))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button selects the row and asks for its menu; the menu key asks for that of the current one."""
        self._ask_for_menu(place_of_click(self, event, lambda it: self.select_row(int(self._rows.shown[it.row()]))))

    def _ask_for_menu(self, at: QPoint | None) -> None:
        row = self.current_row
        if row is not None and at is not None:
            self.menu_wanted.emit(row, at)

    def tsv(self) -> str:
        """The selected rows, or all that are shown, under their titles and with every digit."""
        columns = self._rows.columns
        rows = self.selected_rows() or [int(row) for row in self._rows.shown]
        lines = [[column.full(row) for column in columns] for row in rows]
        return to_tsv([[column.title for column in columns], *lines])

    def copy(self) -> bool:
        """Put ``tsv`` on the clipboard; False, with a word, where those are too many rows."""
        n_rows = len(self._selected_places()) or len(self._rows.shown)
        if n_rows > MOST_COPIED:
            self.said.emit(f"{n_rows:,} rows are too many to copy: select at most {MOST_COPIED:,}.", True)
            return False
        QGuiApplication.clipboard().setText(self.tsv())
        return True

    # Widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew, unless the person has chosen widths."""
        super().resizeEvent(event)
        if not self._person_sized:
            self._share()

    def _resized(self) -> None:
        if not self._quiet and self.horizontalHeader().underMouse():
            self._person_sized = True

    def _fit(self) -> None:
        self._sizes = tuple(width_of(column, self.fontMetrics()) for column in self._rows.columns)
        self._share()

    def _share(self) -> None:
        """Give the wide column what the others leave, at least a little."""
        wide = [place for place, column in enumerate(self._rows.columns) if column.wide]
        left = self.viewport().width() - sum(self._sizes)
        for place, size in enumerate(self._sizes[: len(self._rows.columns)]):
            takes = place in wide
            self.setColumnWidth(place, max(self._narrowest, size + left // len(wide)) if takes else size)

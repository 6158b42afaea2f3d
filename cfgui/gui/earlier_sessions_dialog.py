"""Earlier sessions: a list of what was kept, to open or delete."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.kept_sessions import Entry, delete_session, list_sessions
from cfgui.app.tasks import Task

COLUMNS = ("Name", "Kept", "Users × movies", "Ratings", "Steps", "RMSE")
TEXT_COLUMNS = 2
"""The first columns are words, the others numbers."""

MARGIN = 14
"""Room between two columns."""

LOOK_MS = 20


class EarlierSessionsDialog(QDialog):
    """The kept sessions, the newest first, without the one that is open; ``chosen`` (path) when one is to be opened."""

    chosen = Signal(object)

    def __init__(self, open_path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open_path = open_path
        self.entries: list[Entry] = []
        self._task: Task[list[Entry]] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self.setWindowTitle("Earlier sessions")
        self.resize(640, 340)
        self.label = QLabel("Looking for sessions…")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.table = self._make_table()
        column = QVBoxLayout(self)
        column.addWidget(self.label)
        column.addWidget(self.table, 1)
        column.addWidget(self._make_buttons())
        self._selection_changed()
        self.refresh()

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS))
        table.setHorizontalHeaderLabels(list(COLUMNS))
        for section in range(len(COLUMNS)):
            side = Qt.AlignmentFlag.AlignLeft if section < TEXT_COLUMNS else Qt.AlignmentFlag.AlignRight
            item = table.horizontalHeaderItem(section)
            if item is not None:
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 9)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.setAccessibleName("Kept sessions")
        table.itemSelectionChanged.connect(self._selection_changed)
        table.cellDoubleClicked.connect(self._open)
        return table

    def _make_buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.open_button = box.addButton("&Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.delete_button = box.addButton("&Delete", QDialogButtonBox.ButtonRole.ActionRole)
        cancel = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.open_button.setToolTip("Go on with this session; the one that is open is kept first.")
        self.delete_button.setToolTip("Delete this session for good.")
        cancel.setToolTip("Leave everything as it is.")
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self._open)
        self.delete_button.clicked.connect(self._delete)
        box.rejected.connect(self.reject)
        return box

    # Filling

    def refresh(self) -> None:
        """Look again at what there is, off the window's thread: a disk may be slow."""
        if self._task is None:
            self._task = Task("Listing sessions", lambda _cancelled: list_sessions())
            self._task.start()
            self._timer.start(LOOK_MS)

    def _look(self) -> None:
        task = self._task
        if task is None or not task.done:
            return
        self._timer.stop()
        self._task = None
        found = task.result or []
        self._show([entry for entry in found if entry.path != self._open_path])

    def _show(self, entries: list[Entry]) -> None:
        row = max(self.table.currentRow(), 0)
        self.entries = entries
        self.table.setRowCount(len(entries))
        for number, entry in enumerate(entries):
            for column, text in enumerate(texts_of(entry)):
                item = QTableWidgetItem(text)
                if column >= TEXT_COLUMNS:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(entry.problem or entry.path.name)
                self.table.setItem(number, column, item)
        for column in range(1, len(COLUMNS)):
            self.table.resizeColumnToContents(column)
            self.table.setColumnWidth(column, self.table.columnWidth(column) + MARGIN)
        if entries:
            self.table.selectRow(min(row, len(entries) - 1))
            self.table.setFocus()
        self._selection_changed()

    # What the person does

    @property
    def _selected(self) -> Entry | None:
        rows = self.table.selectionModel().selectedRows()
        return self.entries[rows[0].row()] if rows and rows[0].row() < len(self.entries) else None

    def _selection_changed(self) -> None:
        entry = self._selected
        self.open_button.setEnabled(entry is not None and not entry.problem)
        self.delete_button.setEnabled(entry is not None)
        if entry is not None and entry.problem:
            self.label.setText(entry.problem)
        elif self.entries:
            self.label.setText("Sessions that changed are kept by themselves. Choose one to go on with:")
        elif self._task is None:
            self.label.setText("There is no other session: one is kept when something changed.")

    def _open(self) -> None:
        entry = self._selected
        if entry is not None and not entry.problem:
            self.accept()
            self.chosen.emit(entry.path)

    def _delete(self) -> None:
        entry = self._selected
        if entry is None:
            return
        try:
            delete_session(entry.path)
        except OSError as error:
            self.label.setText(f"{entry.path.name} could not be deleted: {error.strerror or error}.")
            return
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del deletes the selected session."""
        if event.key() == Qt.Key.Key_Delete:
            self._delete()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Closing waits for the list, which takes a moment."""
        if self._task is not None:
            self._timer.stop()
            self._task.join()
            self._task = None
        super().done(result)


def texts_of(entry: Entry) -> tuple[str, ...]:
    """What the columns say of a session."""
    kept = when(entry.written)
    summary = entry.summary
    if summary is None:
        return ("cannot be read" if entry.problem else "kept by an earlier version", kept, "", "", "", "")
    return (
        summary.name,
        kept,
        f"{summary.n_users:,} × {summary.n_movies:,}",
        f"{summary.n_ratings:,}",
        f"{summary.step:,}",
        "" if summary.rmse is None else f"{summary.rmse:.4f}",
    )


def when(seconds: float, now: float | None = None) -> str:
    """A time in the last day by the clock, any other with its date: "today, 14:05", "21.11.26, 14:05"."""
    moment = QDateTime.fromSecsSinceEpoch(int(seconds))
    today = QDateTime.fromSecsSinceEpoch(int(time.time() if now is None else now)).date()
    clock = QLocale().toString(moment.time(), QLocale.FormatType.ShortFormat)
    days = moment.date().daysTo(today)
    words = {0: "today", 1: "yesterday"}.get(days) or QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)
    return f"{words}, {clock}"

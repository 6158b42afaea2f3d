"""Find: users, movies, titles and values on the open sheet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton

from cfgui.app.blocks import Block
from cfgui.app.numbers import parse_number
from cfgui.gui.block_view import BlockView
from cfgui.gui.sheet_page import SheetPage

Match = tuple[str, int, int]
"""(block, row, column)."""

MAX_MATCHES = 1000

MAX_VALUES = 2_000_000
"""Cells of a block up to which its numbers are looked through; ids and titles always are."""


def matches(page: SheetPage, text: str) -> Iterator[Match]:
    """Where ``text`` stands on a page: in ids, titles and row labels, case ignored, or as a shown number."""
    wanted = text.strip().casefold()
    if not wanted:
        return
    for name, view in page.views.items():
        block = view.block
        n_rows, n_columns = block.shape
        for column in range(n_columns):
            if name in ("ratings", "lookups") and _has(wanted, block.column_header(column), block.column_tip(column)):
                yield name, 0, column
        for row in range(n_rows):
            if _has(wanted, block.row_header(row), block.row_tip(row) if name != "rmse" else ""):
                yield name, row, 0
        for row, column in _near(block, wanted):
            if block.text(row, column).casefold() == wanted:
                yield name, row, column


def _near(block: Block, wanted: str) -> list[tuple[int, int]]:
    """Cells whose number may show as ``wanted``: found by arithmetic, for writing every number out takes seconds."""
    try:
        number = parse_number(wanted)
    except ValueError:
        return []
    if number is None:
        return []
    if block.shape[0] * block.shape[1] > MAX_VALUES:
        return []
    close = np.abs(block.values() - number) <= 0.0051 + 0.05 * abs(number) * (abs(number) >= 1e5)
    return [(int(row), int(column)) for row, column in np.argwhere(close)]


def _has(wanted: str, header: str, tip: str) -> bool:
    """A whole id, or any part of a title of at least two letters."""
    return header.casefold() == wanted or (len(wanted) > 1 and not wanted.isdigit() and wanted in tip.casefold())


class FindBar(QFrame):
    """A line to type in; Enter goes to the next match, Shift+Enter to the one before, Escape closes."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("user, movie, title or value")
        self.edit.setClearButtonEnabled(True)
        self.edit.setMaximumWidth(320)
        self.count = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 6, 0)
        row.addWidget(QLabel("Find"))
        row.addWidget(self.edit, 1)
        for text, tip, step in (("▲", "The match before (Shift+Enter)", -1), ("▼", "The next match (Enter)", 1)):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked=False, step=step: self.go(step))
            row.addWidget(button)
        row.addWidget(self.count)
        row.addStretch(1)
        self.edit.textChanged.connect(self._search)
        self._page: SheetPage | None = None
        self._matches: list[Match] = []
        self._at = -1
        self.hide()

    def open(self, page: SheetPage) -> None:
        """Search ``page``, starting with what was searched before."""
        self._page = page
        self.show()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()
        self._search()

    def _search(self) -> None:
        self._matches, self._at = [], -1
        if self._page is not None and self.isVisible():
            for match in matches(self._page, self.edit.text()):
                self._matches.append(match)
                if len(self._matches) == MAX_MATCHES:
                    break
        if self._matches:
            self.go(1)
        else:
            self.count.setText("nothing found" if self.edit.text().strip() else "")

    def go(self, step: int) -> None:
        """Select the next match, or the one before with -1."""
        if not self._matches or self._page is None:
            return
        self._at = (self._at + step) % len(self._matches)
        name, row, column = self._matches[self._at]
        view: BlockView = self._page.views[name]
        n_rows, n_columns = view.block.shape  # an edit since the search may have made it smaller
        if row < n_rows and column < n_columns:
            view.select_cell(row, column)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        more = "+" if len(self._matches) == MAX_MATCHES else ""
        self.count.setText(f"{self._at + 1} of {len(self._matches)}{more}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Shift+Enter and Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.closed.emit()
        else:
            super().keyPressEvent(event)

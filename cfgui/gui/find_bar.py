"""Find: users and movies of the whole table by id or title, and values on the open sheet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton

from cfgui.app.block import Block
from cfgui.app.finding import MAX_FOUND, Finder, Found
from cfgui.app.numbers import parse_number
from cfgui.gui.block_view import BlockView
from cfgui.gui.finder_index import FinderIndex
from cfgui.gui.sheet_page import SheetPage

Match = tuple[str, int, int] | Found
"""(block, row, column), or a user or movie, shown or not."""

MAX_VALUES = 250_000
"""Cells of a block up to which its numbers are looked through."""

WORDS_WIDTH = 420
"""Pixels for what is said about a match."""

MAX_LABELS = 2_000
"""Rows or columns of a block up to which its own labels are looked through: users and movies always are."""


def matches(page: SheetPage, finder: Finder, text: str) -> Iterator[Match]:
    """Where ``text`` stands: users and movies by id or title, row labels of the sheet, and shown numbers.

    A whole id comes first, shown or hidden; of titles those shown come first.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return
    found = finder.find(text)
    yield from sorted(found, key=lambda match: not match.by_id and page.place_of(match) is None)
    for name, view in page.views.items():
        block = view.block
        n_rows, n_columns = block.shape
        if name == "lookups":
            labels = [(0, column, block.column_header(column), block.column_tip(column)) for column in range(n_columns)]
        elif name in ("movie_factors", "rmse") and n_rows <= MAX_LABELS:
            labels = [(row, 0, block.row_header(row), "") for row in range(n_rows)]
        else:
            labels = []
        yield from ((name, row, column) for row, column, *label in labels if _has(wanted, *label))
        for row, column in _near(block, wanted):
            if block.text(row, column).casefold() == wanted:
                yield name, row, column


def _near(block: Block, wanted: str) -> list[tuple[int, int]]:
    """Cells whose number may show as ``wanted``: found by arithmetic, for writing every number out takes seconds."""
    try:
        number = parse_number(wanted)
    except ValueError:
        return []
    if number is None or block.shape[0] * block.shape[1] > MAX_VALUES:
        return []
    close = np.abs(block.values() - number) <= 0.0051 + 0.05 * abs(number) * (abs(number) >= 1e5)
    return [(int(row), int(column)) for row, column in np.argwhere(close)]


def _has(wanted: str, label: str, tip: str) -> bool:
    """A whole label, or any part of what it stands for of at least two letters."""
    return label.casefold() == wanted or (len(wanted) > 1 and not wanted.isdigit() and wanted in tip.casefold())


class FindBar(QFrame):
    """A line to type in; Enter goes to the next match, Shift+Enter to the one before, Escape closes.

    ``show_requested`` (Found) asks to show a user or movie that is hidden.
    """

    closed = Signal()
    show_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("user, movie, title or value")
        self.edit.setClearButtonEnabled(True)
        self.edit.setToolTip("A user or movie by id or title, shown or not, or a number on the sheet (Ctrl+F)")
        self.edit.setMinimumWidth(150)
        self.edit.setMaximumWidth(320)
        self.count = QLabel()
        self.count.setMinimumWidth(50)  # a long title is cut off rather than making the window wider
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
        self.show_it = QPushButton("Show it")
        self.show_it.setToolTip("Show all users and movies, and go there")
        self.show_it.setMaximumHeight(self.fontMetrics().height() + 8)
        self.show_it.clicked.connect(self._ask_to_show)
        self.show_it.hide()
        row.addWidget(self.show_it)
        row.addStretch(1)
        self.edit.textChanged.connect(self._search)
        self._page: SheetPage | None = None
        self._matches: list[Match] = []
        self._at = -1
        self._index = FinderIndex(self)
        self._index.ready.connect(self._search)
        self.hide()

    def open(self, page: SheetPage) -> None:
        """Search ``page``, starting with what was searched before."""
        self._page = page
        self.show()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()
        self._search()

    def find_first(self, page: SheetPage, text: str) -> Found | None:
        """The user or movie that ``text`` names best; None where there is none."""
        return next(iter(self._index.finder(page.session.ratings).find(text)), None)

    def words(self, page: SheetPage, found: Found) -> str:
        """A user or movie in words."""
        return self._index.finder(page.session.ratings).words(found)

    def finish(self) -> None:
        """Before the window closes: wait for an index in the making."""
        self._index.finish()

    def _search(self) -> None:
        self._matches, self._at = [], -1
        self.show_it.hide()
        if self._page is None or not self.isVisible() or not self.edit.text().strip():
            self.count.setText("")
        elif not self._index.prepare(self._page.session.ratings):
            self.count.setText("…")
        else:
            finder = self._index.finder(self._page.session.ratings)
            self._matches = list(islice(matches(self._page, finder, self.edit.text()), MAX_FOUND))
            self.count.setText("nothing found")
            self.go(1)

    def go(self, step: int) -> None:
        """Select the next match, or the one before with -1; of a hidden one tell what it is."""
        if not self._matches or self._page is None:
            return
        self._at = (self._at + step) % len(self._matches)
        place = self._describe(self._page, self._matches[self._at])
        if place is not None:
            view, row, column = place
            view.select_cell(row, column)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self, *, document: bool) -> None:
        """After another part of the table is shown: what was hidden may be seen now. Another table is searched anew."""
        if self.isVisible() and self._page is not None and document:
            self._search()
        elif self.isVisible() and self._page is not None and self._matches:
            self._describe(self._page, self._matches[self._at])

    def _describe(self, page: SheetPage, match: Match) -> tuple[BlockView, int, int] | None:
        """Say which match this is, and offer to show it where it is hidden; returns its place where it is not."""
        place = page.place_of(match) if isinstance(match, Found) else self._cell(page, match)
        more = "+" if len(self._matches) == MAX_FOUND else ""
        words = f"{self._at + 1} of {len(self._matches):,}{more}"
        self.show_it.setVisible(isinstance(match, Found) and place is None)
        if isinstance(match, Found) and place is None:
            words += f" · not shown: {self.words(page, match)}"
        self.count.setText(self.count.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, WORDS_WIDTH))
        self.count.setToolTip(words)
        return place

    @staticmethod
    def _cell(page: SheetPage, match: tuple[str, int, int]) -> tuple[BlockView, int, int] | None:
        """The cell of a match; None where an edit since the search has made the block smaller."""
        view, (_, row, column) = page.views[match[0]], match
        n_rows, n_columns = view.block.shape
        return (view, row, column) if row < n_rows and column < n_columns else None

    def _ask_to_show(self) -> None:
        match = self._matches[self._at] if self._matches else None
        if isinstance(match, Found):
            self.show_it.hide()
            self.show_requested.emit(match)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter, Shift+Enter and Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
            self.closed.emit()
        else:
            super().keyPressEvent(event)

"""NeighboursView: the movies or users nearest to one by their factors, as a list that leads on to their neighbours."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cfgui.app.neighbours_report import NeighboursReport, make_neighbours_report
from cfgui.app.reading import Reading
from cfgui.app.subjects import subject_name
from cfgui.core.one_side import SideName, usual_minimum
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.neighbours_bar import NeighboursBar
from cfgui.gui.number_table import NumberTable
from cfgui.gui.theme import Theme, current_theme

Subject = tuple[SideName, str]
"""Side and raw id."""

NARROW = 130
"""Pixels of the names at least, so that all columns are in sight beside the table of a page."""

NOBODY = "Choose a movie or a user: the nearest to it by their factors are listed here."


class NeighboursView(QWidget):
    """One subject at a time; a double click, or Enter, on a row goes on to that one, Back (Alt+Left) returns.

    ``said`` (sentence, is a problem) speaks in the message bar, ``sheet_wanted`` ("movie 27") and ``page_wanted``
    ("map", side, raw id) ask to go elsewhere; ``subject_shown`` (side, raw id) follows whenever another is listed.
    """

    said = Signal(str, bool)
    sheet_wanted = Signal(str)
    page_wanted = Signal(str, str, str)
    subject_shown = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report: NeighboursReport | None = None
        self.subject: Subject | None = None
        self._earlier: list[Subject] = []
        self._reading: Reading | None = None
        self.work = LatestWork(self)
        self.bar, self.table = NeighboursBar(self), NumberTable(self, name="Neighbours", narrowest=NARROW)
        self.words = QLabel(NOBODY)
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.bar.asked.connect(self._ask)
        self.bar.back.triggered.connect(self.go_back)
        self.bar.sheet.triggered.connect(self._want_sheet)
        self.bar.map.triggered.connect(self._want_map)
        self.table.row_activated.connect(self._go_on)
        self.table.said.connect(self.said)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.bar)
        column.addWidget(self.table, 1)
        column.addWidget(self.words)
        self.setAccessibleName("Neighbours")
        self.apply_theme(current_theme())
        self._show_subject()

    # What the page calls

    def show_reading(self, reading: Reading) -> None:
        """Compare by these weights; while they change quickly, each reading waits for the one before to be done."""
        if reading.same_as(self._reading):
            return
        self._reading = reading
        self._show_subject()
        self._ask(patient=True)

    def show_subject(self, side: str, raw_id: str) -> None:
        """List the neighbours of this "user" or "movie", and forget the way back."""
        self._earlier = []
        self._turn_to((cast(SideName, side), raw_id))

    def subjects(self, row: int) -> list[Subject]:
        """Whom a row of the list is about."""
        return [] if self.report is None else [(self.report.side, self.report.rows[row].id)]

    def go_back(self) -> None:
        """To the one listed before."""
        if self._earlier:
            self._turn_to(self._earlier.pop())

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.bar.apply_theme(theme)
        self.words.setStyleSheet(f"color: {theme.muted.name()}")

    def finish(self) -> None:
        """Before the window closes: end work in the background, and wait for its end."""
        self.work.finish()

    # Inside

    @property
    def _index(self) -> int | None:
        """Where the subject stands in the ratings there are; None for nobody."""
        if self.subject is None or self._reading is None:
            return None
        side, raw_id = self.subject
        ids = self._reading.ratings.user_ids if side == "user" else self._reading.ratings.movie_ids
        return ids.index(raw_id) if raw_id in ids else None

    def _turn_to(self, subject: Subject) -> None:
        changed, self.subject = subject != self.subject, subject
        self._show_subject()
        self._ask()
        if changed:
            self.subject_shown.emit(*subject)

    def _show_subject(self) -> None:
        """Say whom the list is about, before it is there."""
        index = self._index
        known = index is not None
        for action, possible in ((self.bar.back, bool(self._earlier)), (self.bar.sheet, known), (self.bar.map, known)):
            action.setEnabled(possible)
        if self._reading is None or self.subject is None or index is None:
            self.bar.title.set_rest("")
            return
        ratings, side = self._reading.ratings, self.subject[0]
        self.bar.title.set_rest(f"to {subject_name(ratings, side, index)}")
        self.bar.propose_least(usual_minimum(ratings.user_counts if side == "user" else ratings.movie_counts))

    def _ask(self, *, patient: bool = False) -> None:
        """Compare in the background; ``patient`` lets what is being compared come to its end first."""
        reading, index = self._reading, self._index
        if reading is None or self.subject is None or index is None:
            self.work.cancel()
            self._clear()
            return
        side, n, measure, least = self.subject[0], self.bar.many.value(), self.bar.measure_name, self.bar.least.value()
        self.work.begin(
            lambda _cancelled: make_neighbours_report(reading.ratings, reading.factors, side, index, n, measure, least),
            self._show,
            patient=patient,
        )

    def _show(self, report: NeighboursReport) -> None:
        self.report = report
        self.table.show_columns(report.columns)
        self.words.setText(f"{report.among} {report.lesson}")
        self.setAccessibleDescription(report.words)

    def _clear(self) -> None:
        self.report = None
        self.table.show_columns(())
        self.words.setText(NOBODY)
        self.setAccessibleDescription(NOBODY)

    def _go_on(self, row: int) -> None:
        if self.report is not None and self.subject is not None:
            self._earlier.append(self.subject)
            self._turn_to((self.report.side, self.report.rows[row].id))

    def _want_sheet(self) -> None:
        if self.subject is not None:
            self.sheet_wanted.emit(" ".join(self.subject))

    def _want_map(self) -> None:
        if self.subject is not None:
            self.page_wanted.emit("map", *self.subject)

"""The pages Movies and Users: everybody in one table, bias against mean, and who is nearest to whom."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout

from cfgui.app.cell_subjects import Subject
from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.app.standings_report import no_bias_words
from cfgui.app.standings_table import StandingsTable, end_words, standings_table
from cfgui.core.one_side import SideName
from cfgui.gui.bridge import Bridge
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.sheet_page import Submit
from cfgui.gui.small_parts import split_view
from cfgui.gui.standings_bar import StandingsBar
from cfgui.gui.standings_side import StandingsSide
from cfgui.gui.theme import Theme

FIRST_SPLIT = (475, 405)
"""Widths of the table and of what stands beside it, at first."""


class StandingsPage(ExplorePage):
    """The table of one side on the left; bias against mean and neighbours of the selected row on the right."""

    side: ClassVar[SideName]

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self.table_shown: StandingsTable | None = None
        self._reading: Reading | None = None
        self._subject = ""
        self.work = LatestWork(self)
        self.bar, self.ends = StandingsBar(self.side), QLabel()
        self.table = NumberTable(name=f"All {self.side}s")
        self.beside = StandingsSide(self.side)
        self.neighbours = self.beside.neighbours
        self._lay_out()
        self._connect()

    # Building

    def _lay_out(self) -> None:
        self.ends.setWordWrap(True)
        self.ends.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.ends.setAccessibleName("Lowest and highest biases")
        self.ends.hide()
        split = split_view(Qt.Orientation.Horizontal, (self.table, self.beside), FIRST_SPLIT)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 6, 6, 6)
        whole.setSpacing(6)
        for part, stretch in ((self.bar, 0), (self.ends, 0), (split, 1)):
            whole.addWidget(part, stretch)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.bar.searched.connect(self._search)
        self.bar.least_chosen.connect(self._choose_least)
        self.bar.ends_wanted.connect(self.ends.setVisible)
        self.table.row_selected.connect(self._row_selected)
        self.table.row_activated.connect(self._row_activated)
        self.beside.scatter.selected.connect(self.show_index)
        self.beside.bias_wanted.connect(partial(self.model_wanted.emit, "bias"))
        self.beside.currentChanged.connect(self._fill_tab)
        self.neighbours.subject_shown.connect(self._follow_neighbours)
        for part in (self.table, self.neighbours):
            part.said.connect(self.said)
        self.add_menu(self.table, self._subjects)
        self.add_menu(self.neighbours.table, self.neighbours.subjects)
        self.neighbours.sheet_wanted.connect(self.sheet_wanted)
        self.neighbours.page_wanted.connect(self.page_wanted)

    # What is shown

    def show_reading(self, reading: Reading) -> None:
        """Put the table together anew behind the window."""
        if not reading.same_as(self._reading):
            self._reading = reading
            self._ask()

    def _ask(self) -> None:
        reading, before, least = self._reading, self.table_shown, self.bar.least.value() or None
        if reading is not None:
            self.work.begin(
                lambda _cancelled: standings_table(reading, self.side, before, least),
                self._take,
                patient=self.bridge.running,
            )

    def _take(self, table: StandingsTable) -> None:
        """Show what has been put together, with the same one selected."""
        stays = self._selected_in(table)
        self.table_shown = table
        self.table.show_columns(table.columns)
        if not self.table.is_sorted:
            self.table.sort_by("ratings", descending=True)  # those whom most know, and of whom most is known
        self._keep_rows()
        if stays is not None and self.table.current_row != stays:
            self.table.select_row(stays)
        if self._subject:
            self._select(self._subject)
        elif self.table.current_row is None and len(self.table.rows):
            self.table.select_row(int(self.table.rows[0]))
        self._fill_tab()

    def _selected_in(self, table: StandingsTable) -> int | None:
        """The row that whoever is selected has in a new table: rows come and go."""
        before, row = self.table_shown, self.table.current_row
        if before is None or row is None or before.ids is table.ids:
            return row
        return table.ids.index(before.ids[row]) if before.ids[row] in table.ids else None

    def _fill_tab(self) -> None:
        """Bring the tab in front up to date; the other one is, when it is looked at."""
        if self.table_shown is not None:
            self.beside.show_table(self.table_shown, self.table.current_row)

    def _search(self, text: str) -> None:
        self.table.search(text)
        self._show_count()

    def _choose_least(self) -> None:
        self._keep_rows()
        self._ask()

    def _keep_rows(self) -> None:
        table, least = self.table_shown, self.bar.least.value()
        if table is not None:
            self.table.keep_rows(table.found.counts >= least if least else None)
            words = end_words(table, least)
            self.ends.setText("\n".join(words) if any(words) else no_bias_words())
            self._show_count()

    def _show_count(self) -> None:
        table = self.table_shown
        if table is not None:
            self.bar.show_count(len(self.table.rows), table.found.n, table.reading.sheet)

    # One of them

    def show_subject(self, side: str, raw_id: str) -> None:
        """Select a user or movie, and show its neighbours."""
        if side != self.side:
            self.page_wanted.emit(f"{side}s", side, raw_id)
            return
        self.beside.setCurrentWidget(self.neighbours)
        self._subject = raw_id
        if self.table_shown is not None and self._reading is self.table_shown.reading:
            self._select(raw_id)

    def _select(self, raw_id: str) -> None:
        table, self._subject = self.table_shown, ""
        if table is None:
            return
        if raw_id in table.ids:
            self.show_index(table.ids.index(raw_id))
        else:
            self.said.emit(f"There is no {self.side} {raw_id} in these ratings.", True)

    def show_index(self, index: int) -> None:
        """Select the row of this user or movie; what hides it is taken back."""
        if not self.table.select_row(index):
            self.bar.search.clear()
            self.bar.least.setValue(0)
            self.table.select_row(index)

    def _row_selected(self, _index: int) -> None:
        self.beside.show_row(self.table_shown, self.table.current_row)

    def _follow_neighbours(self, _side: str, raw_id: str) -> None:
        """Select the row of whoever's neighbours are listed now, where it is shown."""
        table = self.table_shown
        if table is not None and raw_id in table.ids:
            self.table.select_row(table.ids.index(raw_id))

    def _row_activated(self, index: int) -> None:
        if self.table_shown is not None:
            self.sheet_wanted.emit(f"{self.side} {self.table_shown.ids[index]}")

    def _subjects(self, row: int) -> list[Subject]:
        """Whom a row of the table is about."""
        return [] if self.table_shown is None else [(self.side, self.table_shown.ids[row])]

    # What the window asks

    @property
    def search_line(self) -> QLineEdit:
        """The search in the line above."""
        return self.bar.search

    @property
    def copied_table(self) -> NumberTable:
        """The table."""
        return self.table

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.beside.apply_theme(theme)

    def finish(self) -> None:
        """Before the window closes: end what is in hand."""
        self.work.finish()
        self.beside.finish()


class MoviesPage(StandingsPage):
    """Every movie."""

    title: ClassVar[str] = "Movies"
    side: ClassVar[SideName] = "movie"


class UsersPage(StandingsPage):
    """Every user."""

    title: ClassVar[str] = "Users"
    side: ClassVar[SideName] = "user"

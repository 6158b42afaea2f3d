"""NewUsersPage: new users and new movies, and how well the model predicts for them."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QLineEdit, QTabWidget, QVBoxLayout

from cfgui.app.cell_subjects import Subject
from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.gui.bridge import Bridge
from cfgui.gui.cold_start_tab import ColdStartTab
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.new_movie_tab import NewMovieTab
from cfgui.gui.new_user_tab import NewUserTab
from cfgui.gui.number_table import NumberTable
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme, current_theme


class NewUsersPage(ExplorePage):
    """Tabs: a new user, a new movie, and how well each method works on users held out."""

    title: ClassVar[str] = "New users"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self._reading: Reading | None = None
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("New users and movies")
        self.user = NewUserTab(session, submit)
        self.movie = NewMovieTab(session, submit)
        self.works = ColdStartTab(session, bridge)
        for tab, words in ((self.user, "New user"), (self.movie, "New movie"), (self.works, "How well it works")):
            self.tabs.addTab(tab, words)
            tab.said.connect(self.said)
        for asker in (self.user.sheet_wanted, self.movie.sheet_wanted):
            asker.connect(self.sheet_wanted)
        self.user.run_wanted.connect(lambda: self.command_wanted.emit("train.run"))
        self.tabs.currentChanged.connect(self._turned)
        self.add_menu(self.user.table, self._movie_in)
        self.add_menu(self.user.list.table, lambda row: [("movie", list(self.user.list.given)[row])])
        self.add_menu(self.movie.table, self._user_in)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 6)
        column.addWidget(self.tabs)
        self.setFocusProxy(self.user)
        self.apply_theme(current_theme())

    def show_reading(self, reading: Reading) -> None:
        """Predict for new ones by these weights; a tab that is not on screen waits until it is."""
        if not reading.same_as(self._reading):
            self._reading = reading
            self._show()

    def _turned(self) -> None:
        self._show()
        self.tabs.currentWidget().setFocus()

    def _show(self) -> None:
        tab, reading = self.tabs.currentWidget(), self._reading
        if (
            isinstance(tab, (NewUserTab, NewMovieTab, ColdStartTab))
            and reading is not None
            and not reading.same_as(tab.reading)
        ):
            tab.show_reading(reading)

    def _movie_in(self, row: int) -> list[Subject]:
        """Whom a row of a new user's predictions is about."""
        answer = self.user.answer
        return [] if answer is None else [("movie", answer.model.reading.ratings.movie_ids[row])]

    def _user_in(self, row: int) -> list[Subject]:
        """Whom a row of a new movie's predictions is about."""
        answer = self.movie.answer
        return [] if answer is None else [("user", answer.model.reading.ratings.user_ids[row])]

    def show_subject(self, side: str, raw_id: str) -> None:
        """A user to start from: whose taste stands for the average."""
        if side == "user":
            self.tabs.setCurrentWidget(self.user)
            self.user.pick_average(raw_id)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for tab in (self.user, self.movie, self.works):
            tab.apply_theme(theme)

    def finish(self) -> None:
        """End work in the background."""
        for tab in (self.user, self.movie, self.works):
            tab.finish()

    @property
    def search_line(self) -> QLineEdit | None:
        """That of the movies, for a new user."""
        return self.user.search if self.tabs.currentWidget() is self.user else None

    @property
    def copied_table(self) -> NumberTable | None:
        """That of the predictions."""
        tab = self.tabs.currentWidget()
        return tab.table if isinstance(tab, (NewUserTab, NewMovieTab, ColdStartTab)) else None

"""NewcomersPage: new users and new movies, and how well the model predicts for them."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QLineEdit, QTabWidget, QVBoxLayout

from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.gui.bridge import Bridge
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.new_user_tab import NewUserTab
from cfgui.gui.number_table import NumberTable
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme, current_theme


class NewcomersPage(ExplorePage):
    """Tabs: a new user, a new movie, and how well each method works on users held out."""

    title: ClassVar[str] = "New users"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self._reading: Reading | None = None
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("New users and movies")
        self.user = NewUserTab(session, submit)
        self.tabs.addTab(self.user, "New user")
        self.user.said.connect(self.said)
        self.user.sheet_wanted.connect(self.sheet_wanted)
        self.user.run_wanted.connect(lambda: self.command_wanted.emit("train.run"))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 6)
        column.addWidget(self.tabs)
        self.setFocusProxy(self.user)
        self.apply_theme(current_theme())

    def show_reading(self, reading: Reading) -> None:
        """Predict for new ones by these weights."""
        if not reading.same_as(self._reading):
            self._reading = reading
            self.user.show_reading(reading)

    def show_subject(self, side: str, raw_id: str) -> None:
        """A user to start from: whose taste stands for the average."""
        if side == "user":
            self.tabs.setCurrentWidget(self.user)
            self.user.average.show_id(raw_id)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.user.apply_theme(theme)

    def finish(self) -> None:
        """End work in the background."""
        self.user.finish()

    @property
    def search_line(self) -> QLineEdit | None:
        """That of the films."""
        return self.user.search

    @property
    def copied_table(self) -> NumberTable | None:
        """That of the predictions."""
        return self.user.table

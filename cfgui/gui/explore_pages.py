"""Explore: the pages that stand in the sheet's place, each loaded when first opened, and told what it has to read."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit

from cfgui.app.reading import Reading, reading_of
from cfgui.app.session import Session
from cfgui.core.one_side import SideName
from cfgui.gui.bridge import Bridge
from cfgui.gui.sheet_page import Submit
from cfgui.gui.sheets import Sheets
from cfgui.gui.theme import Theme, current_theme, field_palette

if TYPE_CHECKING:
    from cfgui.app.cell_subjects import Subject
    from cfgui.gui.explore_page import ExplorePage

PAGES: Mapping[str, str] = {
    "movies": "cfgui.gui.standings_page:MoviesPage",
    "users": "cfgui.gui.standings_page:UsersPage",
    "map": "cfgui.gui.map_page:MapPage",
    "factors": "cfgui.gui.factors_page:FactorsPage",
    "recommend": "cfgui.gui.recommend_page:RecommendPage",
    "new_users": "cfgui.gui.new_users_page:NewUsersPage",
    "feedback": "cfgui.gui.feedback_page:FeedbackPage",
}
"""Every page by its name: where its class is. The command of a page is "explore." and its name."""

RUN_MS = 100
"""How long a page waits for news at least while training runs."""

REST = 4
"""After showing news a page rests so many times as long as that took, so that the window has most of the time."""


class Explore(QObject):
    """Opens pages over the sheet and goes back to it.

    ``turned`` (page name, "" for the sheet) follows each opening and each return; ``said``, ``sheet_wanted``,
    ``command_wanted`` and ``entry_wanted`` hand on what a page says.
    """

    turned = Signal(str)
    said = Signal(str, bool)
    sheet_wanted = Signal(str)
    command_wanted = Signal(str)
    entry_wanted = Signal(str, object)

    def __init__(self, session: Session, submit: Submit, bridge: Bridge, sheets: Sheets) -> None:
        super().__init__()
        self._session, self._submit, self._bridge, self._sheets = session, submit, bridge, sheets
        self.pages: dict[str, ExplorePage] = {}
        self.current = ""
        self._shown: Reading | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._show)
        self._rest_until = 0.0
        sheets.uncovered.connect(self._left)

    @property
    def page(self) -> ExplorePage | None:
        """The page on screen; None while it is the sheet."""
        return self.pages.get(self.current)

    # Opening and leaving

    def switch(self, name: str, on: bool) -> None:
        """Open a page, or go back to the sheet where it is the one on screen."""
        if on:
            self.open(name)
        elif name == self.current:
            self.leave()

    def open(self, name: str, subjects: Sequence[Subject] = ()) -> None:
        """Show a page, about these users and movies where any are given."""
        page = self._page_of(name)
        if name != self.current:
            self.current = name
            self._sheets.cover(page)
            self._show()
            page.setFocus()
            self.turned.emit(name)
        for side, raw_id in subjects:
            page.show_subject(side, raw_id)

    def leave(self) -> None:
        """Go back to the sheet."""
        self._sheets.uncover()

    def _left(self) -> None:
        self.current, self._shown = "", None
        self._soon.stop()
        self.turned.emit("")

    def _page_of(self, name: str) -> ExplorePage:
        if name not in self.pages:
            module, _, kind = PAGES[name].partition(":")
            make = getattr(importlib.import_module(module), kind)
            page = cast("ExplorePage", make(self._session, self._submit, self._bridge))
            page.said.connect(self.said)
            page.sheet_wanted.connect(self._want_sheet)
            page.page_wanted.connect(self._want_page)
            page.command_wanted.connect(self.command_wanted)
            page.entry_wanted.connect(self.entry_wanted)
            page.model_wanted.connect(self._sheets.show_model)
            _dress(page, current_theme())
            self.pages[name] = page
        return self.pages[name]

    def _want_sheet(self, words: str) -> None:
        self.leave()
        self.sheet_wanted.emit(words)

    def _want_page(self, name: str, side: SideName, raw_id: str) -> None:
        self.open(name, [(side, raw_id)])

    # News

    def look(self) -> None:
        """Something may have changed: show it at once, or within a moment while training runs."""
        if self.page is None or reading_of(self._session).same_as(self._shown):
            return
        if not self._bridge.running:
            self._show()
        elif not self._soon.isActive():
            rest = round(1000 * (self._rest_until - time.monotonic()))
            self._soon.start(max(RUN_MS, rest))

    def _show(self) -> None:
        self._soon.stop()
        if self.page is not None:
            self._shown = reading_of(self._session)
            began = time.monotonic()
            self.page.show_reading(self._shown)
            now = time.monotonic()
            self._rest_until = now + REST * (now - began)

    # What the menus ask of the page on screen

    def find(self) -> bool:
        """Put the keyboard into the page's search; False where there is none."""
        line = None if self.page is None else self.page.search_line
        if line is not None:
            line.setFocus()
            line.selectAll()
        return line is not None

    def copy(self) -> None:
        """Copy the table that has the keyboard, else the page's own."""
        from cfgui.gui.number_table import NumberTable

        focus = QApplication.focusWidget()
        table = focus if isinstance(focus, NumberTable) else None if self.page is None else self.page.copied_table
        if table is None:
            self.said.emit("There is nothing to copy here: click a table first.", True)
        else:
            table.copy()

    def apply_theme(self, theme: Theme) -> None:
        """Take these colours."""
        for page in self.pages.values():
            _dress(page, theme)

    def finish(self) -> None:
        """Before the window closes: end what works in the background."""
        self._soon.stop()
        for page in self.pages.values():
            page.finish()


def _dress(page: ExplorePage, theme: Theme) -> None:
    """Give a page these colours, and its fields to type in and to choose from a ground that is seen in the dark too."""
    fields = field_palette(theme)
    for field in (*page.findChildren(QComboBox), *page.findChildren(QAbstractSpinBox), *page.findChildren(QLineEdit)):
        field.setPalette(fields)  # lines last: that of a spin box does not take over its palette
    page.apply_theme(theme)

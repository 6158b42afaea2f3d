"""ExplorePage: what the pages beside the sheet share. Each reads the weights; none changes them but by an edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from cfgui.app.cell_subjects import Subject
from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.gui.bridge import Bridge
from cfgui.gui.number_table import NumberTable
from cfgui.gui.sheet_menu import page_menu
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme

MENU_TIP = "The right button or the menu key asks more about a row."


class ExplorePage(QWidget):
    """One page of the menu Explore.

    What takes longer than a moment belongs into a ``LatestWork``; news of a run with ``patient=True``, else a slow
    answer would never be shown.

    ``said`` (sentence, is a problem) speaks in the message bar; ``sheet_wanted`` ("user 14", "movie 27") asks to go to
    the sheet; ``page_wanted`` (page name, "user" or "movie", raw id) asks for another page about somebody;
    ``model_wanted`` (model) asks for that model's sheet to become the active one, whose weights this page then reads.
    ``command_wanted`` ("train.run") gives a command, ``entry_wanted`` (page name or "edit.…", subjects) is what was
    chosen in the menu of a user or movie. ``submit`` applies an edit as one undo entry; False, with a word, when it was
    refused.
    """

    said = Signal(str, bool)
    sheet_wanted = Signal(str)
    page_wanted = Signal(str, str, str)
    command_wanted = Signal(str)
    entry_wanted = Signal(str, object)
    model_wanted = Signal(str)

    title: ClassVar[str] = ""
    """What the page is called."""

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__()
        self.session, self.submit, self.bridge = session, submit, bridge
        self.setAccessibleName(self.title)

    def show_reading(self, reading: Reading) -> None:
        """The page came on screen, or something it reads changed: at most some ten times a second during a run."""

    def show_subject(self, side: str, raw_id: str) -> None:
        """Show this "user" or "movie", by raw id; called after ``show_reading``."""

    def add_menu(self, table: NumberTable, subjects: Callable[[int], Sequence[Subject]]) -> None:
        """Give a table of users or movies the menu of the sheet; ``subjects`` says whom a row is about."""
        table.setToolTip(f"{table.toolTip()} {MENU_TIP}")
        table.menu_wanted.connect(lambda row, place: self.open_menu(subjects(row), place))

    def open_menu(self, subjects: Sequence[Subject], place: QPoint) -> None:
        """Show ``menu_of`` at this place of the screen, its first line chosen; nothing where nobody is asked about."""
        if subjects:
            menu = self.menu_of(subjects)
            menu.popup(place)
            menu.setActiveAction(menu.actions()[0])

    def menu_of(self, subjects: Sequence[Subject]) -> QMenu:
        """What can be asked about these, as on the sheet."""
        titles = self.session.ratings.titles
        return page_menu(
            self, subjects, lambda id_: titles.get(id_, ""), self.entry_wanted.emit, self.sheet_wanted.emit
        )

    def apply_theme(self, theme: Theme) -> None:
        """Take these colours."""

    def finish(self) -> None:
        """Before the window closes: end work in the background, and wait for its end."""

    def heightForWidth(self, width: int) -> int:
        """The least height that will do: the frame around a page scrolls only where there is less than that.

        Qt takes what the tables would like to have as soon as there is a label with wrapped words among them.
        """
        layout = self.layout()
        return super().heightForWidth(width) if layout is None else layout.totalMinimumHeightForWidth(width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape in the search clears it, and then leads back to what the page is about."""
        line = self.search_line
        if event.key() != Qt.Key.Key_Escape or line is None or not line.hasFocus():
            super().keyPressEvent(event)
        elif line.text():
            line.clear()
        else:
            self.setFocus()

    @property
    def search_line(self) -> QLineEdit | None:
        """Where Find (Ctrl+F) puts the keyboard; None where the page has nothing to search."""
        return None

    @property
    def copied_table(self) -> NumberTable | None:
        """What Copy (Ctrl+C, menu Edit) copies while the keyboard is elsewhere; None for nothing."""
        return None

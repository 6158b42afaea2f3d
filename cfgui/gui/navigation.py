"""Navigation: going to a cell, a user or a movie, by the name box and the find bar, and back to the sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cfgui.app.finding import Found
from cfgui.gui.edit_actions import EditActions
from cfgui.gui.find_bar import FindBar
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.message_bar import MessageBar
from cfgui.gui.sheets import Sheets
from cfgui.gui.shown_part import ShownPart


class Navigation:
    """Moves the selection of the sheet on screen, and the keyboard between it and the bars."""

    def __init__(
        self,
        sheets: Sheets,
        shown: ShownPart,
        edits: EditActions,
        formula_bar: FormulaBar,
        find_bar: FindBar,
        messages: MessageBar,
    ) -> None:
        self._sheets, self._shown, self._edits = sheets, shown, edits
        self._formula_bar, self._find_bar, self._messages = formula_bar, find_bar, messages

    def focus_sheet(self) -> None:
        """Give the sheet the keyboard, or the page that stands in its place."""
        if self._sheets.cover_page is not None:
            self._sheets.cover_page.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        page = self._sheets.page
        view = page.current or next(iter(page.views.values()))
        view.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter_value(self, text: str) -> None:
        """Put what was typed in the formula bar into the current cell."""
        if self._edits.set_current(text):
            self.focus_sheet()
        else:
            self._formula_bar.refuse()

    def find(self) -> None:
        """Open the find bar."""
        self._sheets.uncover()
        self._messages.withdraw()  # the two share a row
        self._find_bar.open(self._sheets.page)

    def follow_page(self) -> None:
        """Another sheet came: search that one from now on."""
        if self._find_bar.isVisible():
            self._find_bar.open(self._sheets.page)

    def go_to(self, address: str) -> None:
        """Select the cell, user or movie of this name, or say that there is none."""
        self._sheets.uncover()
        page = self._sheets.page
        self._messages.withdraw()  # an offer to show what was looked for before
        if page.select_address(address):
            return
        found = self._find_bar.find_first(page, address)
        if found is not None and not page.go_to(found):
            words = self._find_bar.words(page, found)
            self._messages.offer(f"{words} is not among those shown.", [("Show it", lambda: self.show_found(found))])
            self.focus_sheet()
        elif found is None:
            sentence = f"{address.strip() or 'An empty address'} is no cell of this sheet: try one such as H25."
            self._messages.say(sentence, problem=True)
            self._formula_bar.ask_for_address()

    def show_found(self, found: Found) -> None:
        """Show everything, and go to a user or movie that was hidden."""
        self._shown.all(lambda: self._sheets.page.go_to(found))

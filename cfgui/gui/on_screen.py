"""OnScreen: the commands that mean the page on screen, else the sheet; and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cfgui.gui.choices_bar import ChoicesBar
from cfgui.gui.edit_actions import EditActions
from cfgui.gui.explore_pages import PAGES as EXPLORE_PAGES
from cfgui.gui.explore_pages import Explore
from cfgui.gui.find_bar import FindBar
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.letters import letters_on
from cfgui.gui.navigation import Navigation
from cfgui.gui.row_actions import RowActions
from cfgui.gui.sheet_tabs import PAGES
from cfgui.gui.sheets import Sheets
from cfgui.gui.view_bar import ViewBar

if TYPE_CHECKING:
    from cfgui.app.cell_subjects import Subject


class OnScreen:
    """Turns between sheets and the pages of the menu Explore, and asks the one on screen."""

    def __init__(
        self,
        sheets: Sheets,
        explore: Explore,
        navigation: Navigation,
        edits: EditActions,
        rows: RowActions,
        bars: tuple[FormulaBar, FindBar, ChoicesBar, ViewBar],
    ) -> None:
        self._sheets, self._explore, self._navigation = sheets, explore, navigation
        self._edits, self._rows = edits, rows
        self._formula_bar, self._find_bar, self._choices, self._view_bar = bars

    def handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each of these commands."""
        sheets, explore = self._sheets, self._explore
        return {
            "edit.find": self.find,
            "edit.copy": self.copy,
            "edit.go_to": self.ask_for_address,
            "view.next_sheet": lambda: sheets.turn(1),
            "view.previous_sheet": lambda: sheets.turn(-1),
            **{f"view.sheet_{name}": partial(sheets.open_tab, place) for place, (name, _) in enumerate(PAGES)},
            "view.layers": sheets.turn_to_layers,
            "view.one_hot": sheets.show_one_hot,
            **{f"explore.{name}": partial(explore.switch, name) for name in EXPLORE_PAGES},
        }

    def open_or_act(self, name: str, subjects: Sequence[Subject]) -> None:
        """What the menu of a cell asks for: a page about somebody, or a command."""
        if name.startswith("edit."):
            self._rows.act(name, subjects)
        else:
            self._explore.open(name, subjects)

    def find(self) -> None:
        """The search of the page on screen, else that of the sheet."""
        if not self._explore.find():
            self._navigation.find()

    def ask_for_address(self) -> None:
        """Let the person say which cell to go to, on the sheet."""
        self._sheets.uncover()
        self._formula_bar.ask_for_address()

    def copy(self) -> None:
        """The selected rows of the page on screen, else the selected cells of the sheet."""
        if self._sheets.covered:
            self._explore.copy()
        else:
            self._edits.copy()

    def follow(self, name: str) -> None:
        """Another page came in the sheet's place, or with the name "" the sheet came back: so do its bars."""
        self._formula_bar.setVisible(not name)  # nobody sees the cell that it tells of
        page = self._explore.page
        taken = frozenset(() if page is None else letters_on(page))
        for bar in (self._choices, self._view_bar):
            bar.show_letters(taken)
        if name:
            self._find_bar.hide()
        else:
            self._navigation.focus_sheet()

"""What is said of the selected cells: their explanation, their formula and value, and their statistics."""

from __future__ import annotations

from cfgui.app.selection_statistics import selection_statistics
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.sheets import Sheets
from cfgui.gui.side_panel import SidePanel
from cfgui.gui.status_bar import StatusBar


class SelectionShow:
    """Puts what is selected on screen into the side panel, the formula bar and the status bar."""

    def __init__(self, sheets: Sheets, side: SidePanel, formula_bar: FormulaBar, status: StatusBar) -> None:
        self._sheets, self._side, self._formula_bar, self._status = sheets, side, formula_bar, status

    def show(self) -> None:
        """All of it."""
        self.show_cell()
        view = self._sheets.page.current
        rectangle = view.selected_rectangle() if view is not None else None
        several = rectangle is not None and rectangle[2] * rectangle[3] > 1
        statistics = None
        if view is not None and several:
            statistics = selection_statistics(view.block, view.selected_rectangles())
        self._status.show_selection(statistics)

    def show_cell(self) -> None:
        """What is said of the current cell alone."""
        explanation, view = self._sheets.page.explanation(), self._sheets.page.current
        self._side.show_explanation(explanation)
        editable, text = False, ""
        if view is not None and view.currentIndex().isValid():
            row, column = view.currentIndex().row(), view.currentIndex().column()
            editable, text = view.block.can_edit(row, column), view.block.full_text(row, column)
        self._formula_bar.show_cell(explanation, editable=editable, value_text=text)

    def explain_factor(self, factor: int) -> None:
        """Explain the slope of this factor."""
        self._sheets.page.explained_factor = factor
        self.show_cell()

"""StandingsSide: beside the table of everybody, bias against mean as a plot, and the neighbours of the selected one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QTabWidget, QVBoxLayout, QWidget

from cfgui.app.standings_report import no_bias_words
from cfgui.app.standings_table import StandingsTable
from cfgui.core.one_side import SideName
from cfgui.gui.bias_scatter import BiasScatter
from cfgui.gui.neighbours_view import NeighboursView
from cfgui.gui.theme import Theme


class StandingsSide(QTabWidget):
    """Two tabs; only the one in front is up to date. ``bias_wanted`` asks for the sheet that has biases."""

    bias_wanted = Signal()

    def __init__(self, side: SideName) -> None:
        super().__init__()
        self._side = side
        self.scatter, self.neighbours = BiasScatter(), NeighboursView()
        self.no_bias = QLabel(no_bias_words())
        self.show_bias = QPushButton("&Show the bias sheet")
        self.no_bias.setWordWrap(True)
        self.no_bias.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.show_bias.setToolTip("Read the weights of the sheet bias on this page.  (Alt+S)")
        self.show_bias.clicked.connect(self.bias_wanted)
        plot = QWidget()
        column = QVBoxLayout(plot)
        column.setContentsMargins(6, 4, 0, 0)
        column.addWidget(self.no_bias)
        column.addWidget(self.show_bias, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.scatter, 1)
        column.addStretch(0)
        self.setDocumentMode(True)
        self.addTab(plot, "Bias against mean")
        self.addTab(self.neighbours, "Neighbours")
        self.setTabToolTip(0, "A point each: sorting by bias is not sorting by mean.")
        self.setTabToolTip(1, f"Whose factors are nearest to those of the selected {side}.")

    @property
    def shows_neighbours(self) -> bool:
        """Whether the neighbours are in front."""
        return self.currentWidget() is self.neighbours

    def show_table(self, table: StandingsTable, row: int | None) -> None:
        """Bring the tab in front up to date, with the one selected in ``row`` of the table."""
        has_bias = table.found.bias is not None
        for part, shown in ((self.scatter, has_bias), (self.no_bias, not has_bias), (self.show_bias, not has_bias)):
            part.setVisible(shown)
        if self.shows_neighbours:
            self.neighbours.show_reading(table.reading)
            self._show_neighbours(table, row)
        elif has_bias:
            self.scatter.show_standings(table.found, table.name)
            self.scatter.show_selected(row)

    def show_row(self, table: StandingsTable | None, row: int | None) -> None:
        """Another row is selected."""
        if self.shows_neighbours:
            self._show_neighbours(table, row)
        else:
            self.scatter.show_selected(row)

    def _show_neighbours(self, table: StandingsTable | None, row: int | None) -> None:
        """Those of the selected row, unless they are shown: then the way back to others is kept."""
        if table is not None and row is not None and self.neighbours.subject != (self._side, table.ids[row]):
            self.neighbours.show_subject(self._side, table.ids[row])

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        for part in (self.scatter, self.neighbours):
            part.apply_theme(theme)

    def finish(self) -> None:
        """Before the window closes: end what is in hand."""
        self.neighbours.finish()

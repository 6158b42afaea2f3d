"""Beside the map: who stands at the ends of its axes, and the list of those a person drew a lasso around."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from cfgui.app.map_points import MapPoints, Places
from cfgui.app.map_words import listed
from cfgui.app.words import counted
from cfgui.gui.map_ends import EndsTree
from cfgui.gui.number_table import NumberTable
from cfgui.gui.small_parts import flat_button
from cfgui.gui.theme import Theme

EMPTY = "Hold Shift and draw around points, or press “List view”: they are listed here."


MOST_LISTED = 3_000
"""Points in the list at most: nobody reads more, and the window would stop for a moment."""


class MapSide(QTabWidget):
    """Two tabs: the ends of the axes, and a list. ``marked`` and ``activated`` carry an index in the table,
    ``menu_wanted`` that and a place on the screen.

    ``view_listed`` asks for the points in sight, ``lasso_toggled`` (on) that a plain drag draws a lasso; ``said`` is
    that of the table.
    """

    marked = Signal(int)
    activated = Signal(int)
    menu_wanted = Signal(int, QPoint)
    view_listed = Signal()
    lasso_toggled = Signal(bool)
    said = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: MapPoints | None = None
        self._listed: Places = np.zeros(0, dtype=np.intp)
        self._n_found = 0
        self.ends, self.table = EndsTree(), NumberTable(name="Listed points", narrowest=120)
        self.caption = QLabel(EMPTY)
        self.caption.setWordWrap(True)
        self.lasso = flat_button("Lasso", "A plain drag draws around points, as Shift and a drag do always.  (Alt+Z)")
        self.lasso.setCheckable(True)
        self.lasso.setShortcut("Alt+Z")
        self.lasso.toggled.connect(self.lasso_toggled)
        self.view = flat_button("L&ist view", "List every point in sight, the most rated first.  (Ctrl+Enter)")
        self.view.clicked.connect(self.view_listed)
        self.addTab(self.ends, "Ends of the axes")
        self.addTab(self._list_page(), "List")
        self.setDocumentMode(True)
        self.tabBar().setExpanding(False)
        self.ends.marked.connect(self.marked)
        self.ends.menu_wanted.connect(self.menu_wanted)
        self.table.menu_wanted.connect(lambda row, place: self._tell(self.menu_wanted, row, place))
        self.ends.activated.connect(self.activated)
        self.table.row_selected.connect(lambda row: self._tell(self.marked, row))
        self.table.row_activated.connect(lambda row: self._tell(self.activated, row))
        self.table.said.connect(self.said)

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self.caption, 1)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        return page

    @property
    def listed_indices(self) -> list[int]:
        """Who is in the list, as indices in the table."""
        return [] if self._points is None else self._points.indices[self._listed].tolist()

    def show_points(self, points: MapPoints) -> None:
        """Take these; the list keeps whom it names, as far as they are among the points."""
        before = self._points
        self._points = points
        self.ends.show_points(points)
        if before is None or not len(self._listed):
            return
        if before.choice.side != points.choice.side or before.owners.ids is not points.owners.ids:
            self.list_points(np.zeros(0, dtype=np.intp), show=False)
        else:
            if before.indices is not points.indices:
                self._listed = np.flatnonzero(np.isin(points.indices, before.indices[self._listed]))
                self._n_found = len(self._listed)
            self._fill()

    def list_points(self, positions: Places, *, show: bool = True) -> None:
        """List these, the most rated first; of very many only those."""
        self._n_found, self._listed = len(positions), positions[:MOST_LISTED]
        self._fill()
        if show:
            self.setCurrentIndex(1)

    def select(self, index: int | None) -> None:
        """Select somebody in the list, where it has them."""
        if index is not None and index in (indices := self.listed_indices):
            self.table.blockSignals(True)
            self.table.select_row(indices.index(index))
            self.table.blockSignals(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        self.caption.setStyleSheet(f"color: {theme.muted.name()}")

    def _fill(self) -> None:
        assert self._points is not None
        points, n = self._points, len(self._listed)
        self.table.show_columns(listed(points, self._listed, self.table.columns))
        part = f"the {n:,} most rated of " if n < self._n_found else ""
        words = f"{part}{counted(self._n_found, points.choice.side)}, of {len(points):,} on the map"
        self.caption.setText(f"{words[0].upper()}{words[1:]}" if n else EMPTY)

    def _tell(self, signal: SignalInstance, row: int, *more: QPoint) -> None:
        indices = self.listed_indices
        if row < len(indices):
            signal.emit(indices[row], *more)

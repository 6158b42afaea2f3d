"""SheetPage: what all sheets share. One selection among several blocks, refreshing, addresses and explanations."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from cfgui.app.block import Block
from cfgui.app.cell_subjects import Subject, of_column, of_row, subjects_of
from cfgui.app.changes import Changes
from cfgui.app.edits import Edit
from cfgui.app.explanation import Explanation
from cfgui.app.finding import Found
from cfgui.app.session import Session
from cfgui.app.sheet_state import State
from cfgui.core.one_side import SideName
from cfgui.core.ratings import Indices
from cfgui.core.view import View
from cfgui.gui.appearance import Appearance
from cfgui.gui.block_model import BlockModel
from cfgui.gui.block_view import BlockView
from cfgui.gui.sheet_menu import add_entries

Submit = Callable[[Edit], bool]

MANY = 3000
"""Ids of which the longest is looked for one by one."""


def _longest(ids: tuple[str, ...], shown: Indices) -> str:
    if len(shown) > MANY:  # whatever the order, the longest ids are many, or stand at one of its ends
        shown = np.concatenate([shown[:1000], shown[:: len(shown) // 1000], shown[-9:]])
    return max((ids[index] for index in shown.tolist()), key=len, default="")


class SheetPage(QWidget):
    """A sheet made of block views.

    ``selection_changed`` follows each change of the one selection; ``said`` carries a sentence for the person;
    ``explore_wanted`` (page name, subjects) asks for another page about a user or a movie.
    """

    selection_changed = Signal()
    said = Signal(str)
    explore_wanted = Signal(str, object)

    neighbours: ClassVar[Mapping[tuple[str, int, int], str]] = {}
    """The block that an arrow key reaches: (block, rows, columns) -> block."""

    first_block, first_column = "predictions", 0
    """Where the selection stands when the sheet is first shown."""

    def __init__(self, session: Session, model: str, appearance: Appearance, submit: Submit) -> None:
        super().__init__()
        self.session, self.model, self.appearance, self._submit = session, model, appearance, submit
        self.views: dict[str, BlockView] = {}
        self.explained_factor = 0
        self._current: BlockView | None = None
        self._explained: tuple[State, View, object, Explanation | None] | None = None

    def add_view(self, block: Block, *, sample: str = "88.88", shows_titles: bool = False) -> BlockView:
        """A view of ``block`` that shares this page's selection."""
        model = BlockModel(block, self._submit, self)
        model.rejected.connect(self.said)
        view = BlockView(model, self.appearance, self, sample=sample, shows_titles=shows_titles)
        view.selected.connect(self._view_selected)
        view.left_edge.connect(self._leave_block)
        view.menu_asked.connect(self._show_menu)
        view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight)
        self.views[block.name] = view
        return view

    @property
    def current(self) -> BlockView | None:
        """The view that has the selection."""
        if self._current is not None and self._current.selectionModel().hasSelection():
            return self._current
        return None

    def _view_selected(self) -> None:
        view = self.sender()
        if isinstance(view, BlockView):
            if view is not self._current:
                self._current = view
                for other in self.views.values():
                    if other is not view:
                        other.selectionModel().clear()
            self.light_up()
            self.selection_changed.emit()

    def _show_menu(self, at: QPoint) -> None:
        """Offer what can be asked about the user and the movie of the current cell."""
        view = self.sender()
        if isinstance(view, BlockView):
            menu = QMenu(view)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._add_lines(menu, subjects_of(view.block, view.currentIndex().row(), view.currentIndex().column()))
            if menu.actions():
                menu.popup(at)
                menu.setActiveAction(menu.actions()[0])
            else:
                menu.deleteLater()

    def add_header_lines(self, view: BlockView, orientation: Qt.Orientation, menu: QMenu, section: int) -> None:
        """Put what can be asked about the user or movie of a header's section into a menu."""
        find = of_row if orientation == Qt.Orientation.Vertical else of_column
        self._add_lines(menu, find(view.block, section))

    def _add_lines(self, menu: QMenu, subjects: Sequence[Subject]) -> None:
        add_entries(menu, subjects, lambda id_: self.session.ratings.titles.get(id_, ""), self.explore_wanted.emit)

    def _leave_block(self, rows: int, columns: int) -> None:
        view = self.sender()
        if not isinstance(view, BlockView):
            return
        target = self.views.get(self.neighbours.get((view.block.name, rows, columns), ""))
        if target is None:
            return
        index = view.currentIndex()
        n_rows, n_columns = target.block.shape
        row = {1: 0, -1: n_rows - 1}.get(rows, min(index.row(), n_rows - 1))
        column = {1: 0, -1: n_columns - 1}.get(columns, min(index.column(), n_columns - 1))
        if n_rows and n_columns:
            target.select_cell(row, column)

    def refresh(self, changes: Changes) -> None:
        """Show what changed: one range per block."""
        if not self._concerns(changes):
            return
        reset = changes.document or changes.view or self.model in changes.shape
        place = self._place_of_cursor()
        for view in self.views.values():
            model = view.model()
            if isinstance(model, BlockModel):
                model.refresh()
        if reset:
            self.resize_blocks()
        if place is not None and self.current is None:
            self._put_cursor(*place)
        self.light_up()
        self.selection_changed.emit()

    def _place_of_cursor(self) -> tuple[BlockView, int, int] | None:
        view = self.current
        return (view, view.currentIndex().row(), view.currentIndex().column()) if view is not None else None

    def _put_cursor(self, view: BlockView, row: int, column: int) -> None:
        """Select a cell again, or the one nearest to where it was: a table with another shape forgets."""
        n_rows, n_columns = view.block.shape
        if n_rows and n_columns:
            had_focus = self.focusWidget()
            view.select_cell(min(row, n_rows - 1), min(column, n_columns - 1))
            if had_focus is not None:
                had_focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom, wherever on the page."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.appearance.set_zoom(self.appearance.zoom * (1.1 if event.angleDelta().y() > 0 else 1 / 1.1))
            event.accept()
        else:
            super().wheelEvent(event)

    def follow_shapes(self) -> None:
        """While another sheet is on screen: only keep up with how many rows and columns there are."""
        self._explained = None  # lets go of what may be a large state
        for view in self.views.values():
            model = view.model()
            if isinstance(model, BlockModel) and model.is_stale:
                model.refresh()

    def _concerns(self, changes: Changes) -> bool:
        touched = self.model in changes.weights or self.model in changes.shape
        return changes.document or changes.view or changes.measured or changes.ratings or touched

    def select_address(self, address: str) -> bool:
        """Go to an A1 address of the exported sheet, or a range such as H2:J4; False when no block stands there."""
        first, _, last = address.strip().upper().replace("$", "").partition(":")
        for view in self.views.values():
            start, end = self._place(view, first), self._place(view, last or first)
            if start is not None and end is not None:
                (top, bottom), (left, right) = sorted((start[0], end[0])), sorted((start[1], end[1]))
                view.select_cell(top, left, bottom - top + 1, right - left + 1)
                return True
        return False

    @staticmethod
    def _place(view: BlockView, address: str) -> tuple[int, int] | None:
        found = view.block.layout.block_at(address)
        return view.block.place(*found) if found else None

    def place_of(self, found: Found) -> tuple[BlockView, int, int] | None:
        """Where a user or a movie stands on this sheet; None where it is hidden."""
        shown = self.session.view
        places = shown.user_rows if found.side == "user" else shown.movie_columns
        place = int(places[found.index]) if found.index < len(places) else -1
        return None if place < 0 else self._place_of(found.side, place)

    def go_to(self, found: Found) -> bool:
        """Select where a user or a movie stands; False where it is hidden."""
        place = self.place_of(found)
        if place is not None:
            view, row, column = place
            view.select_cell(row, column)
        return place is not None

    def _place_of(self, side: SideName, place: int) -> tuple[BlockView, int, int]:
        """The cell to go to for the user in a row or the movie in a column of the crosstab."""
        return (self.views["ratings"], place, 0) if side == "user" else (self.views["ratings"], 0, place)

    def select_first(self) -> None:
        """Select the cell that explains most, unless something is selected: then the keyboard works at once."""
        view = self.views[self.first_block]
        if self.current is None and all(view.block.shape):
            view.select_cell(0, self.first_column)

    def longest_user_id(self) -> str:
        """A user id as long as any shown."""
        return _longest(self.session.ratings.user_ids, self.session.view.users)

    def longest_movie_id(self) -> str:
        """A movie id as long as any shown."""
        return _longest(self.session.ratings.movie_ids, self.session.view.movies)

    @abstractmethod
    def resize_blocks(self) -> None:
        """Fit the views to the sizes of their blocks."""

    @abstractmethod
    def light_up(self) -> None:
        """Frame all that takes part in the selected cell."""

    def explanation(self) -> Explanation | None:
        """The selected cell explained, None when nothing is selected; put together once for one state of things."""
        session, view = self.session, self.current
        at = None if view is None else (view.block.name, view.currentIndex().row(), view.currentIndex().column())
        rmse = session.known_rmse(self.model, shown=True)
        key = (at, self.explained_factor, rmse, session.trains_visible, session.hyperparameters)
        known = self._explained
        if known is None or known[0] is not session.state or known[1] is not session.view or known[2] != key:
            self._explained = known = session.state, session.view, key, self._explain()
        return known[3]

    @abstractmethod
    def _explain(self) -> Explanation | None:
        """The selected cell explained, None when nothing is selected."""

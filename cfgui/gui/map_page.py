"""MapPage: movies or users as points, where their factors differ the most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from cfgui.app.map_points import MapChoice, MapPoints, Places
from cfgui.app.map_words import facts
from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.app.subjects import subject_name
from cfgui.core.one_side import SideName
from cfgui.gui.bridge import Bridge
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.explore_page import MENU_TIP, ExplorePage
from cfgui.gui.map_bar import MapBar
from cfgui.gui.map_canvas import MapCanvas
from cfgui.gui.map_drawer import MapDrawer
from cfgui.gui.map_side import MapSide
from cfgui.gui.number_table import NumberTable
from cfgui.gui.sheet_page import Submit
from cfgui.gui.small_parts import flat_button, split_view
from cfgui.gui.theme import Theme

HINT = "Click a point, or search for one. The wheel zooms, a drag moves, Shift and a drag draws a lasso."

FIRST_SPLIT = (620, 278)
"""Widths of the map and of what stands beside it, at first."""


class MapPage(ExplorePage):
    """The map follows a run, and keeps the part and the directions a person looks at."""

    title: ClassVar[str] = "Map"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self.bar, self.canvas, self.side = MapBar(), MapCanvas(), MapSide()
        self.drawer = MapDrawer(self)
        self.words = ElidedLabel("")
        self.words.set_rest(HINT)
        self._reading: Reading | None = None
        self._wanted: tuple[SideName, str] | None = None
        self.neighbours = flat_button(
            "Neighbours", "Whose factors are nearest, on a page of its own.  (Enter on the map)"
        )
        self.on_sheet = flat_button("&Jump to the sheet", "Go to the row or column of the sheet.  (Alt+J)")
        self.fit = flat_button("Show all", "See all points again.  (Home)")
        self._connect()
        self._lay_out()
        self.setFocusProxy(self.canvas)
        self._show_mark(None)

    def _connect(self) -> None:
        self.drawer.drawn.connect(self._take)
        self.drawer.refused.connect(lambda words: self.said.emit(words, True))
        self.bar.chosen.connect(self._choose)
        self.bar.searched.connect(self._find)
        self.canvas.marked.connect(self._show_mark)
        self.canvas.activated.connect(self._go_on)
        self.canvas.lassoed.connect(self._list)
        for asker in (self.canvas, self.side):
            asker.menu_wanted.connect(self._open_menu)
        for part in (self.side.ends, self.side.table):
            part.setToolTip(f"{part.toolTip()} {MENU_TIP}")
        self.side.marked.connect(self._mark_listed)
        self.side.activated.connect(self._go_on)
        self.side.view_listed.connect(self.list_view)
        self.side.lasso_toggled.connect(self._set_lassoing)
        self.side.said.connect(self.said)
        self.neighbours.clicked.connect(self._to_neighbours)
        self.on_sheet.clicked.connect(self._to_sheet)
        self.fit.clicked.connect(self.canvas.fit)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.list_view)

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setContentsMargins(8, 1, 6, 1)
        below.setSpacing(2)
        below.addWidget(self.words, 1)
        for button in (self.neighbours, self.on_sheet, self.fit, self.side.lasso, self.side.view):
            below.addWidget(button)
        split = split_view(Qt.Orientation.Horizontal, (self.canvas, self.side), FIRST_SPLIT)
        split.setHandleWidth(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(split, 1)
        whole.addLayout(below)

    # What the window tells it

    def show_reading(self, reading: Reading) -> None:
        """Draw the map of these weights, once there is time."""
        if reading.same_as(self._reading):
            return
        self._reading = reading
        self.bar.show_reading(reading)
        self._draw()

    def show_subject(self, side: str, raw_id: str) -> None:
        """Pick this user or movie out, once the map of that side is drawn."""
        wanted: SideName = "user" if side == "user" else "movie"
        self._wanted = wanted, raw_id
        if self.bar.choice.side != wanted:
            self.bar.show_side(wanted)
        elif not self.drawer.working:
            self._show_wanted()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        for part in (self.bar, self.canvas, self.side, self.words):
            part.apply_theme(theme)

    def finish(self) -> None:
        """End the drawing in hand."""
        self.drawer.finish()
        self.bar.picker.finish()

    @property
    def search_line(self) -> QLineEdit | None:
        """Where Find puts the keyboard."""
        return self.bar.picker.edit

    @property
    def copied_table(self) -> NumberTable | None:
        """The list, where it has anybody."""
        return self.side.table if self.side.listed_indices else None

    # Drawing

    def _choose(self, _choice: MapChoice) -> None:
        if self._reading is not None:
            self.bar.show_reading(self._reading)
        self._draw()

    def _draw(self) -> None:
        if self._reading is not None:
            self.drawer.draw(self._reading, self.bar.choice)

    def _take(self, points: MapPoints, genres: Sequence[str]) -> None:
        self.bar.offer_genres(genres)
        self.canvas.set_points(points)
        self.side.show_points(points)
        self._show_mark(None if self.canvas.mark is None else self.canvas.mark.index)
        self.canvas.describe()
        self._show_wanted()

    # Picking out

    def _find(self, raw_id: str) -> None:
        self._wanted = self.bar.choice.side, raw_id
        self._show_wanted()
        self.canvas.setFocus()

    def _show_wanted(self) -> None:
        """Pick out who was asked for, bring it in sight, and say where it is not drawn."""
        points, wanted = self.canvas.points, self._wanted
        if points is None or wanted is None or points.choice.side != wanted[0]:
            return
        self._wanted = None
        ids = points.owners.ids
        if wanted[1] not in ids:
            self.said.emit(f"There is no {wanted[0]} {wanted[1]} in this table.", True)
            return
        index = ids.index(wanted[1])
        self.canvas.choose(index)
        self.canvas.show_place(points.place_of(index))
        if points.position_of(index) is None:
            name = subject_name(points.reading.ratings, wanted[0], index)
            self.said.emit(f"{name} is not among the {len(points):,} most rated: it is placed by the same axes.", False)

    def _show_mark(self, index: int | None) -> None:
        points = self.canvas.points
        shown = index is not None and points is not None
        self.words.set_rest(facts(points, index) if points is not None and index is not None else HINT)
        for button in (self.neighbours, self.on_sheet):
            button.setEnabled(shown)
        self.side.select(index)

    def _mark_listed(self, index: int) -> None:
        points = self.canvas.points
        if points is not None and index < points.n_owners:
            self.canvas.choose(index)
            self.canvas.show_place(points.place_of(index))

    # Lists

    def list_view(self) -> None:
        """List every point in sight, for the keyboard to go on in the list."""
        self._list(self.canvas.in_view())
        self.side.table.setFocus()

    def _list(self, positions: Places) -> None:
        self.side.list_points(positions)
        self.side.select(None if self.canvas.mark is None else self.canvas.mark.index)

    def _set_lassoing(self, on: bool) -> None:
        self.canvas.lassoing = on

    # Going on

    def _marked_id(self) -> tuple[SideName, str] | None:
        points, mark = self.canvas.points, self.canvas.mark
        if points is None or mark is None:
            return None
        side = points.choice.side
        return side, points.owners.ids[mark.index]

    def _go_on(self, index: int) -> None:
        """Show somebody on the page of movies or users."""
        points = self.canvas.points
        if points is not None:
            side = points.choice.side
            self.page_wanted.emit(f"{side}s", side, points.owners.ids[index])

    def _to_neighbours(self) -> None:
        if self.canvas.mark is not None:
            self._go_on(self.canvas.mark.index)

    def _to_sheet(self) -> None:
        marked = self._marked_id()
        if marked is not None:
            self.sheet_wanted.emit(" ".join(marked))

    def _open_menu(self, index: int, place: QPoint) -> None:
        """The menu about somebody."""
        points = self.canvas.points
        if points is not None:
            side = points.choice.side
            self.open_menu([(side, points.owners.ids[index])], place)

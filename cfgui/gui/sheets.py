"""Sheets: the pages behind the tabs, each made when it is first looked at, and turning from one to another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from cfgui.app.changes import Changes
from cfgui.app.session import Session
from cfgui.core.models import MODELS
from cfgui.gui.appearance import Appearance
from cfgui.gui.crosstab_page import CrosstabPage
from cfgui.gui.sheet_page import SheetPage, Submit
from cfgui.gui.sheet_tabs import PAGES, SheetTabs


class Sheets(QObject):
    """Tabs and pages. ``turned`` follows another tab, ``selected`` each change of the selection on screen.

    ``said`` speaks of a problem; ``sort_requested`` (side, order) asks for another order of users or movies;
    ``explore_wanted`` (page name, subjects) for a page about them. A page may stand in the sheets' place (``cover``)
    until the person wants a sheet again (``uncovered``). ``one_hot_changed`` (on) follows what ``show_one_hot`` did.
    """

    turned = Signal()
    uncovered = Signal()
    explore_wanted = Signal(str, object)
    selected = Signal()
    said = Signal(str)
    sort_requested = Signal(str, str)
    one_hot_changed = Signal(bool)

    def __init__(self, session: Session, appearance: Appearance, submit: Submit) -> None:
        super().__init__()
        self._session, self._appearance, self._submit = session, appearance, submit
        self.pages: dict[str, SheetPage] = {}
        self.tabs, self.stack = SheetTabs(), QStackedWidget()
        self.cover_page: QWidget | None = None
        self._holders: dict[QWidget, QScrollArea] = {}
        self.page_of(PAGES[0][0])
        self.tabs.currentChanged.connect(self._tab_changed)
        self.tabs.tabBarClicked.connect(self._tab_clicked)

    def page_of(self, name: str) -> SheetPage:
        """A sheet by its name; each is made when it is first looked at."""
        if name not in self.pages:
            self.pages[name] = page = self._made(name, dict(PAGES)[name])
            page.selection_changed.connect(self._selection_changed)
            page.said.connect(self.said)
            page.explore_wanted.connect(self.explore_wanted)
            self.stack.addWidget(page)
        return self.pages[name]

    def _made(self, name: str, model: str) -> SheetPage:
        """A new sheet; what only some of them are made of loads with the first of these."""
        about = self._session, model, self._appearance, self._submit
        if name == "movielens_emb":
            from cfgui.gui.embedding_page import EmbeddingPage

            lookups = EmbeddingPage(*about)
            lookups.one_hot_wanted.connect(self.show_one_hot)
            return lookups
        if MODELS[model].net:
            from cfgui.gui.net_page import NetPage

            crosstab: CrosstabPage = NetPage(*about)
        else:
            crosstab = CrosstabPage(*about)
        crosstab.sort_requested.connect(self.sort_requested)
        return crosstab

    @property
    def page(self) -> SheetPage:
        """The sheet on screen."""
        return self.page_of(self.tabs.tabText(self.tabs.currentIndex()))

    def refresh(self, changes: Changes) -> None:
        """Look again at what changed; sheets that are not on screen only at how large they are."""
        for page in self.pages.values():
            if page is self.page:
                page.refresh(changes)
            else:
                page.follow_shapes()

    def _tab_changed(self) -> None:
        self.stack.setCurrentWidget(self.page if self.cover_page is None else self._holders[self.cover_page])
        self.page.refresh(Changes(document=True))
        self.turned.emit()

    def _selection_changed(self) -> None:
        if self.sender() in (None, self.page) or not isinstance(self.sender(), SheetPage):
            self.selected.emit()

    # What stands in the sheets' place

    @property
    def covered(self) -> bool:
        """Whether another page stands in the sheets' place; one of them is the active sheet all the same."""
        return self.cover_page is not None

    def cover(self, widget: QWidget) -> None:
        """Show ``widget`` in the sheets' place; where there is too little room, it scrolls."""
        if widget not in self._holders:
            self._holders[widget] = _held(widget)
            self.stack.addWidget(self._holders[widget])
        self.cover_page = widget
        self.stack.setCurrentWidget(self._holders[widget])

    def uncover(self) -> None:
        """Show the active sheet again."""
        if self.cover_page is not None:
            self.cover_page = None
            self.stack.setCurrentWidget(self.page)
            self.uncovered.emit()

    def _tab_clicked(self, place: int) -> None:
        if place >= 0:
            self.uncover()

    # Turning

    def turn(self, step: int) -> None:
        """So many tabs on, or back where ``step`` is negative."""
        self.uncover()
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + step) % self.tabs.count())

    def open_tab(self, place: int) -> None:
        """The sheet at this place among the tabs."""
        self.uncover()
        self.tabs.setCurrentIndex(place)

    def open_first_of(self, model: str) -> None:
        """The first sheet of a model."""
        self.tabs.setCurrentIndex([of for _, of in PAGES].index(model))

    def show_model(self, model: str) -> None:
        """The first sheet of a model, unless one of its sheets is on screen."""
        if self.page.model != model:
            self.open_first_of(model)

    def turn_to_layers(self) -> None:
        """The layers of the net on screen, or of the neural one; back where they are shown."""
        from cfgui.gui.net_page import NetPage

        self.uncover()
        if not isinstance(self.page, NetPage):
            self.open_first_of("neural")
        if isinstance(self.page, NetPage):
            self.page.show_crosstab() if self.page.shows_layers else self.page.show_layers()

    def show_one_hot(self, on: bool) -> None:
        """Lookups as one-hot products on ``movielens_emb``, which comes on screen with them; or without them again."""
        from cfgui.gui.embedding_page import EmbeddingPage

        page = self.page_of("movielens_emb")
        if isinstance(page, EmbeddingPage):
            page.show_one_hot(on)
        if on:
            self.open_tab([name for name, _ in PAGES].index("movielens_emb"))
        self.one_hot_changed.emit(on)


def _held(widget: QWidget) -> QScrollArea:
    """``widget`` in a frame that may be smaller: else a page once opened would keep the window from being narrow."""
    holder = QScrollArea()
    holder.setFrameShape(QFrame.Shape.NoFrame)
    holder.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    holder.setWidgetResizable(True)
    holder.setWidget(widget)
    return holder

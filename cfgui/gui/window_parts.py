"""WindowParts: everything the window is put together from, made once and laid out, before anything is connected."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow

from cfgui.app.session import Session
from cfgui.app.torch_loading import TorchLoader
from cfgui.gui.actions import Actions
from cfgui.gui.all_choices import AllChoices
from cfgui.gui.appearance import Appearance
from cfgui.gui.bridge import Bridge
from cfgui.gui.choices_bar import ChoicesBar
from cfgui.gui.command_states import CommandStates
from cfgui.gui.curve_show import CurveShow
from cfgui.gui.edit_actions import EditActions
from cfgui.gui.explore_pages import Explore
from cfgui.gui.file_actions import FileActions
from cfgui.gui.find_bar import FindBar
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.holding_out import HoldingOut
from cfgui.gui.measuring import Measuring
from cfgui.gui.message_bar import MessageBar
from cfgui.gui.navigation import Navigation
from cfgui.gui.on_screen import OnScreen
from cfgui.gui.open_documents import OpenDocuments
from cfgui.gui.row_actions import RowActions
from cfgui.gui.selection_show import SelectionShow
from cfgui.gui.session_keeper import SessionKeeper
from cfgui.gui.sheet_page import SheetPage
from cfgui.gui.sheets import Sheets
from cfgui.gui.shown_part import ShownPart
from cfgui.gui.side_panel import SidePanel
from cfgui.gui.status_bar import StatusBar
from cfgui.gui.training_actions import TrainingActions
from cfgui.gui.trial_actions import TrialActions
from cfgui.gui.view_actions import ViewActions
from cfgui.gui.view_bar import ViewBar
from cfgui.gui.window_layout import FIRST_SPLIT, bottom_row, first_size, one_below_another, side_by_side


class WindowParts(QMainWindow):
    """The parts of one window, by name. ``actions_by_id`` and ``commands`` come with whoever knows what they do."""

    actions_by_id: Actions
    commands: CommandStates

    def __init__(self, session: Session, loader: TorchLoader, settings: QSettings) -> None:
        super().__init__()
        self.session = session
        self.appearance, self.bridge = Appearance(), Bridge(session, lambda: loader.settled)
        self.edits = EditActions(session, self.bridge, lambda: None if self.sheets.covered else self.page.current)
        self.training = TrainingActions(session, self.bridge, loader)
        self.keeper = SessionKeeper(session, self, lambda: self.bridge.running)
        self.files = FileActions(session, self, settings, self.keeper)
        self.views = ViewActions(self.appearance, settings)
        self.shown = ShownPart(session, self.bridge)
        self.view_bar = ViewBar(session)
        self.holding_out = HoldingOut(session, self.bridge, self)
        self.messages, self.find_bar, self.formula_bar = MessageBar(), FindBar(), FormulaBar()
        self.choices, self.status, self.side = ChoicesBar(), StatusBar(), SidePanel()
        self.measuring = Measuring(session, lambda: self.bridge.running, lambda: self.side.shows_lines)
        self.all_choices = AllChoices(session, self.training, self)
        self.trials = TrialActions(session, self.bridge, loader, self)
        self.sheets = Sheets(session, self.appearance, self.edits.submit)
        self.pages, self.tabs, self.stack = self.sheets.pages, self.sheets.tabs, self.sheets.stack
        self.explore = Explore(session, self.edits.submit, self.bridge, self.sheets)
        self.rows = RowActions(session, self.edits.submit, lambda: None if self.sheets.covered else self.page.current)
        self.curves = CurveShow(session, self.sheets, self.side)
        self.selection = SelectionShow(self.sheets, self.side, self.formula_bar, self.status)
        bars = self.formula_bar, self.find_bar, self.messages
        self.navigation = Navigation(self.sheets, self.shown, self.edits, *bars)
        self.documents = OpenDocuments(session, self.bridge, self.keeper)
        bars_of_sheet = self.formula_bar, self.find_bar, self.choices, self.view_bar
        self.on_screen = OnScreen(self.sheets, self.explore, self.navigation, self.edits, self.rows, bars_of_sheet)
        self._lay_out()

    def _lay_out(self) -> None:
        self.splitter = side_by_side(self.stack, self.side)
        # The messages and the find bar stand beside the tabs, so that nothing moves when they come and go.
        bottom = bottom_row(self.tabs, self.find_bar, self.messages)
        self.setCentralWidget(one_below_another(self.formula_bar, self.view_bar, self.splitter, bottom))
        self.setStatusBar(self.status)
        self.resize(first_size(self.screen().availableSize()))
        self.splitter.setSizes(FIRST_SPLIT)

    @property
    def page(self) -> SheetPage:
        """The sheet on screen."""
        return self.sheets.page

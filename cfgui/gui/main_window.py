"""The window: puts the parts together (``wiring`` connects them) and shows in all of them what changed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from cfgui.app.changes import Changes
from cfgui.app.session import Session
from cfgui.app.torch_loading import TorchLoader
from cfgui.core.models import MODELS
from cfgui.gui import dialogs
from cfgui.gui.actions import Actions
from cfgui.gui.all_choices import AllChoices
from cfgui.gui.appearance import Appearance
from cfgui.gui.bridge import Bridge
from cfgui.gui.choices_bar import ChoicesBar
from cfgui.gui.command_states import CommandStates
from cfgui.gui.curve_show import MANY_RATINGS, CurveShow
from cfgui.gui.edit_actions import EditActions
from cfgui.gui.explore_pages import Explore
from cfgui.gui.file_actions import FileActions
from cfgui.gui.find_bar import FindBar
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.holding_out import HoldingOut
from cfgui.gui.icons import icon
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
from cfgui.gui.theme import apply_theme
from cfgui.gui.training_actions import TrainingActions
from cfgui.gui.trial_actions import TrialActions
from cfgui.gui.view_actions import ViewActions
from cfgui.gui.view_bar import ViewBar
from cfgui.gui.window_layout import FIRST_SPLIT, bottom_row, first_size, one_below_another, side_by_side
from cfgui.gui.window_settings import restore_window, save_window
from cfgui.gui.wiring import command_handlers, connect_parts


class MainWindow(QMainWindow):
    """One session on screen. ``painted`` follows the first paint."""

    painted = Signal()

    def __init__(self, session: Session, loader: TorchLoader, settings: QSettings) -> None:
        super().__init__()
        self.session, self._settings, self._loader = session, settings, loader
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
        self._was_painted = self._closed = False
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
        self.actions_by_id = Actions(self, command_handlers(self))
        self.commands = CommandStates(self.actions_by_id, session)
        self._fill_bars()
        connect_parts(self)
        restore_window(self, settings)
        self.apply_theme()
        self._follow_theme()
        self._show_all()
        self.setAcceptDrops(True)
        self.setWindowIcon(icon("app"))

    # Building

    def _lay_out(self) -> None:
        self.splitter = side_by_side(self.stack, self.side)
        # The messages and the find bar stand beside the tabs, so that nothing moves when they come and go.
        bottom = bottom_row(self.tabs, self.find_bar, self.messages)
        self.setCentralWidget(one_below_another(self.formula_bar, self.view_bar, self.splitter, bottom))
        self.setStatusBar(self.status)
        self.resize(first_size(self.screen().availableSize()))
        self.splitter.setSizes(FIRST_SPLIT)

    def _fill_bars(self) -> None:
        self.actions_by_id.fill_menus(self)
        self.actions_by_id.insert_menu(
            self.files.tables.recent.make_menu(self, self.files.open_path), before="file.open_sample"
        )
        self.addToolBar(self.actions_by_id.make_toolbar(self))
        self.addToolBarBreak()
        self.addToolBar(self.choices)
        self.choices.add_all_choices(self.actions_by_id["train.choices"])
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    @property
    def page(self) -> SheetPage:
        """The sheet on screen."""
        return self.sheets.page

    # What changed

    def show_undo(self) -> None:
        """Another entry of the undo stack is the newest."""
        self.commands.show_undo(self.edits.stack)

    def follow(self, changes: Changes) -> None:
        """Something changed in the session: show it."""
        self.sheets.refresh(changes)
        if changes.document or changes.view or changes.ratings:
            self._show_part()
            self.find_bar.follow(document=changes.document)
        is_typed = self._is_typed(changes)
        if changes != Changes(choices=True):
            if self.bridge.running or is_typed:
                self.curves.show_soon()
            else:
                self.curves.show()
        if changes.choices or changes.document:
            self.choices.show_choices(self.session.hyperparameters)
            self.selection.show_cell()
        self.explore.look()
        if not is_typed:
            self.show_figures()

    def _is_typed(self, changes: Changes) -> bool:
        """Whether ratings of a table with many were edited: then new predictions come first, and the RMSE after."""
        is_edit = changes.ratings and not (changes.document or changes.view)
        return is_edit and not self.bridge.running and self.session.ratings.n_ratings > MANY_RATINGS

    def show_figures(self) -> None:
        """The RMSE in the status bar, once it is known."""
        self._show_status()
        self.measuring.look()

    def _show_part(self) -> None:
        """What is shown of the ratings, and which of them train."""
        self.view_bar.show_view()
        self.commands.show_part(is_choice=self.shown.is_choice)

    def show_preparing(self, words: str) -> None:
        """Say in the status bar what is prepared, unless a file is worked on; "" for nothing."""
        if not self.files.working:
            self.status.show_work(words)

    def _show_all(self) -> None:
        self._show_part()
        self.choices.show_choices(self.session.hyperparameters)
        self.sheets.refresh(Changes(document=True))
        self.page.select_first()
        self.show_undo()
        self.follow_run()
        self.curves.show()
        self._show_status()
        self._show_title()

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.session.name} – cfgui")
        self.commands.show_remarks()

    def set_lines(self, on: bool) -> None:
        """Draw the lines of the baselines into the plot, or not."""
        self.side.set_lines(on)
        self.curves.show_levels()
        self.measuring.look()

    def _show_status(self) -> None:
        waiting = "loading torch: the step follows in a moment…" if self.training.waits_for_torch else ""
        self.status.show_training(self.session, self.page.model, waiting=waiting)
        self.status.show_data(self.session, self.page.model)

    def follow_run(self) -> None:
        """A run began or ended."""
        if self.bridge.running:
            self.messages.withdraw()
        else:
            self.curves.show_due()
            self.explore.look()
        self.commands.show_running(running=self.bridge.running)
        self._show_status()
        self.measuring.look()

    # Sheets

    def follow_sheet(self) -> None:
        """Another sheet came on screen."""
        if self.page.model != self.session.active:
            self.messages.leave_sheet()
            if self.bridge.running:
                self.bridge.stop_and_wait()
                sheet = MODELS[self.session.active].sheet
                self.messages.say(f"The run on {sheet} was paused: press Run there to go on.")
            self.session.activate(self.page.model)
        self.page.select_first()
        self.navigation.follow_page()
        self.curves.show()
        self._show_status()
        self.selection.show()
        self.explore.look()
        self.navigation.focus_sheet()

    # Documents

    def take_over(self, summary: str) -> None:
        """Another document is open."""
        self.edits.stack.clear()
        self.sheets.open_first_of(self.session.active)
        self._show_all()
        if self.session.report is not None or self.session.remarks:
            self.messages.offer(summary, [("Import report", self.show_remarks)])
        else:
            self.messages.say(summary)

    def show_remarks(self) -> None:
        """Open the report on the file that was read."""
        dialogs.show_import_report(self, self.session)

    def show_work(self, words: str) -> None:
        """Say in the status bar what is done with a file; "" for nothing."""
        self.status.show_work(words)
        if words:
            self.messages.withdraw()  # so that Esc cancels the work, not an old message

    # Looks

    def apply_theme(self) -> None:
        """Take the colours in force everywhere."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme = apply_theme(app)
            self.actions_by_id.recolor()
            for bar in (self.messages, self.choices, self.view_bar, self.formula_bar):
                bar.apply_theme(theme)
            for part in (self.side, self.all_choices, self.holding_out, self.trials, self.explore):
                part.apply_theme(theme)
            self.follow_run()

    def _follow_theme(self) -> None:
        """Take each other theme from now on; not while settings are restored, when all would be dressed twice."""
        self.views.theme_chosen.connect(self.apply_theme)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)

    # Drops, keys and the end

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A file or a folder may be dropped."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self.files.open_path(Path(event.mimeData().urls()[0].toLocalFile()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the message, or cancels the work in progress."""
        if event.key() == Qt.Key.Key_Escape:
            if self.messages.isVisible():
                self.messages.hide()
            else:
                self.shown.cancel()
                self.holding_out.cancel()
                self.files.cancel()
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell of the first paint."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End what runs, keep the session, remember the window, and only then close."""
        event.accept()
        if self._closed:
            return
        self._closed = True
        self.bridge.stop_and_wait()
        self.hide()
        self.shown.finish()
        self.holding_out.finish()
        self.measuring.finish()
        self.trials.finish()
        self.explore.finish()
        self.find_bar.finish()
        self.files.finish()
        self.keeper.end()
        save_window(self, self._settings)
        self.edits.stack.indexChanged.disconnect(self.show_undo)  # the stack's own end would call it again
        self._loader.join()

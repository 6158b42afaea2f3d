"""The window: puts the parts together and carries verbs and changes between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
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
from cfgui.gui.explore_pages import PAGES as EXPLORE_PAGES
from cfgui.gui.explore_pages import Explore
from cfgui.gui.file_actions import FileActions
from cfgui.gui.find_bar import FindBar
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.holding_out import HoldingOut
from cfgui.gui.icons import icon
from cfgui.gui.letters import letters_on
from cfgui.gui.measuring import Measuring
from cfgui.gui.message_bar import MessageBar, Offers
from cfgui.gui.navigation import Navigation
from cfgui.gui.open_documents import OpenDocuments
from cfgui.gui.row_actions import RowActions
from cfgui.gui.selection_show import SelectionShow
from cfgui.gui.session_keeper import SessionKeeper
from cfgui.gui.sheet_page import SheetPage
from cfgui.gui.sheet_tabs import PAGES
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

if TYPE_CHECKING:
    from cfgui.app.answer_report import AnswerReport
    from cfgui.app.cell_subjects import Subject


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
        self._sheet_offer = ""
        self.sheets = Sheets(session, self.appearance, self.edits.submit)
        self.pages, self.tabs, self.stack = self.sheets.pages, self.sheets.tabs, self.sheets.stack
        self.explore = Explore(session, self.edits.submit, self.bridge, self.sheets)
        self.rows = RowActions(session, self.edits.submit, lambda: None if self.sheets.covered else self.page.current)
        self.curves = CurveShow(session, self.sheets, self.side)
        self.selection = SelectionShow(self.sheets, self.side, self.formula_bar, self.status)
        bars = self.formula_bar, self.find_bar, self.messages
        self.navigation = Navigation(self.sheets, self.shown, self.edits, *bars)
        self.documents = OpenDocuments(session, self.bridge, self.keeper)
        self._lay_out()
        self.actions_by_id = Actions(self, self._handlers())
        self.commands = CommandStates(self.actions_by_id, session)
        self._fill_bars()
        self._connect()
        self._connect_pages()
        self._restore_settings()
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

    def _connect(self) -> None:
        self.session.subscribe(self._changed)
        self.sheets.turned.connect(self._turned)
        self.sheets.selected.connect(self.selection.show)
        self.sheets.said.connect(self._complain)
        self.sheets.sort_requested.connect(lambda side, order: self.shown.sort(**{side: order}))
        self.sheets.one_hot_changed.connect(self.actions_by_id["view.one_hot"].setChecked)
        self.choices.chosen.connect(self.training.choose)
        self.trials.rate_chosen.connect(self.training.choose)
        self.training.choosing.refused.connect(lambda: self.choices.show_choices(self.session.hyperparameters))
        self.training.choosing.model_wanted.connect(self.sheets.show_model)
        self.training.edited.connect(self.edits.submit)
        self.training.ran.connect(self.edits.push)
        self.training.solved.connect(self._show_answer_report)
        self.keeper.failed.connect(self._complain)
        parts = (self.holding_out, self.training, self.files, self.edits, self.rows, self.shown, self.trials)
        for speaker in (*parts, self.explore):
            speaker.said.connect(self._say)
        self.files.offered.connect(self.messages.offer)
        self.training.offered.connect(self._offer_for_sheet)
        self.training.running_changed.connect(self._running_changed)
        self.files.opening.connect(self.documents.open)
        self.files.restoring.connect(self.documents.restore)
        self.documents.taken_over.connect(self._taken_over)
        self.documents.failed.connect(self._complain)
        self.files.busy.connect(self._work_changed)
        self.files.progressed.connect(self.status.show_progress)
        self.status.cancel.clicked.connect(self.files.cancel)
        self.status.cancel.clicked.connect(self.shown.cancel)
        self.status.cancel.clicked.connect(self.holding_out.cancel)
        self.shown.busy.connect(self._preparing_changed)
        self.holding_out.busy.connect(self._preparing_changed)
        self.holding_out.restore_wanted.connect(self.training.restore_best)
        self.view_bar.chosen.connect(self.shown.choose)
        self.view_bar.scope_chosen.connect(self.shown.train_on_visible)
        self.view_bar.top_requested.connect(self.shown.top)
        self.view_bar.all_requested.connect(self.shown.all)
        self.formula_bar.address_entered.connect(self.navigation.go_to)
        self.formula_bar.value_entered.connect(self.navigation.enter_value)
        self.formula_bar.left.connect(self.navigation.focus_sheet)
        self.find_bar.closed.connect(self.navigation.focus_sheet)
        self.find_bar.show_requested.connect(self.navigation.show_found)
        self.side.factor_selected.connect(self.selection.explain_factor)
        self.side.clear_requested.connect(self.training.clear_curves)
        self.curves.followed.connect(self._show_figures)
        self.side.log_changed.connect(self.actions_by_id["view.log"].setChecked)
        self.side.lines_changed.connect(self.actions_by_id["view.baselines"].setChecked)
        self.edits.stack.indexChanged.connect(self._undo_changed)

    def _connect_pages(self) -> None:
        """What leads from the sheet to the pages of the menu Explore, and back."""
        for asker in (self.sheets.explore_wanted, self.explore.entry_wanted):
            asker.connect(self._open_or_act)
        self.explore.turned.connect(self._page_turned)
        self.explore.command_wanted.connect(lambda command_id: self.actions_by_id[command_id].trigger())
        for asker in (self.explore.sheet_wanted, self.trials.wanted, self.rows.wanted):
            asker.connect(self.navigation.go_to)

    def _handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command."""
        parts = (self.views, self.files, self.edits, self.rows, self.holding_out, self.training)
        handlers: dict[str, Callable[..., object]] = {}
        for part in (*parts, self.all_choices, self.trials):
            handlers |= part.handlers()
        return handlers | {
            "file.remarks": self._show_remarks,
            "file.quit": self.close,
            "edit.find": self._find,
            "edit.copy": self._copy,
            "edit.go_to": self._ask_for_address,
            "view.log": self.side.set_log,
            "view.baselines": self._set_lines,
            "view.top": self.shown.top,
            "view.all": self.shown.all,
            "view.order_users": lambda: self.view_bar.open_order("users"),
            "view.order_movies": lambda: self.view_bar.open_order("movies"),
            "view.next_sheet": lambda: self.sheets.turn(1),
            "view.previous_sheet": lambda: self.sheets.turn(-1),
            **{f"view.sheet_{name}": partial(self.sheets.open_tab, place) for place, (name, _) in enumerate(PAGES)},
            "view.layers": self.sheets.turn_to_layers,
            "view.one_hot": self.sheets.show_one_hot,
            **{f"explore.{name}": partial(self.explore.switch, name) for name in EXPLORE_PAGES},
            "train.on_visible": self.shown.train_on_visible,
            "help.shortcuts": lambda: dialogs.show_shortcuts(self),
            "help.about": lambda: dialogs.show_about(self),
        }

    @property
    def page(self) -> SheetPage:
        """The sheet on screen."""
        return self.sheets.page

    # What changed

    def _undo_changed(self) -> None:
        self.commands.show_undo(self.edits.stack)

    def _changed(self, changes: Changes) -> None:
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
            self._show_figures()

    def _is_typed(self, changes: Changes) -> bool:
        """Whether ratings of a table with many were edited: then new predictions come first, and the RMSE after."""
        is_edit = changes.ratings and not (changes.document or changes.view)
        return is_edit and not self.bridge.running and self.session.ratings.n_ratings > MANY_RATINGS

    def _show_figures(self) -> None:
        """The RMSE in the status bar, once it is known."""
        self._show_status()
        self.measuring.look()

    def _show_part(self) -> None:
        """What is shown of the ratings, and which of them train."""
        self.view_bar.show_view()
        self.commands.show_part(is_choice=self.shown.is_choice)

    def _preparing_changed(self, words: str) -> None:
        if not self.files.working:
            self.status.show_work(words)

    def _show_all(self) -> None:
        self._show_part()
        self.choices.show_choices(self.session.hyperparameters)
        self.sheets.refresh(Changes(document=True))
        self.page.select_first()
        self._undo_changed()
        self._running_changed()
        self.curves.show()
        self._show_status()
        self._show_title()

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.session.name} – cfgui")
        self.commands.show_remarks()

    def _set_lines(self, on: bool) -> None:
        self.side.set_lines(on)
        self.curves.show_levels()
        self.measuring.look()

    def _show_status(self) -> None:
        waiting = "loading torch: the step follows in a moment…" if self.training.waits_for_torch else ""
        self.status.show_training(self.session, self.page.model, waiting=waiting)
        self.status.show_data(self.session, self.page.model)

    def _running_changed(self) -> None:
        if self.bridge.running:
            self.messages.withdraw()
        else:
            self.curves.show_due()
            self.explore.look()
        self.commands.show_running(running=self.bridge.running)
        self._show_status()
        self.measuring.look()

    # Sheets

    def _turned(self) -> None:
        """Another sheet came on screen."""
        if self.page.model != self.session.active:
            if self.messages.label.text() == self._sheet_offer:
                self.messages.withdraw()  # its buttons would do to this sheet what was said of the other
            if self.bridge.running:
                self.bridge.stop_and_wait()
                self._say(f"The run on {MODELS[self.session.active].sheet} was paused: press Run there to go on.")
            self.session.activate(self.page.model)
        self.page.select_first()
        self.navigation.follow_page()
        self.curves.show()
        self._show_status()
        self.selection.show()
        self.explore.look()
        self.navigation.focus_sheet()

    def _open_or_act(self, name: str, subjects: Sequence[Subject]) -> None:
        """What the menu of a cell asks for: a page about somebody, or a command."""
        if name.startswith("edit."):
            self.rows.act(name, subjects)
        else:
            self.explore.open(name, subjects)

    def _find(self) -> None:
        """The search of the page on screen, else that of the sheet."""
        if not self.explore.find():
            self.navigation.find()

    def _ask_for_address(self) -> None:
        """Let the person say which cell to go to, on the sheet."""
        self.sheets.uncover()
        self.formula_bar.ask_for_address()

    def _copy(self) -> None:
        """The selected rows of the page on screen, else the selected cells of the sheet."""
        if self.sheets.covered:
            self.explore.copy()
        else:
            self.edits.copy()

    def _page_turned(self, name: str) -> None:
        """Another page came in the sheet's place, or the sheet came back."""
        self.commands.show_page(name)
        self.formula_bar.setVisible(not name)  # nobody sees the cell that it tells of
        page = self.explore.page
        taken = frozenset(() if page is None else letters_on(page))
        for bar in (self.choices, self.view_bar):
            bar.show_letters(taken)
        if name:
            self.find_bar.hide()
        else:
            self.navigation.focus_sheet()

    # Documents

    def _taken_over(self, summary: str) -> None:
        """Another document is open."""
        self.edits.stack.clear()
        self.sheets.open_first_of(self.session.active)
        self._show_all()
        if self.session.report is not None or self.session.remarks:
            self.messages.offer(summary, [("Import report", self._show_remarks)])
        else:
            self._say(summary, False)

    def _show_remarks(self) -> None:
        dialogs.show_import_report(self, self.session)

    def _show_answer_report(self, report: AnswerReport) -> None:
        stack = self.edits.stack
        place = stack.index()

        def restore() -> None:
            if stack.index() == place:  # nothing was done since
                self.edits.undo()

        dialogs.show_answer_report(self, report, restore)

    def _work_changed(self, words: str) -> None:
        self.status.show_work(words)
        if words:
            self.messages.withdraw()  # so that Esc cancels the work, not an old message

    # Words and looks

    def _say(self, text: str, problem: bool = False) -> None:
        self.messages.say(text, problem=problem)

    def _offer_for_sheet(self, text: str, offers: Offers) -> None:
        """Offer something that holds for the sheet on screen, and for no other."""
        self._sheet_offer = text
        self.messages.offer(text, offers)

    def _complain(self, text: str) -> None:
        self.messages.say(text, problem=True)

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
            self._running_changed()

    def _follow_theme(self) -> None:
        """Take each other theme from now on; not while settings are restored, when all would be dressed twice."""
        self.views.theme_chosen.connect(self.apply_theme)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)

    # Settings, drops and the end

    def _restore_settings(self) -> None:
        self.views.restore(self.actions_by_id)
        for key, restore in (("geometry", self.restoreGeometry), ("splitter", self.splitter.restoreState)):
            value = self._settings.value(key)
            if isinstance(value, QByteArray):
                restore(value)
        self.side.restore(self._settings.value("side"))

    def _save_settings(self) -> None:
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("splitter", self.splitter.saveState())
        self._settings.setValue("side", self.side.state())
        self.views.save(self.actions_by_id)
        self._settings.sync()

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
        self._save_settings()
        self.edits.stack.indexChanged.disconnect(self._undo_changed)  # the stack's own end would call it again
        self._loader.join()

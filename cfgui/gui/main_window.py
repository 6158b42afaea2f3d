"""The window: connects and dresses its parts, and shows in all of them what changed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication

from cfgui.app.changes import Changes
from cfgui.app.session import Session
from cfgui.app.torch_loading import TorchLoader
from cfgui.core.models import MODELS
from cfgui.gui import dialogs
from cfgui.gui.actions import Actions
from cfgui.gui.command_states import CommandStates
from cfgui.gui.curve_show import MANY_RATINGS
from cfgui.gui.icons import icon
from cfgui.gui.theme import apply_theme
from cfgui.gui.window_parts import WindowParts
from cfgui.gui.window_settings import restore_window, save_window
from cfgui.gui.wiring import command_handlers, connect_parts


class MainWindow(WindowParts):
    """One session on screen. ``painted`` follows the first paint."""

    painted = Signal()

    def __init__(self, session: Session, loader: TorchLoader, settings: QSettings) -> None:
        super().__init__(session, loader, settings)
        self._settings, self._loader = settings, loader
        self._was_painted = self._closed = False
        self.actions_by_id = Actions(self, command_handlers(self))
        self.commands = CommandStates(self.actions_by_id, session)
        self._fill_bars()
        connect_parts(self)
        self._connect()
        restore_window(self, settings)
        self.apply_theme()
        self._follow_theme()
        self._show_all()
        self.setAcceptDrops(True)
        self.setWindowIcon(icon("app"))

    # Building

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
        """What the window itself has to follow."""
        self.session.subscribe(self._changed)
        self.sheets.turned.connect(self._turned)
        self.training.running_changed.connect(self._running_changed)
        self.curves.followed.connect(self._show_figures)
        self.edits.stack.indexChanged.connect(self._undo_changed)
        self.documents.taken_over.connect(self._taken_over)
        self.files.busy.connect(self._work_changed)
        for preparing in (self.shown, self.holding_out):
            preparing.busy.connect(self._preparing_changed)

    # What changed

    def _undo_changed(self) -> None:
        """Another entry of the undo stack is the newest."""
        self.commands.show_undo(self.edits.stack)

    def _changed(self, changes: Changes) -> None:
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
        """Say in the status bar what is prepared, unless a file is worked on; "" for nothing."""
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

    def _show_status(self) -> None:
        waiting = "loading torch: the step follows in a moment…" if self.training.waits_for_torch else ""
        self.status.show_training(self.session, self.page.model, waiting=waiting)
        self.status.show_data(self.session, self.page.model)

    def _running_changed(self) -> None:
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

    def _turned(self) -> None:
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

    def _taken_over(self, summary: str) -> None:
        """Another document is open."""
        self.edits.stack.clear()
        self.sheets.open_first_of(self.session.active)
        self._show_all()
        if self.session.report is not None or self.session.remarks:
            self.messages.offer(summary, [("Import report", partial(dialogs.show_import_report, self, self.session))])
        else:
            self.messages.say(summary)

    def _work_changed(self, words: str) -> None:
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
            self._running_changed()

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
        self.edits.stack.indexChanged.disconnect(self._undo_changed)  # the stack's own end would call it again
        self._loader.join()

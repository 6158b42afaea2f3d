"""The window: puts the parts together and carries verbs and changes between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget

from cfgui.app.answer_report import AnswerReport
from cfgui.app.changes import Changes
from cfgui.app.finding import Found
from cfgui.app.kept_state import RestoredSession, restored_sentence
from cfgui.app.opening import opened_sentence
from cfgui.app.scope_words import scope_words
from cfgui.app.selection_statistics import selection_statistics
from cfgui.app.session import Session
from cfgui.app.torch_loading import TorchLoader
from cfgui.core.document import Document
from cfgui.core.models import MODELS, PLAIN_MODELS
from cfgui.gui import dialogs
from cfgui.gui.actions import Actions
from cfgui.gui.all_choices import AllChoices
from cfgui.gui.appearance import Appearance
from cfgui.gui.bridge import Bridge
from cfgui.gui.choices_bar import ChoicesBar
from cfgui.gui.crosstab_page import CrosstabPage
from cfgui.gui.edit_actions import EditActions
from cfgui.gui.embedding_page import EmbeddingPage
from cfgui.gui.file_actions import FileActions
from cfgui.gui.find_bar import FindBar
from cfgui.gui.formula_bar import FormulaBar
from cfgui.gui.holding_out import HoldingOut
from cfgui.gui.icons import icon
from cfgui.gui.measuring import Measuring
from cfgui.gui.message_bar import MessageBar, Offers
from cfgui.gui.net_page import NetPage
from cfgui.gui.session_keeper import SessionKeeper
from cfgui.gui.sheet_page import SheetPage
from cfgui.gui.sheet_tabs import PAGES, SheetTabs
from cfgui.gui.shown_part import ShownPart
from cfgui.gui.side_panel import SidePanel
from cfgui.gui.status_bar import StatusBar
from cfgui.gui.theme import apply_theme
from cfgui.gui.training_actions import TrainingActions
from cfgui.gui.trial_actions import TrialActions
from cfgui.gui.view_actions import ViewActions
from cfgui.gui.view_bar import ViewBar
from cfgui.gui.window_layout import FIRST_SPLIT, bottom_row, first_size, one_below_another, side_by_side

CURVES_MS = 8
"""How long after the sheet the loss plot follows while training runs."""


class MainWindow(QMainWindow):
    """One session on screen. ``painted`` follows the first paint."""

    painted = Signal()

    def __init__(self, session: Session, loader: TorchLoader, settings: QSettings) -> None:
        super().__init__()
        self.session, self._settings, self._loader = session, settings, loader
        self.appearance, self.bridge = Appearance(), Bridge(session, lambda: loader.settled)
        self.edits = EditActions(session, self.bridge, lambda: self.page.current)
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
        self._curves_soon = QTimer(self)
        self._curves_soon.setSingleShot(True)
        self._curves_soon.setInterval(CURVES_MS)
        self._curves_soon.timeout.connect(self._show_curves)
        self._was_painted = self._closed = False
        self._sheet_offer = ""
        self._make_pages()
        self._lay_out()
        self.actions_by_id = Actions(self, self._handlers())
        self._fill_bars()
        self._connect()
        self._restore_settings()
        self.apply_theme()
        self._show_all()
        self.setAcceptDrops(True)
        self.setWindowIcon(icon("app"))

    # Building

    def _make_pages(self) -> None:
        self.pages: dict[str, SheetPage] = {}
        self.tabs, self.stack = SheetTabs(), QStackedWidget()
        for name, model in PAGES:
            if model in PLAIN_MODELS:
                self._page_of(name)

    def _page_of(self, name: str) -> SheetPage:
        """A sheet by its name; that of a net is made when it is first looked at."""
        if name not in self.pages:
            model = dict(PAGES)[name]
            kind = EmbeddingPage if name == "movielens_emb" else NetPage if MODELS[model].net else CrosstabPage
            self.pages[name] = page = kind(self.session, model, self.appearance, self.edits.submit)
            page.selection_changed.connect(self._selection_changed)
            page.said.connect(self._complain)
            if isinstance(page, CrosstabPage):
                page.sort_requested.connect(lambda side, order: self.shown.sort(**{side: order}))
            self.stack.addWidget(page)
        return self.pages[name]

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
        self.tabs.currentChanged.connect(self._tab_changed)
        self.choices.chosen.connect(self.training.choose)
        self.trials.rate_chosen.connect(self.training.choose)
        self.trials.wanted.connect(self._go_to)
        self.training.choosing.refused.connect(lambda: self.choices.show_choices(self.session.hyperparameters))
        self.training.choosing.model_wanted.connect(self._show_model)
        self.training.edited.connect(self.edits.submit)
        self.training.ran.connect(self.edits.push)
        self.training.solved.connect(self._show_answer_report)
        self.keeper.failed.connect(self._complain)
        for speaker in (self.holding_out, self.training, self.files, self.edits, self.shown, self.trials):
            speaker.said.connect(self._say)
        self.files.offered.connect(self.messages.offer)
        self.training.offered.connect(self._offer_for_sheet)
        self.training.running_changed.connect(self._running_changed)
        self.files.opening.connect(self._open_document)
        self.files.restoring.connect(self._restore_session)
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
        self.formula_bar.address_entered.connect(self._go_to)
        self.formula_bar.value_entered.connect(self._enter_value)
        self.formula_bar.left.connect(self._focus_sheet)
        self.find_bar.closed.connect(self._focus_sheet)
        self.find_bar.show_requested.connect(self._show_found)
        self.side.factor_selected.connect(self._explain_factor)
        self.side.clear_requested.connect(self.training.clear_curves)
        self.side.log_changed.connect(self.actions_by_id["view.log"].setChecked)
        self.side.lines_changed.connect(self.actions_by_id["view.baselines"].setChecked)
        self.edits.stack.indexChanged.connect(self._undo_changed)
        self.views.theme_chosen.connect(self.apply_theme)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply_theme)

    def _handlers(self) -> dict[str, Callable[..., object]]:
        """The function behind each command."""
        parts = (self.views, self.files, self.edits, self.holding_out, self.training, self.all_choices, self.trials)
        handlers = {command_id: handler for part in parts for command_id, handler in part.handlers().items()}
        return handlers | {
            "file.remarks": self._show_remarks,
            "file.quit": self.close,
            "edit.find": self._find,
            "edit.go_to": self.formula_bar.ask_for_address,
            "view.log": self.side.set_log,
            "view.baselines": self._set_lines,
            "view.top": self.shown.top,
            "view.all": self.shown.all,
            "view.order_users": lambda: self.view_bar.open_order("users"),
            "view.order_movies": lambda: self.view_bar.open_order("movies"),
            "view.next_sheet": lambda: self._turn_page(1),
            "view.previous_sheet": lambda: self._turn_page(-1),
            **{f"view.sheet_{name}": partial(self._open_tab, place) for place, (name, _) in enumerate(PAGES)},
            "view.layers": self._turn_to_layers,
            "train.on_visible": self.shown.train_on_visible,
            "help.shortcuts": lambda: dialogs.show_shortcuts(self),
            "help.about": lambda: dialogs.show_about(self),
        }

    @property
    def page(self) -> SheetPage:
        """The sheet on screen."""
        return self._page_of(self.tabs.tabText(self.tabs.currentIndex()))

    # What changed

    def _undo_changed(self) -> None:
        stack, actions = self.edits.stack, self.actions_by_id
        for command_id, can, verb, text in (
            ("edit.undo", stack.canUndo(), "Undo", stack.undoText()),
            ("edit.redo", stack.canRedo(), "Redo", stack.redoText()),
        ):
            actions[command_id].setEnabled(can)
            actions[command_id].setText(f"&{verb} {text}".strip())

    def _changed(self, changes: Changes) -> None:
        for page in self.pages.values():
            if page is self.page:
                page.refresh(changes)
            else:
                page.follow_shapes()
        if changes.document or changes.view or changes.ratings:
            self._show_part()
            self.find_bar.follow(document=changes.document)
        if changes != Changes(choices=True):
            if self.bridge.running:
                self._curves_soon.start()  # so that neither painting waits for the other
            else:
                self._show_curves()
        if changes.choices or changes.document:
            self.choices.show_choices(self.session.hyperparameters)
            self._show_derivative()
        self._show_status()
        self.measuring.look()

    def _show_part(self) -> None:
        """What is shown of the ratings, and which of them train."""
        self.view_bar.show_view()
        for command_id in ("view.top", "view.all", "view.order_users", "view.order_movies", "train.on_visible"):
            self.actions_by_id[command_id].setEnabled(self.shown.is_choice)
        self.actions_by_id["train.on_visible"].setChecked(self.session.trains_visible)

    def _preparing_changed(self, words: str) -> None:
        if not self.files.working:
            self.status.show_work(words)

    def _show_all(self) -> None:
        self._show_part()
        self.choices.show_choices(self.session.hyperparameters)
        for page in self.pages.values():
            if page is self.page:
                page.refresh(Changes(document=True))
            else:
                page.follow_shapes()
        self.page.select_first()
        self._undo_changed()
        self._running_changed()
        self._show_curves()
        self._show_status()
        self._show_title()

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.session.name} – cfgui")
        self.actions_by_id["file.remarks"].setEnabled(self.session.report is not None or bool(self.session.remarks))

    def _show_curves(self) -> None:
        self._curves_soon.stop()
        model = self.page.model
        curve = self.session.curve(model)
        title = " · ".join(filter(None, (curve.label, scope_words(self.session))))
        held_out = self.session.held_out_curve(model)
        self.side.show_curves(title, curve, self.session.earlier_curves(model), held_out)
        self._show_levels()

    def _set_lines(self, on: bool) -> None:
        self.side.set_lines(on)
        self._show_levels()
        self.measuring.look()

    def _show_levels(self) -> None:
        """The baselines, where somebody wants to see them; those of a large table follow when they are known."""
        if self.side.shows_lines:
            self.side.show_levels(self.session.baselines() or ())

    def _show_status(self) -> None:
        waiting = "loading torch: the step follows in a moment…" if self.training.waits_for_torch else ""
        self.status.show_training(self.session, self.page.model, waiting=waiting)
        self.status.show_data(self.session, self.page.model)

    def _running_changed(self) -> None:
        running, actions = self.bridge.running, self.actions_by_id
        if running:
            self.messages.withdraw()
        elif self._curves_soon.isActive():
            self._show_curves()
        for command_id in ("train.step", "train.steps5", "train.epoch", "train.solve"):
            actions[command_id].setEnabled(not running)
        run = actions["train.run"]
        run.setIcon(icon("pause" if running else "run"))
        run.setIconText("Pause" if running else "Run")
        run.setText("&Pause" if running else "R&un")
        self._show_status()
        self.measuring.look()

    # Selection

    def _selection_changed(self) -> None:
        if self.sender() not in (None, self.page) and isinstance(self.sender(), SheetPage):
            return
        self._show_derivative()
        view = self.page.current
        rectangle = view.selected_rectangle() if view is not None else None
        several = rectangle is not None and rectangle[2] * rectangle[3] > 1
        statistics = None
        if view is not None and several:
            statistics = selection_statistics(view.block, view.selected_rectangles())
        self.status.show_selection(statistics)

    def _show_derivative(self) -> None:
        explanation = self.page.explanation()
        self.side.show_explanation(explanation)
        view = self.page.current
        editable, text = False, ""
        if view is not None and view.currentIndex().isValid():
            row, column = view.currentIndex().row(), view.currentIndex().column()
            editable, text = view.block.can_edit(row, column), view.block.full_text(row, column)
        self.formula_bar.show_cell(explanation, editable=editable, value_text=text)

    def _explain_factor(self, factor: int) -> None:
        self.page.explained_factor = factor
        self._show_derivative()

    def _tab_changed(self) -> None:
        self.stack.setCurrentWidget(self.page)
        self.page.refresh(Changes(document=True))
        if self.page.model != self.session.active:
            if self.messages.label.text() == self._sheet_offer:
                self.messages.withdraw()  # its buttons would do to this sheet what was said of the other
            if self.bridge.running:
                self.bridge.stop_and_wait()
                self._say(f"The run on {MODELS[self.session.active].sheet} was paused: press Run there to go on.")
            self.session.activate(self.page.model)
        self.page.select_first()
        if self.find_bar.isVisible():
            self.find_bar.open(self.page)
        self._show_curves()
        self._show_status()
        self._selection_changed()
        self._focus_sheet()

    def _turn_page(self, step: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + step) % self.tabs.count())

    def _open_tab(self, place: int) -> None:
        self.tabs.setCurrentIndex(place)

    def _turn_to_layers(self) -> None:
        """The layers of the net on screen, or of the neural one; back where they are shown."""
        if not isinstance(self.page, NetPage):
            self.tabs.setCurrentIndex([model for _, model in PAGES].index("neural"))
        if isinstance(self.page, NetPage):
            self.page.show_crosstab() if self.page.shows_layers else self.page.show_layers()

    def _show_model(self, model: str) -> None:
        """The first sheet of a model, unless one of its sheets is on screen."""
        if self.page.model != model:
            self.tabs.setCurrentIndex([of for _, of in PAGES].index(model))

    def _focus_sheet(self) -> None:
        view = self.page.current or next(iter(self.page.views.values()))
        view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter_value(self, text: str) -> None:
        if self.edits.set_current(text):
            self._focus_sheet()
        else:
            self.formula_bar.refuse()

    def _find(self) -> None:
        self.messages.withdraw()  # the two share a row
        self.find_bar.open(self.page)

    def _go_to(self, address: str) -> None:
        self.messages.withdraw()  # an offer to show what was looked for before
        if self.page.select_address(address):
            return
        found = self.find_bar.find_first(self.page, address)
        if found is not None and not self.page.go_to(found):
            words = self.find_bar.words(self.page, found)
            self.messages.offer(f"{words} is not among those shown.", [("Show it", lambda: self._show_found(found))])
            self._focus_sheet()
        elif found is None:
            self._complain(f"{address.strip() or 'An empty address'} is no cell of this sheet: try one such as H25.")
            self.formula_bar.ask_for_address()

    def _show_found(self, found: Found) -> None:
        """Show everything, and go to a user or movie that was hidden."""
        self.shown.all(lambda: self.page.go_to(found))

    # Documents

    def _open_document(self, document: Document, name: str, start_name: str) -> None:
        session = self.session
        to_sgd, back_to = session.turns_to_sgd(document), session.turns_back_to(document)
        summary = opened_sentence(name, document, turns_to_sgd=to_sgd, turns_back_to=back_to)
        self._take_over(lambda: self.session.open(document, name, start_name), name, summary)

    def _restore_session(self, restored: RestoredSession) -> None:
        name = restored.kept.name
        self._take_over(lambda: restored.put_into(self.session), name, restored_sentence(restored))

    def _take_over(self, put_in_place: Callable[[], None], name: str, summary: str) -> None:
        """Let another document take the place of the one that is open, which is kept first."""
        self.bridge.stop_and_wait()
        self.keeper.begin_another()
        try:
            put_in_place()
        except ValueError as error:
            self._complain(f"{name} cannot be opened: {error}.")
            return
        self.edits.stack.clear()
        target = next(tab for tab, model in PAGES if model == self.session.active)
        self.tabs.setCurrentIndex([tab for tab, _ in PAGES].index(target))
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
            self.messages.apply_theme(theme)
            self.side.apply_theme(theme)
            self.choices.apply_theme(theme)
            self.all_choices.apply_theme(theme)
            self.holding_out.apply_theme(theme)
            self.trials.apply_theme(theme)
            self.view_bar.apply_theme(theme)
            self.formula_bar.apply_theme(theme)
            self._running_changed()

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
        self.find_bar.finish()
        self.files.finish()
        self.keeper.end()
        self._save_settings()
        self.edits.stack.indexChanged.disconnect(self._undo_changed)  # the stack's own end would call it again
        self._loader.join()

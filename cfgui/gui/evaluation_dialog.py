"""Evaluate: trains on one part of the ratings behind the window, measures on the other, beside plain baselines."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.evaluation_columns import COLD_RULE, columns
from cfgui.app.evaluation_files import TABLES, write_table
from cfgui.app.evaluation_job import EvaluationJob, EvaluationWish
from cfgui.app.evaluation_report import EvaluationReport
from cfgui.core.chunks import Interrupted
from cfgui.gui.background_work import BackgroundWork
from cfgui.gui.evaluation_fields import EvaluationFields
from cfgui.gui.evaluation_tables import MOST_COPIED, GroupsView, ResultsTable
from cfgui.gui.small_parts import push_button
from cfgui.gui.theme import Theme, current_theme
from cfgui.gui.window_layout import FRAME
from cfgui.io.child import Cancelled as ReadingCancelled

WHAT_IT_IS = (
    "A copy of the model is trained on one part of the ratings, from the weights that Reset brings back, and predicts"
    " the part it has not seen: that is how well it would do on ratings to come. The sheet stays as it is."
)
JobMaker = Callable[[EvaluationWish], EvaluationJob]


class EvaluationDialog(QDialog):
    """``wanted`` ("user 14", "movie 27") when the person wants to see a row of the tables on the sheet."""

    wanted = Signal(str)

    def __init__(self, make_job: JobMaker, parent: QWidget) -> None:
        # No tool window: Del and Ctrl+V in it must not reach the sheet.
        super().__init__(parent)
        self._make_job = make_job
        self._job: EvaluationJob | None = None
        self.report: EvaluationReport | None = None
        self.work, self.writing = BackgroundWork(self), BackgroundWork(self)
        self.work.progressed.connect(self._progressed)
        self.work.cancelled.connect(lambda: self._ended("Cancelled: nothing was measured."))
        self.work.failed.connect(self._failed)
        self.writing.failed.connect(lambda error: self._say(str(error), problem=True))
        self.setWindowTitle("Evaluate")
        self.fields = EvaluationFields()
        self._make_parts()
        self._lay_out()
        self.resize(QSize(1010, 480).boundedTo(self.screen().availableSize() - FRAME))
        self.apply_theme(current_theme())
        self._show_what_can_be_done()

    # Building

    def _make_parts(self) -> None:
        self.model, self.words, self.facts = QLabel(), QLabel(), QLabel()
        for label in (self.model, self.words, self.facts):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(220, 8)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.results = ResultsTable()
        self.results.show_columns(columns(10, 4.0))
        self.by_user, self.by_movie = GroupsView("Errors by user"), GroupsView("Errors by movie")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for table, name, tip in (
            (self.results, "Figures", "The model beside plain ways to predict"),
            (self.by_user, "By user", "Whom the model predicts badly: a double click goes to the user on the sheet"),
            (self.by_movie, "By movie", "What the model predicts badly: a double click goes to the movie on the sheet"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(table, name), tip)
        self.tabs.currentChanged.connect(self._show_what_can_be_done)
        for view in (self.by_user, self.by_movie):
            view.wanted.connect(self.wanted)

    def _lay_out(self) -> None:
        what = QLabel(WHAT_IT_IS)
        what.setWordWrap(True)
        self.evaluate_button = push_button("&Evaluate", "Train and measure with these choices (Enter).", self.evaluate)
        self.evaluate_button.setDefault(True)
        beside = QHBoxLayout()
        beside.addWidget(self.model, 1)
        beside.addWidget(self.evaluate_button)
        standing = QHBoxLayout()
        standing.addWidget(self.words, 1)
        standing.addWidget(self.bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addWidget(what)
        column.addWidget(self.fields)
        column.addLayout(beside)
        column.addLayout(standing)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.facts)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        copy_tip = f"Copy the table in front, or its selected rows, up to {MOST_COPIED:,}, with every digit (Ctrl+C)."
        self.copy_button = push_button("C&opy", copy_tip, self.copy)
        self.save_button = push_button("Save as CS&V…", "Write the whole table in front into a file.", self._ask_where)
        self.close_button = push_button("&Close", "", self.reject)
        line = QHBoxLayout()
        line.addWidget(self.copy_button)
        line.addWidget(self.save_button)
        line.addStretch(1)
        line.addWidget(self.close_button)
        return line

    # Evaluating

    @property
    def working(self) -> bool:
        """Whether an evaluation is going on."""
        return self.work.working

    def show_model(self, words: str, highest: float) -> None:
        """What would be evaluated now, and the highest rating there is."""
        self.model.setText(words)
        self.fields.follow_scale(highest)

    def evaluate(self) -> None:
        """Begin with what the fields say."""
        if self.work.working:
            return
        try:
            wish = self.fields.wish()
            self._job = job = self._make_job(wish)
        except ValueError as error:
            self._say(str(error), problem=True)
            return
        self._say("")
        self.work.begin("Evaluating", job.work, self._evaluated)
        self.bar.setRange(0, 0)
        self._show_what_can_be_done()

    def _progressed(self, pace: str, share: float) -> None:
        if self._job is None:
            return
        self._say(" · ".join(filter(None, (self._job.words, pace))))
        self.bar.setRange(0, 0 if share < 0.0 or math.isclose(share, 1.0) else 1000)
        self.bar.setValue(round(1000 * max(share, 0.0)))

    def _evaluated(self, report: object) -> None:
        assert isinstance(report, EvaluationReport)
        self.report = report
        self.results.show_report(report)
        self.by_user.show_table(report.by_user)
        self.by_movie.show_table(report.by_movie)
        self.facts.setText("\n".join(filter(None, (report.facts, report.cold))))
        self.facts.setToolTip(f"{report.judged}\n{COLD_RULE}" if report.cold else report.judged)
        self._ended("\n".join(report.problems), problem=bool(report.problems))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, (Interrupted, ReadingCancelled)):
            self._ended("Cancelled: nothing was measured.")
        else:
            self._ended(str(error) or type(error).__name__, problem=True)

    def _ended(self, words: str, *, problem: bool = False) -> None:
        self._say(words, problem=problem)
        self._show_what_can_be_done()

    # Showing

    def _show_what_can_be_done(self) -> None:
        working, has_report = self.work.working, self.report is not None
        self.bar.setVisible(working)
        self.evaluate_button.setEnabled(not working)
        self.fields.setEnabled(not working)
        self.copy_button.setEnabled(has_report)
        self.save_button.setEnabled(has_report and not self.writing.working)
        self.close_button.setText("&Cancel" if working else "&Close")
        self.close_button.setToolTip(
            "End the evaluation; of folds, those that are done are shown (Esc)." if working else "Close (Esc)."
        )

    def _say(self, text: str, *, problem: bool = False) -> None:
        theme = current_theme()
        self.words.setStyleSheet(f"color: {(theme.error if problem else theme.muted).name()};")
        self.words.setText(text)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.fields.apply_theme(theme)
        self.facts.setStyleSheet(f"color: {theme.muted.name()};")
        self._say(self.words.text())

    # Copying and saving

    def copy(self) -> None:
        """Put the table in front on the clipboard, or its selected rows."""
        table = self.tabs.currentWidget()
        if self.report is None:
            return
        if isinstance(table, GroupsView) and not table.can_copy:
            self._say(f"More than {MOST_COPIED:,} rows are too many to copy: save them, or select fewer.", problem=True)
        elif isinstance(table, (GroupsView, ResultsTable)):
            QGuiApplication.clipboard().setText(table.tsv())
            self._say("Copied.")

    def _ask_where(self) -> None:
        name = f"{TABLES[self.tabs.currentIndex()]}.csv"
        path, _ = QFileDialog.getSaveFileName(self, "Save as CSV", str(Path.home() / name), "CSV (*.csv)")
        if path:
            self.save(Path(path if path.lower().endswith(".csv") else f"{path}.csv"))

    def save(self, path: Path) -> None:
        """Write the whole table in front, off the window's thread."""
        report = self.report
        if report is None:
            return
        table = TABLES[self.tabs.currentIndex()]
        self.writing.begin(
            f"Exporting to {path.name}…",
            lambda *_: write_table(report, table, path),
            lambda _nothing: self._saved(path),
        )
        self._show_what_can_be_done()

    def _saved(self, path: Path) -> None:
        self._say(f"Saved as {path.name}.")
        self._show_what_can_be_done()

    # The end

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies the table in front."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """End the evaluation that goes on, or close where there is none."""
        if self.work.working:
            self.work.cancel()
        else:
            super().reject()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for an evaluation that nobody sees."""
        if not event.spontaneous():
            self.work.cancel()
        super().hideEvent(event)

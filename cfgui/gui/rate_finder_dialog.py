"""Find rate: sweeps the learning rate behind the window, draws the loss, and offers the rate that falls best."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.rate_job import RateJob
from cfgui.core.chunks import Interrupted
from cfgui.core.lr_finder import RateFinding
from cfgui.gui.background_work import BackgroundWork
from cfgui.gui.rate_plot import RatePlot
from cfgui.gui.theme import Theme, current_theme

WHAT_IT_IS = (
    "A copy of the weights is trained with a tiny rate first, then with larger and larger ones. While the rate is too"
    " small the loss hardly moves; where it is right, it falls; beyond, it explodes. The weights on the sheet stay as"
    " they are."
)
STALE = "The choices have changed since: find again for a rate that goes with them."

JobMaker = Callable[[], RateJob]


class RateFinderDialog(QDialog):
    """``rate_chosen`` (rate) when the person wants to train with it. Begins to look whenever it is opened."""

    rate_chosen = Signal(float)

    def __init__(self, make_job: JobMaker, parent: QWidget) -> None:
        # No tool window: Del and Ctrl+V in it must not reach the sheet.
        super().__init__(parent)
        self._make_job = make_job
        self._job: RateJob | None = None
        self._again = False
        self.work = BackgroundWork(self)
        self.work.progressed.connect(self._progressed)
        self.work.cancelled.connect(lambda: self._ended("Stopped."))
        self.work.failed.connect(self._failed)
        self.setWindowTitle("Find rate")
        self._make_parts()
        self._lay_out()
        self.resize(560, 430)
        self.apply_theme(current_theme())

    def _make_parts(self) -> None:
        self.title, self.words = QLabel(), QLabel()
        for label in (self.title, self.words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.plot = RatePlot(self)
        self.plot.setToolTip("A click, or Left and Right, chooses another rate than the one suggested.")
        self.plot.chosen.connect(self._show_rate)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)

    def _lay_out(self) -> None:
        what = QLabel(WHAT_IT_IS)
        what.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        for part, stretch in ((what, 0), (self.title, 0), (self.plot, 1), (self.bar, 0), (self.words, 0)):
            column.addWidget(part, stretch)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self.use_button = box.addButton("&Use", QDialogButtonBox.ButtonRole.AcceptRole)
        self.again_button = box.addButton("&Find again", QDialogButtonBox.ButtonRole.ActionRole)
        self.close_button = box.addButton("&Close", QDialogButtonBox.ButtonRole.RejectRole)
        self.use_button.setToolTip("Train with this rate from now on: it goes into the field Rate.")
        self.again_button.setToolTip("Look again, from the weights and choices there are now.")
        self.use_button.clicked.connect(self._use)
        self.again_button.clicked.connect(self.look)
        self.close_button.clicked.connect(self.reject)
        return box

    # Looking

    @property
    def working(self) -> bool:
        """Whether a sweep is going on."""
        return self.work.working

    def look(self) -> None:
        """Begin a sweep with the weights and the choices there are now; one that is going on is given up for it."""
        if self.work.working:
            self._again = True
            self.work.cancel()
            return
        self._again = False
        self._job = job = self._make_job()
        self.title.setText(f"{job.title}: looking for a rate…")
        self.plot.show_points(())
        self._say("")
        self.work.begin("Finding a rate", job.work, self._found)
        self.bar.setRange(0, 0)
        self._show_what_can_be_done()

    def note_choices(self, model: str, optimizer: str) -> None:
        """Say so where what was found is not for these any more."""
        job = self._job
        if job is not None and not self.working and self.plot.rate and (job.model, job.optimizer) != (model, optimizer):
            self._say(STALE)
            self.use_button.setEnabled(False)

    def _progressed(self, _words: str, share: float) -> None:
        if self._job is not None and self.isVisible():
            self.plot.show_points(tuple(self._job.points))
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * max(share, 0.0)))

    def _found(self, found: object) -> None:
        assert isinstance(found, RateFinding)
        self._ended(found.sentence)
        self.plot.show_points(tuple(zip(found.rates, found.losses, strict=True)))
        if found.suggestion is not None:
            self.plot.show_rate(found.suggestion)
            self._show_rate(found.suggestion)
            self.use_button.setFocus()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Interrupted):
            self._ended("Stopped.")
        else:
            self._ended(str(error), problem=True)

    def _ended(self, words: str, *, problem: bool = False) -> None:
        if self._again and self.isVisible():
            self.look()
            return
        if self._job is not None:
            self.title.setText(self._job.title)
        self._say(words, problem=problem)
        self._show_what_can_be_done()

    # Showing

    def _show_what_can_be_done(self) -> None:
        working = self.work.working
        self.bar.setVisible(working)
        self.again_button.setEnabled(not working)
        self.use_button.setEnabled(False)
        self.use_button.setText("&Use")
        self.close_button.setText("&Cancel" if working else "&Close")
        self.close_button.setToolTip("End the search (Esc)." if working else "Close; nothing changes (Esc).")

    def _show_rate(self, rate: float) -> None:
        self.use_button.setText(f"&Use {rate:g}")
        self.use_button.setEnabled(True)
        self.use_button.setDefault(True)

    def _say(self, text: str, *, problem: bool = False) -> None:
        theme = current_theme()
        self.words.setStyleSheet(f"color: {(theme.error if problem else theme.text).name()};")
        self.words.setText(text)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.plot.apply_theme(theme)
        self._say(self.words.text())

    # The end

    def _use(self) -> None:
        if self.plot.rate is not None:
            self.rate_chosen.emit(self.plot.rate)
            self.accept()

    def reject(self) -> None:
        """End the sweep that goes on, or close where there is none."""
        if self.work.working:
            self._again = False
            self.work.cancel()
        else:
            super().reject()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for a sweep that nobody sees."""
        if not event.spontaneous():
            self._again = False
            self.work.cancel()
        super().hideEvent(event)

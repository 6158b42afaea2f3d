"""ColdStartTab: measures how well new users are predicted, with users that training does not see."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSpinBox, QVBoxLayout, QWidget

from cfgui.app.cold_start_evaluation import ColdStartEvaluation
from cfgui.app.cold_start_job import ColdStartJob, choice_for, figures, sentence, usual_choice
from cfgui.app.reading import Reading
from cfgui.app.session import Session
from cfgui.core.models import MODELS
from cfgui.gui.bridge import Bridge
from cfgui.gui.cold_start_plot import ColdStartPlot
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.small_parts import caption
from cfgui.gui.theme import Theme, field_palette

LOOK_MS = 100

TIPS = {
    "users": "How many users training does not see: random ones, from a seed.  (Alt+U)",
    "least": "Only users with at least so many ratings are held out: some are given, the others predicted.  (Alt+A)",
    "epochs": "Passes over the ratings of the others; 0 for as long as usual.  (Alt+O)",
    "start": "Train the model anew without these users, by the choices of the window, then predict them after 0, 5, 10"
    " and 20 of their ratings. The sheet stays as it is.  (Alt+M)",
}


class ColdStartTab(QWidget):
    """``said`` (sentence, is a problem) speaks."""

    said = Signal(str, bool)

    def __init__(self, session: Session, bridge: Bridge) -> None:
        super().__init__()
        self._session, self._bridge = session, bridge
        self.reading: Reading | None = None
        self.found: ColdStartEvaluation | None = None
        self._job: ColdStartJob | None = None
        self._person_chose = False
        self.work = LatestWork(self)
        self.users, self.least, self.epochs = QSpinBox(), QSpinBox(), QSpinBox()
        self.start, self.bar, self.words = QPushButton("&Measure"), QProgressBar(), QLabel()
        self.table, self.sentence = NumberTable(name="Errors of each method"), QLabel()
        self._column = QVBoxLayout(self)
        self._plot: ColdStartPlot | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._prepare_fields()
        self._lay_out()
        self.start.clicked.connect(self.measure_or_cancel)
        self.table.said.connect(self.said)

    @property
    def idle(self) -> bool:
        """Whether nothing is being measured."""
        return self._job is None

    # Building

    @property
    def plot(self) -> ColdStartPlot:
        """The errors drawn; made when first looked at, for it takes a third of the time in which the page opens."""
        if self._plot is None:
            self._plot = ColdStartPlot()
            self._column.insertWidget(1, self._plot, 1)
        return self._plot

    def showEvent(self, event: QShowEvent) -> None:
        """The plot belongs to what is shown."""
        self.plot.show()
        super().showEvent(event)

    def _prepare_fields(self) -> None:
        self.users.setRange(1, 100_000)
        self.least.setRange(2, 100_000)
        self.epochs.setRange(0, 10_000)
        self.epochs.setSpecialValueText("as usual")
        for field, name, tip in (
            (self.users, "Users held out", "users"),
            (self.least, "Least number of their ratings", "least"),
            (self.epochs, "Epochs of training", "epochs"),
        ):
            field.setAccessibleName(name)
            field.setToolTip(TIPS[tip])
            field.setGroupSeparatorShown(True)
            field.valueChanged.connect(self._chosen)
        self.start.setToolTip(TIPS["start"])
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.bar.hide()
        for label in (self.words, self.sentence):
            label.setWordWrap(True)
        self.sentence.setText(
            "Some users are held out, the model is trained on all others, and a few ratings of each user held out are"
            " given to every method. The rest are predicted: the fewer ratings a method needs, the better."
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(5)
        for words, field in (("Hold o&ut", self.users), ("users with &at least", self.least), ("Ep&ochs", self.epochs)):
            row.addWidget(caption(words, field))
            row.addWidget(field)
            if field is self.least:
                row.addWidget(QLabel("ratings"))
                row.addSpacing(10)
        row.addWidget(self.start)
        row.addWidget(self.bar)
        row.addWidget(self.words, 1)
        column = self._column
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        self._make_room(5)
        column.addWidget(self.table)
        column.addWidget(self.sentence)
        self.setFocusProxy(self.start)

    def _make_room(self, n_rows: int) -> None:
        """The table as high as so many rows and the header."""
        self.table.setFixedHeight((n_rows + 1) * self.table.verticalHeader().defaultSectionSize() + 12)

    def _chosen(self) -> None:
        self._person_chose = True

    # Measuring

    def show_reading(self, reading: Reading) -> None:
        """Propose whom to hold out of this table, until the person chose; what was measured stays."""
        same = self.reading is not None and reading.ratings.user_ids is self.reading.ratings.user_ids
        self.reading = reading
        if not same and not self._person_chose:
            usual = usual_choice(reading.ratings)
            for field, value in ((self.users, usual.n_users), (self.least, usual.min_ratings)):
                field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(False)

    def measure_or_cancel(self) -> None:
        """Begin, or end what is being measured."""
        if self._job is not None:
            self.work.cancel()
            self._ended("Cancelled: nothing was measured.")
            return
        if self.reading is None:
            return
        try:
            choice = choice_for(self.reading.ratings, self.least.value(), self.users.value())
        except ValueError as error:
            self._ended(str(error))
            return
        self._job = ColdStartJob(self._session, choice, self.epochs.value() or None, self._bridge.torch_settled)
        self.work.begin(self._job.work, self._show, failed=lambda error: self._ended(str(error)))
        self.start.setText("&Cancel")
        self.bar.show()
        self._timer.start()
        self._look()

    def _look(self) -> None:
        if self._job is not None:
            self.words.setText(self._job.words)
            self.bar.setValue(round(1000 * self._job.share))

    def _show(self, found: ColdStartEvaluation) -> None:
        self.found = found
        self.plot.show_evaluation(found)
        self.table.show_columns(figures(found))
        self._make_room(len(found.mse))
        self.sentence.setText(sentence(found))
        self._ended(f"On {MODELS[self._session.active].sheet}: {found.note}.")

    def _ended(self, words: str) -> None:
        self._job = None
        self._timer.stop()
        self.bar.hide()
        self.start.setText("&Measure")
        self.words.setText(words)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for field in (self.users, self.least, self.epochs):
            field.setPalette(field_palette(theme))
        if self._plot is not None:
            self._plot.apply_theme(theme)

    def finish(self) -> None:
        """Before the window closes."""
        self._timer.stop()
        self.work.finish()

"""NewUserTab: what each method predicts for somebody new, rating by rating, before a row on the sheet is made of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.changes import Changes
from cfgui.app.factor_ends import usual_least
from cfgui.app.finding import Finder
from cfgui.app.new_user import (
    NewUserAnswer,
    NewUserQuestion,
    answer_of,
    prediction_columns,
    uncertainty_sentence,
    unrated,
)
from cfgui.app.new_user_model import new_user_model
from cfgui.app.reading import Reading, reading_of
from cfgui.app.session import Session
from cfgui.gui.facts_field import FactsField
from cfgui.gui.keep_bar import KeepBar
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.questionnaire import Questionnaire
from cfgui.gui.rating_list import RatingList
from cfgui.gui.sheet_page import Submit
from cfgui.gui.small_parts import caption
from cfgui.gui.spread_plot import SpreadPlot
from cfgui.gui.subject_picker import SubjectPicker
from cfgui.gui.theme import Theme, field_palette
from cfgui.io.table_options import Cancelled

LEFT = 256
"""Pixels of the left column: the rest has to hold eight columns of numbers."""

TIPS = {
    "about": "What else is known of the user, with commas between; facts that the table has about its users are"
    " offered. The fold-in and Bayes begin from what such users are like, where that was found to help.  (Alt+B)",
    "average": "Whose taste stands for the average: left empty, the user whose vector is nearest to the mean.  (Alt+G)",
    "least": "Only movies with at least so many ratings: for others a prediction rests on next to nothing.  (Alt+S)",
}


class NewUserTab(QWidget):
    """``said`` speaks; ``sheet_wanted`` ("movie 27") asks for the sheet; ``run_wanted`` for training to go on."""

    said = Signal(str, bool)
    sheet_wanted = Signal(str)
    run_wanted = Signal()

    def __init__(self, session: Session, submit: Submit) -> None:
        super().__init__()
        self._session, self._submit = session, submit
        self.reading: Reading | None = None
        self.answer: NewUserAnswer | None = None
        self._person_chose_least = False
        self.work = LatestWork(self)
        self.list, self.questionnaire, self.plot = RatingList(), Questionnaire(), SpreadPlot()
        self.about, self.about_label = FactsField(), QLabel("A&bout")
        self.search, self.least, self.average = QLineEdit(), QSpinBox(), SubjectPicker("user")
        self.table = NumberTable(name="Predictions for the new user")
        self.sentence, self.keeping = QLabel(), KeepBar(session, submit)
        self._prepare_fields()
        self._lay_out()
        self._connect()
        self._unsubscribe = session.subscribe(self._changed)

    # Building

    def _prepare_fields(self) -> None:
        self.about.setPlaceholderText("age, gender, …: what else is known")
        self.about.setAccessibleName("What is known about the new user")
        self.about_label.setBuddy(self.about)
        self.about_label.setToolTip(TIPS["about"])
        self.about.hide()  # until a table comes that knows facts about its users
        self.about_label.hide()
        self.search.setPlaceholderText("Search movies")
        self.search.setAccessibleName("Search the movies of the table")
        self.search.setToolTip("Only movies that have all these words: id, title or genre.  (Ctrl+F)")
        self.search.setClearButtonEnabled(True)
        self.least.setRange(1, 1_000_000)
        self.least.setAccessibleName("Least number of ratings")
        self.least.setKeyboardTracking(False)
        self.average.setMaximumWidth(190)
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("How uncertain the predictions are")
        for part, tip in (
            (self.about, "about"),
            (self.least, "least"),
            (self.average.edit, "average"),
        ):
            part.setToolTip(TIPS[tip])

    def _lay_out(self) -> None:
        left, right, whole = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(self)
        about = QHBoxLayout()
        about.setSpacing(5)
        about.addWidget(self.about_label)
        about.addWidget(self.about, 1)
        left.addLayout(about)
        for part, stretch in ((self.list, 3), (self.questionnaire, 0), (self.plot, 1)):
            left.addWidget(part, stretch)
        right.addLayout(self._choices())
        right.addWidget(self.table, 1)
        right.addWidget(self.sentence)
        right.addWidget(self.keeping)
        for column in (left, right):
            column.setSpacing(5)
        whole.setContentsMargins(0, 6, 0, 0)
        whole.setSpacing(10)
        holder = QWidget()
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        holder.setFixedWidth(LEFT)
        whole.addWidget(holder)
        whole.addLayout(right, 1)
        self.setFocusProxy(self.list)

    def _choices(self) -> QHBoxLayout:
        """The line above the table."""
        least, average = caption("At lea&st", self.least), caption("Avera&ge taste", self.average.edit)
        row = QHBoxLayout()
        row.setSpacing(5)
        row.addWidget(self.search, 1)
        for part in (least, self.least, QLabel("ratings"), average, self.average):
            row.addWidget(part)
        return row

    def _connect(self) -> None:
        self.list.changed.connect(self._ask)
        self.list.said.connect(self.said)
        self.about.told.connect(self._ask)
        self.questionnaire.wanted.connect(self._ask)
        self.questionnaire.rated.connect(self.list.give)
        self.search.textChanged.connect(self.table.search)
        self.least.valueChanged.connect(self._least_chosen)
        self.average.chosen.connect(lambda _raw_id: self._ask())
        self.average.edit.textChanged.connect(self._average_emptied)
        self.table.said.connect(self.said)
        self.table.row_activated.connect(self._go_to)
        self.keeping.keep_wanted.connect(self._keep)
        self.keeping.said.connect(self.said)

    # What is shown

    def _changed(self, changes: Changes) -> None:
        """Another document begins with an empty list: the same ids are other movies there."""
        if changes.document:
            self.average.show_id("")
            self.questionnaire.begin_anew()
            self._person_chose_least = False
            if self.reading is not None:
                self.show_reading(reading_of(self._session))
            self.list.clear()

    def show_reading(self, reading: Reading) -> None:
        """Predict by these weights; while they change quickly, one reading after the other."""
        first = self.reading is None
        self.reading = reading
        self.list.show_ratings(reading.ratings, partial(Finder, reading.ratings))
        self.average.show_ratings(reading.ratings)
        self.keeping.show_ratings(reading.ratings)
        if not self._person_chose_least:
            self.least.blockSignals(True)
            self.least.setValue(usual_least(reading.ratings))
            self.least.blockSignals(False)
        self._ask(patient=not first)

    def _ask(self, *, patient: bool = False) -> None:
        """Work the answer out: at once where that takes a moment, else behind the window."""
        if self.reading is None:
            return
        state, reading = self._session.state, self.reading
        added = dict(state.added_users), dict(state.added_movies)
        known = None if self.answer is None else self.answer.model
        question = NewUserQuestion(
            tuple(self.list.given.items()),
            self.average.raw_id,
            self.questionnaire.asks,
            self.questionnaire.skipped,
            self.about.facts,
        )

        if known is not None and known.is_quick and known.is_of(reading, *added):
            self.work.cancel()
            self._show(answer_of(known, question))
            return

        def work(cancelled: Cancelled) -> NewUserAnswer:
            return answer_of(new_user_model(reading, *added), question, cancelled)

        if known is not None and known.is_of(reading, *added):
            self.work.begin(partial(answer_of, known, question), self._show, failed=self._failed, patient=patient)
        else:
            self.work.begin(work, self._show, failed=self._failed, patient=patient)

    def _failed(self, error: Exception) -> None:
        self.said.emit(f"{str(error).rstrip('.')}.", True)

    def _show(self, answer: NewUserAnswer) -> None:
        first, self.answer = self.answer is None, answer
        self.table.show_columns(prediction_columns(answer))
        self._keep_rows()
        if first:
            self.table.sort_by("fold-in", descending=True)
        self.plot.show_spreads(answer.first_spread, answer.spreads)
        self._show_facts(answer)
        self.sentence.setText(" ".join(filter(None, (answer.told.sentence, uncertainty_sentence(answer)))))
        self.average.edit.setPlaceholderText(f"user {answer.average_id}, nearest the mean")
        self.questionnaire.show_answer(answer)

    def _show_facts(self, answer: NewUserAnswer) -> None:
        """Offer the facts there are; without any there is no field for them."""
        facts = answer.model.features.facts
        self.about.show_facts(facts)
        self.about.setVisible(bool(facts))
        self.about_label.setVisible(bool(facts))

    def _keep_rows(self) -> None:
        if self.answer is not None:
            self.table.keep_rows(unrated(self.answer, self.least.value()))

    def _least_chosen(self) -> None:
        self._person_chose_least = True
        self._keep_rows()

    def pick_average(self, raw_id: str) -> None:
        """Let this user's taste stand for the average."""
        self.average.show_id(raw_id)
        self._ask()

    def _average_emptied(self, text: str) -> None:
        if not text and self.average.raw_id:
            self.average.show_id("")
            self._ask()

    def _go_to(self, movie: int) -> None:
        if self.answer is not None:
            self.sheet_wanted.emit(f"movie {self.answer.model.reading.ratings.movie_ids[movie]}")

    # Keeping, and the look

    def _keep(self, train: bool) -> None:
        """Make a row of what was typed, and begin a new list."""
        average = None if self.answer is None else self.answer.guesses["average"].row
        if self.keeping.make(self.list.given, average, self.about.facts):
            self.questionnaire.forget()
            self.about.clear()
            self.list.clear()
            if train:
                self.run_wanted.emit()

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for field in (self.about, self.search, self.least, self.average.edit):
            field.setPalette(field_palette(theme))
        self.keeping.apply_theme(theme)
        self.list.apply_theme(theme)
        self.plot.apply_theme(theme)

    def finish(self) -> None:
        """Before the window closes."""
        self._unsubscribe()
        self.work.finish()
        self.about.finish()
        self.list.finish()
        self.average.finish()

"""NewUserTab: what each method predicts for somebody new, rating by rating, before a row on the sheet is made of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.factor_ends import usual_least
from cfgui.app.finding import Finder
from cfgui.app.new_user import (
    NewUserAnswer,
    NewUserQuestion,
    answer_of,
    new_user_model,
    prediction_columns,
    question_words,
    uncertainty_sentence,
    unrated,
)
from cfgui.app.reading import Reading
from cfgui.app.row_edits import FOLD_IN, AddUser, free_id
from cfgui.app.session import Session
from cfgui.core.moved_rows import user_vector
from cfgui.core.ratings import Floats
from cfgui.core.view import indices_of
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.question_panel import QuestionPanel, rating_steps
from cfgui.gui.rating_list import RatingList
from cfgui.gui.sheet_page import Submit
from cfgui.gui.spread_plot import SpreadPlot
from cfgui.gui.subject_picker import SubjectPicker
from cfgui.gui.theme import Theme, field_palette
from cfgui.io.table_options import Cancelled

LEFT = 256
"""Pixels of the left column: the rest has to hold eight columns of numbers."""

KEEP_BY = {
    FOLD_IN: "folded in",
    "mean": "as the mean user",
    "average": "as the average-taste user",
}
"""Whose vector a kept user gets, and how the row goes on: only one that is folded in follows its ratings."""

TIPS = {
    "ask": "Let the program ask about one film after another: widely known ones that split opinions, each chosen to"
    " take as much uncertainty away as it can.  (Alt+Q)",
    "average": "Whose taste stands for the average: left empty, the user whose vector is nearest to the mean.  (Alt+G)",
    "least": "Only films with at least so many ratings: for others a prediction rests on next to nothing.  (Alt+S)",
    "keep_by": "Which vector the row gets: folded in from its ratings, which it then follows until a run has learnt"
    " from it, or that of the mean or of the average-taste user.",
    "keep": "Put this user on the sheet, as a new row at the end. Undo takes it away again.  (Alt+K)",
    "train": "Put this user on the sheet, and run the training with its ratings among the others.  (Alt+N)",
    "name": "What the new user is called on the sheet; left empty, new 1, new 2, …",
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
        self._skipped: set[str] = set()
        self._person_chose_least = self._is_asked = False
        self.work = LatestWork(self)
        self.list, self.questions, self.plot = RatingList(), QuestionPanel(), SpreadPlot()
        self.ask = QPushButton("Ask me a &question")
        self.search, self.least, self.average = QLineEdit(), QSpinBox(), SubjectPicker("user")
        self.table = NumberTable(name="Predictions for the new user")
        self.sentence, self.name, self.keep_by = QLabel(), QLineEdit(), QComboBox()
        self.keep, self.train = QPushButton("&Keep as user"), QPushButton("Trai&n on it")
        self._prepare_fields()
        self._lay_out()
        self._connect()

    # Building

    def _prepare_fields(self) -> None:
        self.ask.setCheckable(True)
        self.questions.hide()
        self.search.setPlaceholderText("Search films")
        self.search.setAccessibleName("Search the films of the table")
        self.search.setClearButtonEnabled(True)
        self.least.setRange(1, 1_000_000)
        self.least.setAccessibleName("Least number of ratings")
        self.least.setKeyboardTracking(False)
        self.name.setAccessibleName("Name of the new user")
        self.name.setFixedWidth(110)
        self.average.setMaximumWidth(190)
        for method, words in KEEP_BY.items():
            self.keep_by.addItem(words, method)
        self.keep_by.setAccessibleName("Whose vector the kept user gets")
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("How uncertain the predictions are")
        for part, tip in (
            (self.ask, "ask"),
            (self.least, "least"),
            (self.average.edit, "average"),
            (self.keep_by, "keep_by"),
            (self.keep, "keep"),
            (self.train, "train"),
            (self.name, "name"),
        ):
            part.setToolTip(TIPS[tip])

    def _lay_out(self) -> None:
        left, right, whole = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(self)
        for part, stretch in ((self.list, 3), (self.ask, 0), (self.questions, 0), (self.plot, 1)):
            left.addWidget(part, stretch)
        right.addLayout(_line(self.search, 1, "At lea&st", self.least, "ratings", "Avera&ge taste", self.average))
        right.addWidget(self.table, 1)
        right.addWidget(self.sentence)
        right.addLayout(_line(None, 1, "Name", self.name, self.keep_by, self.keep, self.train))
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

    def _connect(self) -> None:
        self.list.changed.connect(self._ask)
        self.list.said.connect(self.said)
        self.ask.toggled.connect(self._turn_questions)
        self.questions.answered.connect(self._answer)
        self.questions.unknown.connect(self._skip)
        self.search.textChanged.connect(self.table.search)
        self.least.valueChanged.connect(self._least_chosen)
        self.average.chosen.connect(lambda _raw_id: self._ask())
        self.average.edit.textChanged.connect(self._average_emptied)
        self.table.said.connect(self.said)
        self.table.row_activated.connect(self._go_to)
        self.keep.clicked.connect(self.keep_user)
        self.train.clicked.connect(self._train)

    # What is shown

    def show_reading(self, reading: Reading) -> None:
        """Predict by these weights; while they change quickly, one reading after the other."""
        first = self.reading is None
        self.reading = reading
        self.list.show_ratings(reading.ratings, partial(Finder, reading.ratings))
        self.average.show_ratings(reading.ratings)
        self.name.setPlaceholderText(free_id(reading.ratings.user_ids))
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
            tuple(self.list.given.items()), self.average.raw_id, self.ask.isChecked(), frozenset(self._skipped)
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
        self.sentence.setText(uncertainty_sentence(answer))
        self.average.edit.setPlaceholderText(f"user {answer.average_id}, nearest the mean")
        if self.ask.isChecked() and answer.question.asks:
            ratings = answer.model.reading.ratings
            self.questions.show_question(*question_words(answer), rating_steps(ratings.levels))
            self._is_asked = True

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

    # The questionnaire

    def _turn_questions(self, on: bool) -> None:
        self.questions.setVisible(on)
        self.ask.setText("No more &questions" if on else "Ask me a &question")
        if on:
            self._skipped.clear()
            self._is_asked = False
            self._ask()
            self.questions.setFocus(Qt.FocusReason.OtherFocusReason)

    def _asked_about(self) -> str:
        """The id of the film that is asked about; "" for none."""
        question = None if self.answer is None else self.answer.next
        if question is None or self.answer is None or not self._is_asked:
            return ""
        return self.answer.model.reading.ratings.movie_ids[question.movie]

    def _answer(self, value: float) -> None:
        raw_id = self._asked_about()
        if raw_id:
            self._is_asked = False  # until the next question is there: no answer goes to two films
            self.list.give(raw_id, value)

    def _skip(self) -> None:
        raw_id = self._asked_about()
        if raw_id:
            self._skipped.add(raw_id)
            self._is_asked = False
            self._ask()

    # Keeping

    def keep_user(self) -> bool:
        """Make a row of what was typed; False, with a word, where that was refused."""
        session, method = self._session, str(self.keep_by.currentData())
        films = list(self.list.given)
        places = dict(zip(films, indices_of(session.ratings.movie_ids, films).tolist(), strict=True))
        ratings = {places[raw_id]: value for raw_id, value in self.list.given.items()}
        if not self._submit(AddUser(self.name.text(), ratings, self._vectors(method), method)):
            return False
        raw_id, n = session.ratings.user_ids[-1], len(ratings)
        words = f"User {raw_id} stands at the end of every sheet, with {n} rating{'' if n == 1 else 's'}"
        self.said.emit(f"{words}, {KEEP_BY[method]}. Undo takes the row away.", False)
        self.name.clear()
        self._skipped.clear()
        self.list.clear()
        return True

    def _vectors(self, method: str) -> dict[str, Floats]:
        """What a row is put together from, by model: nothing for the mean and for fold-in, which the edit works out."""
        row = None if self.answer is None else self.answer.guesses["average"].row
        if method != "average" or row is None:
            return {}
        return {name: user_vector(sheet.factors, row) for name, sheet in self._session.state.sheets.items()}

    def _train(self) -> None:
        if self.keep_user():
            self.run_wanted.emit()

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for field in (self.search, self.least, self.average.edit, self.name, self.keep_by):
            field.setPalette(field_palette(theme))
        self.list.apply_theme(theme)
        self.plot.apply_theme(theme)

    def finish(self) -> None:
        """Before the window closes."""
        self.work.finish()
        self.list.finish()
        self.average.finish()


def _line(first: QWidget | None, stretch: int, *parts: QWidget | str) -> QHBoxLayout:
    """Parts in a row, texts as labels of what follows; the first one, or room, takes what is left over."""
    row = QHBoxLayout()
    row.setSpacing(5)
    if first is None:
        row.addStretch(stretch)
    else:
        row.addWidget(first, stretch)
    label: QLabel | None = None
    for part in parts:
        if isinstance(part, str):
            label = QLabel(part)
            row.addWidget(label)
        else:
            if label is not None:
                label.setBuddy(part)
                label.setToolTip(part.toolTip())
                label = None
            row.addWidget(part)
    return row

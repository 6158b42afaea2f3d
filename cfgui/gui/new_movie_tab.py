"""NewMovieTab: what a movie's title and genres say of its weights, beside the mean movie; a column is made of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cfgui.app.new_movie import (
    NewMovieAnswer,
    NewMovieModel,
    NewMovieQuestion,
    answer_of,
    honest_sentence,
    new_movie_model,
    user_columns,
    year_words,
)
from cfgui.app.reading import Reading
from cfgui.app.row_edits import AddMovie, free_id
from cfgui.app.session import Session
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme, field_palette
from cfgui.io.table_options import Cancelled

LEFT = 256


class NewMovieTab(QWidget):
    """``said`` speaks; ``sheet_wanted`` ("user 14") asks for the sheet."""

    said = Signal(str, bool)
    sheet_wanted = Signal(str)

    def __init__(self, session: Session, submit: Submit) -> None:
        super().__init__()
        self._session, self._submit = session, submit
        self.reading: Reading | None = None
        self.answer: NewMovieAnswer | None = None
        self._genres: tuple[str, ...] | None = None
        self._filling = False
        self.work = LatestWork(self)
        self.title, self.name, self.year, self.genres = QLineEdit(), QLineEdit(), QLabel(), QListWidget()
        self.table, self.sentence = NumberTable(name="Predictions for the new movie"), QLabel()
        self.keep = QPushButton("&Keep as movie")
        self._prepare_fields()
        self._lay_out()
        self.title.textChanged.connect(self._ask)
        self.genres.itemChanged.connect(self._ask)
        self.keep.clicked.connect(self.keep_movie)
        self.table.row_activated.connect(self._go_to)
        self.table.said.connect(self.said)

    # Building

    def _prepare_fields(self) -> None:
        self.title.setPlaceholderText("Title (year)")
        self.title.setToolTip("The title, with the year in brackets, such as “Solaris (1972)”.  (Alt+I)")
        self.title.setAccessibleName("Title of the new movie")
        self.genres.setSpacing(1)
        self.genres.setToolTip("Its genres: the space bar ticks one.  (Alt+G)")
        self.genres.setAccessibleName("Genres of the new movie")
        self.name.setToolTip("The id of the movie on the sheet; left empty, new 1, new 2, …")
        self.name.setAccessibleName("Id of the new movie")
        self.name.setFixedWidth(110)
        self.keep.setToolTip(
            "Put this movie on the sheet, as a new column at the end, with these weights. Its ratings move it from"
            " there: from the first one on it is folded in. Undo takes it away again.  (Alt+K)"
        )
        for label in (self.year, self.sentence):
            label.setWordWrap(True)

    def _lay_out(self) -> None:
        left, right, whole = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(self)
        captions = QLabel("T&itle"), QLabel("&Genres")
        captions[0].setBuddy(self.title)
        captions[1].setBuddy(self.genres)
        for widget in (captions[0], self.title, self.year, captions[1]):
            left.addWidget(widget)
        left.addWidget(self.genres, 1)
        below = QHBoxLayout()
        below.addStretch(1)
        for part in (QLabel("Id"), self.name, self.keep):
            below.addWidget(part)
        right.addWidget(self.table, 1)
        right.addWidget(self.sentence)
        right.addLayout(below)
        for column in (left, right):
            column.setSpacing(5)
        holder = QWidget()
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        holder.setFixedWidth(LEFT)
        whole.setContentsMargins(0, 6, 0, 0)
        whole.setSpacing(10)
        whole.addWidget(holder)
        whole.addLayout(right, 1)
        self.setFocusProxy(self.title)

    # What is shown

    def show_reading(self, reading: Reading) -> None:
        """Predict by these weights."""
        first = self.reading is None
        self.reading = reading
        self.name.setPlaceholderText(free_id(reading.ratings.movie_ids))
        self._ask(patient=not first)

    def chosen_genres(self) -> tuple[str, ...]:
        """Those that are ticked."""
        items = (self.genres.item(row) for row in range(self.genres.count()))
        return tuple(item.text() for item in items if item.checkState() == Qt.CheckState.Checked)

    def _ask(self, *_what: object, patient: bool = False) -> None:
        if self.reading is None or self._filling:
            return
        state, reading = self._session.state, self.reading
        added = dict(state.added_users), dict(state.added_movies)
        known = None if self.answer is None else self.answer.model
        question = NewMovieQuestion(self.title.text(), self.chosen_genres())

        def work(cancelled: Cancelled) -> NewMovieAnswer:
            model: NewMovieModel | None = known if known is not None and known.is_of(reading, *added) else None
            return answer_of(model or new_movie_model(reading, *added), question, cancelled)

        self.work.begin(work, self._show, patient=patient)

    def _show(self, answer: NewMovieAnswer) -> None:
        first, self.answer = self.answer is None, answer
        self._show_genres(answer.model.features.genres)
        self.table.show_columns(user_columns(answer))
        if first:
            self.table.sort_by("metadata", descending=True)
        self.year.setText(year_words(answer))
        self.sentence.setText(honest_sentence(answer))

    def _show_genres(self, genres: tuple[str, ...]) -> None:
        """Offer those of the table, ticked as before."""
        if genres == self._genres:
            return
        ticked, self._genres, self._filling = set(self.chosen_genres()), genres, True
        self.genres.clear()
        for genre in genres:
            item = QListWidgetItem(genre)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if genre in ticked else Qt.CheckState.Unchecked)
            self.genres.addItem(item)
        if not genres:
            self.genres.addItem(_note("The table knows no genres."))
        self._filling = False

    def _go_to(self, user: int) -> None:
        if self.answer is not None:
            self.sheet_wanted.emit(f"user {self.answer.model.reading.ratings.user_ids[user]}")

    # Keeping

    def keep_movie(self) -> bool:
        """Make a column of the movie; False, with a word, where that was refused or its weights are not known yet."""
        answer, session = self.answer, self._session
        if answer is None or self.work.working:
            self.said.emit("One moment: the weights of the movie are still being worked out.", False)
            return False
        vectors = {answer.model.reading.model: answer.weights}
        edit = AddMovie(self.name.text(), answer.question.title, "|".join(answer.question.genres), {}, vectors)
        if not self._submit(edit):
            return False
        raw_id, sheet = session.ratings.movie_ids[-1], answer.model.reading.sheet
        by = "the weights its genres and year suggest" if answer.model.metadata.helps else "the mean movie's weights"
        words = f"Movie {raw_id} stands at the end of every sheet: on {sheet} with {by}"
        self.said.emit(f"{words}, elsewhere with those of the mean movie. Undo takes it away.", False)
        self.name.clear()
        return True

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for field in (self.title, self.name, self.genres):
            field.setPalette(field_palette(theme))

    def finish(self) -> None:
        """Before the window closes."""
        self.work.finish()


def _note(words: str) -> QListWidgetItem:
    item = QListWidgetItem(words)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item

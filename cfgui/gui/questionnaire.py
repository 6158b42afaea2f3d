"""Questionnaire: asks a new user about one movie after another, and says which answer is about which."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from cfgui.app.new_user import NewUserAnswer, question_words
from cfgui.gui.question_panel import QuestionPanel, rating_steps

TIP = (
    "Let the program ask about one movie after another: widely known ones that split opinions, each chosen to"
    " take as much uncertainty away as it can.  (Alt+Q)"
)


class Questionnaire(QWidget):
    """A button that turns the questions on and off, and below it the question.

    ``wanted`` asks for an answer with the next question in it; ``rated`` (movie id, rating) follows each reply.
    """

    wanted = Signal()
    rated = Signal(str, float)

    def __init__(self) -> None:
        super().__init__()
        self.ask, self.panel = QPushButton("Ask me a &question"), QuestionPanel()
        self._skipped: set[str] = set()
        self._movie_id = ""
        self.ask.setCheckable(True)
        self.ask.setToolTip(TIP)
        self.panel.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.ask)
        column.addWidget(self.panel)
        self.ask.toggled.connect(self._turn)
        self.panel.answered.connect(self._reply)
        self.panel.unknown.connect(self._skip)

    @property
    def asks(self) -> bool:
        """Whether the questions are on."""
        return self.ask.isChecked()

    @property
    def skipped(self) -> frozenset[str]:
        """The ids of movies that the person said to be unknown."""
        return frozenset(self._skipped)

    def forget(self) -> None:
        """Somebody else may know the movies that were skipped."""
        self._skipped.clear()

    def begin_anew(self) -> None:
        """Other movies are there: what is asked means none of them."""
        self.forget()
        self._movie_id = ""

    def show_answer(self, answer: NewUserAnswer) -> None:
        """Ask the question that came with ``answer``, where one was asked for."""
        if self.asks and answer.question.asks:
            ratings = answer.model.reading.ratings
            self.panel.show_question(*question_words(answer), rating_steps(ratings.levels))
            self._movie_id = "" if answer.next is None else ratings.movie_ids[answer.next.movie]

    def _turn(self, on: bool) -> None:
        self.panel.setVisible(on)
        self.ask.setText("No more &questions" if on else "Ask me a &question")
        if on:
            self.begin_anew()
            self.wanted.emit()
            self.panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reply(self, value: float) -> None:
        movie_id, self._movie_id = self._movie_id, ""  # until the next question is there: no reply goes to two movies
        if movie_id:
            self.rated.emit(movie_id, value)

    def _skip(self) -> None:
        movie_id, self._movie_id = self._movie_id, ""
        if movie_id:
            self._skipped.add(movie_id)
            self.wanted.emit()

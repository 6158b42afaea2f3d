"""RecommendPage: what one user should watch next, why, and why not another movie."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from cfgui.app.cell_subjects import Subject
from cfgui.app.reading import Reading
from cfgui.app.recommend_answer import Answer, Question, answer, first_user, near_columns, near_sentence
from cfgui.app.session import Session
from cfgui.core.chunks import Interrupted
from cfgui.gui.bridge import Bridge
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.explanation_panel import ExplanationPanel
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.recommend_bar import RecommendBar
from cfgui.gui.recommend_everyone import Everyone
from cfgui.gui.sheet_page import Submit
from cfgui.gui.small_parts import split_view
from cfgui.gui.subject_picker import SubjectPicker
from cfgui.gui.theme import Theme, current_theme

WHY_NOT_TIP = "A movie by its id, or by words of its title: what keeps it from the list is said below.  (Alt+Shift+W)"
WHY_NOT_HINT = "Choose a movie to see what keeps it from the list."
NEAR_CAPTION = "Nearest of what user {} has rated"
FIRST_SPLIT, FIRST_BESIDE = (285, 235), (480, 390)
"""Heights of the list and of what explains it, and widths of the reasons and of the movies near, at first."""


class RecommendPage(ExplorePage):
    """The choices on top, the list below, and under it the reasons for the selected movie."""

    title: ClassVar[str] = "Recommend"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self.answer: Answer | None = None
        self._reading: Reading | None = None
        self._user_id = ""
        self.work = LatestWork(self)
        self.bar, self.everyone = RecommendBar(), Everyone()
        self.user, self.figures = ElidedLabel(self.title), QLabel()
        self.near_caption, self.why = QLabel(), QLabel(WHY_NOT_HINT)
        self.table = NumberTable(name="Recommended movies")
        self.reasons, self.near = ExplanationPanel(), NumberTable(name="Nearest rated movies")
        self.asked = SubjectPicker("movie")
        self.evaluate = QPushButton("Evaluate lists…")
        self._prepare()
        self._lay_out()
        self._connect()
        self.apply_theme(current_theme())

    # Building

    def _prepare(self) -> None:
        self.figures.setToolTip(
            "How many movies come into question; popular: the share of this list among the tenth of the rated movies"
            " with the most ratings; diversity: the mean of 1 − cosine over all pairs of this list, 0 where all are"
            " alike; genres: how many of all genres this list touches."
        )
        self.figures.setAccessibleName("Figures of this list")
        self.why.setWordWrap(True)
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.why.setAccessibleName("Why not this movie")
        self.why.setMinimumHeight(3 * self.fontMetrics().lineSpacing() + 2)
        self.asked.edit.setFixedWidth(190)
        self.asked.edit.setToolTip(WHY_NOT_TIP)
        self.evaluate.setToolTip(
            "Judge lists by held-out ratings: precision, recall, NDCG, coverage and popularity, beside the most popular"
            " movies and the item means.  (Alt+Shift+V)"
        )
        self.reasons.setAccessibleName("Reasons for the selected movie")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.user, 1)
        head.addWidget(self.figures)
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(6, 2, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.near_caption)
        column.addWidget(self.near, 1)
        lower = split_view(Qt.Orientation.Horizontal, (self.reasons, beside), FIRST_BESIDE)
        middle = split_view(Qt.Orientation.Vertical, (self.table, lower), FIRST_SPLIT)
        asking = QHBoxLayout()
        label = QLabel("Why not")
        label.setToolTip(WHY_NOT_TIP)
        for part, stretch in ((label, 0), (self.asked, 0), (QWidget(), 1), (self.everyone, 0), (self.evaluate, 0)):
            asking.addWidget(part, stretch)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 6, 10, 6)
        whole.setSpacing(6)
        whole.addWidget(self.bar)
        whole.addLayout(head)
        whole.addWidget(middle, 1)
        whole.addLayout(asking)
        whole.addWidget(self.why)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.bar.asked.connect(self._ask)
        self.bar.user_chosen.connect(partial(self.show_subject, "user"))
        self.asked.chosen.connect(lambda _raw_id: self._ask())
        self.table.row_selected.connect(self._show_reasons)
        self.table.row_activated.connect(self._go_to_sheet)
        self.near.row_activated.connect(self._go_to_near)
        self.add_menu(self.table, self._subjects)
        self.add_menu(self.near, self._near_subjects)
        self.everyone.wanted.connect(self._for_everyone)
        self.evaluate.clicked.connect(lambda: self.command_wanted.emit("train.evaluate"))
        for part in (self.table, self.near, self.everyone):
            part.said.connect(self.said)
        for letter, field in {**self.bar.keys, "W": self.asked}.items():
            self._key(letter, partial(field.setFocus, Qt.FocusReason.ShortcutFocusReason))
        self._key("G", self.bar.genres.showMenu)
        self._key("E", self.everyone.button.click)
        self._key("V", self.evaluate.click)

    def _key(self, letter: str, act: Callable[[], object]) -> None:
        key = QShortcut(QKeySequence(f"Alt+Shift+{letter}"), self)
        key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.activated.connect(act)

    # What is shown

    def show_reading(self, reading: Reading) -> None:
        """Recommend by these weights."""
        if reading.same_as(self._reading):
            return
        self._reading = reading
        self.bar.show_ratings(reading.ratings)
        self.asked.show_ratings(reading.ratings)
        if self._user_id not in reading.ratings.user_ids:
            self._user_id = first_user(reading.ratings)
            self.bar.user.show_id(self._user_id)
        if self.asked.raw_id not in reading.ratings.movie_ids:
            self.asked.show_id("")
        self._ask(patient=self.bridge.running)

    def show_subject(self, side: str, raw_id: str) -> None:
        """Recommend for this user, or say why not this movie."""
        if side == "user":
            self._user_id = raw_id
            self.bar.user.show_id(raw_id)
        else:
            self.asked.show_id(raw_id)
        self._ask()

    def _ask(self, *, patient: bool = False) -> None:
        if self._reading is None or not self._user_id:
            return
        question = Question(self._reading, self._user_id, self.bar.wish(), self.asked.raw_id)
        before = self.answer
        self.work.begin(
            lambda cancelled: answer(question, before, cancelled), self._show, failed=self._failed, patient=patient
        )

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ValueError):
            self.said.emit(str(error), True)
        elif not isinstance(error, Interrupted):
            raise error

    def _show(self, found: Answer) -> None:
        self.answer = found
        self.bar.show_facts(found.recommender.facts)
        self.user.set_rest(f"{found.user} · {found.question.reading.sheet}")
        self.figures.setText(found.figures)
        self.table.show_columns(found.columns)
        self.why.setText(" ".join(found.why) or WHY_NOT_HINT)
        if self.table.current_row is None and len(self.table.rows):
            self.table.select_row(int(self.table.rows[0]))
        self._show_reasons()

    def _show_reasons(self, _row: int = 0) -> None:
        """Those of the selected movie."""
        found, place = self.answer, self.table.current_row
        if found is None or place is None or place >= len(found.listed.movies):
            self.reasons.show_explanation(None)
            self.near.show_columns(())
            self.near_caption.setText("")
            return
        movie = int(found.listed.movies[place])
        self.reasons.show_explanation(found.recommender.explanation(found.question.user_id, movie))
        self.near.show_columns(near_columns(found.recommender, found.listed, place))
        self.near.setAccessibleDescription(near_sentence(found.recommender, found.listed, place))
        self.near_caption.setText(NEAR_CAPTION.format(found.question.user_id))

    # Going elsewhere

    def _subjects(self, place: int) -> list[Subject]:
        """The user and the movie that a row of the list is about."""
        found = self.answer
        if found is None:
            return []
        movie = found.recommender.ratings.movie_ids[int(found.listed.movies[place])]
        return [("user", found.question.user_id), ("movie", movie)]

    def _near_subjects(self, place: int) -> list[Subject]:
        """The movie that a row of those near is about."""
        found, row = self.answer, self.table.current_row
        if found is None or row is None:
            return []
        return [("movie", found.recommender.ratings.movie_ids[found.listed.reasons[row].near[place].movie])]

    def _go_to_sheet(self, place: int) -> None:
        if self.answer is not None:
            movie = int(self.answer.listed.movies[place])
            self.sheet_wanted.emit(f"movie {self.answer.recommender.ratings.movie_ids[movie]}")

    def _go_to_near(self, place: int) -> None:
        for _, movie in self._near_subjects(place):
            self.sheet_wanted.emit(f"movie {movie}")

    def _for_everyone(self) -> None:
        if self.answer is not None:
            self.everyone.begin(self.answer.question.reading, self.answer.recommender, self.bar.wish())

    # What the window asks

    @property
    def search_line(self) -> QLineEdit:
        """The line that picks a user."""
        return self.bar.user.edit

    @property
    def copied_table(self) -> NumberTable:
        """The list."""
        return self.table

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        for part in (self.bar, self.user, self.reasons, self.everyone):
            part.apply_theme(theme)
        for label in (self.figures, self.near_caption, self.why):
            label.setStyleSheet(f"color: {theme.muted.name()};")

    def finish(self) -> None:
        """Before the window closes: end what is in hand."""
        self.work.finish()
        self.everyone.finish()
        for picker in (self.bar.user, self.asked):
            picker.finish()

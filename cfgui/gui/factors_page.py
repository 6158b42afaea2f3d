"""FactorsPage: factor by factor, what each carries of the predictions and who stands at its two ends."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout

from cfgui.app.cell_subjects import Subject
from cfgui.app.factor_ends import (
    FactorAnswer,
    FactorQuestion,
    Places,
    factor_names,
    factor_sentences,
    farthest_factor,
    movie_columns,
    place_in,
    read_factor,
    rotation_sentence,
    share_columns,
    user_columns,
    usual_least,
)
from cfgui.app.reading import Reading
from cfgui.app.rotation_edit import RotateFactors
from cfgui.app.session import Session
from cfgui.core.one_side import SideName
from cfgui.core.rotation import Rotation, rotated
from cfgui.gui.bridge import Bridge
from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.factors_bar import FactorsBar
from cfgui.gui.latest_work import LatestWork
from cfgui.gui.number_table import NumberTable
from cfgui.gui.share_bars import ShareBars
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme, current_theme

_SIDES: tuple[SideName, ...] = ("movie", "user")
KEYS = [(side, end) for side in _SIDES for end in ("low", "high")]
"""The four tables: the side and the end of each."""

NARROW = 96
"""Pixels of the names at least, so that values and numbers of ratings are in sight beside them."""

LIST_TIP = "Every factor with what it carries of the predictions. Up and Down choose the one shown on the right."


class FactorsPage(ExplorePage):
    """The list of factors on the left; movies and users at both ends of the chosen one on the right."""

    title: ClassVar[str] = "Factor by factor"

    def __init__(self, session: Session, submit: Submit, bridge: Bridge) -> None:
        super().__init__(session, submit, bridge)
        self.answer: FactorAnswer | None = None
        self._reading: Reading | None = None
        self._factor, self._due = 0, False
        self.work, self.rotating = LatestWork(self), LatestWork(self)
        self.bar, self.sentences = FactorsBar(), QLabel()
        self.bar.asked.connect(lambda: self._ask(wait=False))
        self.bar.rotation_wanted.connect(self.rotate_factors)
        self.sentences.setWordWrap(True)
        self.sentences.setAccessibleName("How to read this factor")
        self.factors = NumberTable(name="Factors and what they carry")
        self.factors.setToolTip(LIST_TIP)
        self.bars = ShareBars(self.factors)
        self.factors.row_selected.connect(self.choose_factor)
        self.factors.said.connect(self.said)
        self.captions = {key: QLabel() for key in KEYS}
        self.tables = {key: self._make_table(*key) for key in KEYS}
        self._lay_out()
        self.apply_theme(current_theme())

    # Building

    def _make_table(self, side: SideName, end: str) -> NumberTable:
        table = NumberTable(name=f"{side.capitalize()}s {end}est on the factor", narrowest=NARROW)
        table.row_activated.connect(partial(self._open, side, end))
        table.said.connect(self.said)
        self.add_menu(table, partial(self._subjects, side, end))
        return table

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        for place, key in enumerate(KEYS):
            row, column = divmod(place, 2)
            grid.addWidget(self.captions[key], 2 * row, column)
            grid.addWidget(self.tables[key], 2 * row + 1, column)
            grid.setRowStretch(2 * row + 1, 3 if row == 0 else 2)
            grid.setColumnStretch(column, 1)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(self.factors)
        middle.addLayout(grid, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 6, 10, 6)
        whole.setSpacing(6)
        whole.addWidget(self.bar)
        whole.addLayout(middle, 1)
        whole.addWidget(self.sentences)
        self.setFocusProxy(self.factors)

    # What is shown

    def show_reading(self, reading: Reading) -> None:
        """Read these weights; while they change quickly, each reading waits for the one before to be done."""
        if reading.same_as(self._reading):
            return
        if self._reading is None or reading.ratings.movie_ids is not self._reading.ratings.movie_ids:
            self.bar.propose_least(usual_least(reading.ratings))
        self._reading = reading
        self._factor = min(self._factor, len(factor_names(reading.factors)) - 1)
        self._allow()
        self._ask(wait=True)

    def _allow(self) -> None:
        net = self._reading is not None and bool(self._reading.factors.layers)
        self.bar.allow(net=net, working=self.rotating.working)

    def _ask(self, *, wait: bool) -> None:
        """Read in the background. ``wait``: after what is being read, which else would never come to its end."""
        if self._reading is None:
            return
        if wait and self.work.working:
            self._due = True
            return
        self._due = False
        question = FactorQuestion(self._factor, self.bar.least.value(), self.bar.all_pairs)
        self.work.begin(partial(read_factor, self._reading, question, self.answer), self._show)

    def _show(self, answer: FactorAnswer) -> None:
        self.answer = answer
        name = factor_names(answer.reading.factors)[answer.question.factor].strip()
        whose = f"factor {name}" if name.isdigit() else f"the {name}"
        self.bar.heading.setText(f"<b>Factors</b> of {answer.reading.sheet}")
        self._show_shares(answer)
        for side, end in KEYS:
            places, caption = self._places(answer, side, end), self.captions[side, end]
            columns = (movie_columns if side == "movie" else user_columns)(answer, places)
            self.tables[side, end].show_columns(columns)
            caption.setText(f"{'▲' if end == 'high' else '▼'} {side.capitalize()}s {end}est on {whose}")
        self.sentences.setText(factor_sentences(answer))
        if self._due:
            self._ask(wait=True)

    def _show_shares(self, answer: FactorAnswer) -> None:
        columns = share_columns(answer)
        shares = columns[1].numbers if len(columns) > 1 else np.zeros(0)
        self.bars.take(shares[np.isfinite(shares)].tolist())
        self.factors.show_columns(columns)
        self.factors.setItemDelegateForColumn(1, self.bars)
        bar = self.factors.verticalScrollBar().sizeHint().width()
        self.factors.setFixedWidth(self.factors.horizontalHeader().length() + bar + 2 * self.factors.frameWidth())
        if self.factors.current_row != answer.question.factor:
            self.factors.select_row(answer.question.factor)

    @staticmethod
    def _places(answer: FactorAnswer, side: str, end: str) -> Places:
        found = answer.movies if side == "movie" else answer.users
        return found.lowest if end == "low" else found.highest

    # The person

    def choose_factor(self, factor: int) -> None:
        """Show both ends of this factor, counted from 0, or of a bias after the last."""
        if factor != self._factor:
            self._factor = factor
            for table in self.tables.values():
                table.clearSelection()
                table.setCurrentIndex(QModelIndex())
            self._ask(wait=False)

    def show_subject(self, side: str, raw_id: str) -> None:
        """Choose the factor on which this user or movie stands farthest out."""
        reading = self._reading
        index = None if reading is None else place_in(reading.ratings, side, raw_id)
        if reading is not None and index is not None:
            self.choose_factor(farthest_factor(reading.factors, side, index))

    def _subjects(self, side: SideName, end: str, row: int) -> list[Subject]:
        """Whom a row of one of the four tables is about."""
        if self.answer is None:
            return []
        ratings, places = self.answer.reading.ratings, self._places(self.answer, side, end)
        ids = ratings.movie_ids if side == "movie" else ratings.user_ids
        return [(side, ids[int(places[row])])]

    def _open(self, side: SideName, end: str, row: int) -> None:
        for _, raw_id in self._subjects(side, end, row):
            self.page_wanted.emit(f"{side}s", side, raw_id)

    def rotate_factors(self) -> None:
        """Turn the factors to principal axes: worked out in the background, put in place as one undo entry."""
        if self.bridge.running:
            self.bridge.stop_and_wait()
            self.said.emit("The run was paused to rotate the factors: press Run to go on.", False)
        model = self.session.active
        factors = self.session.sheet(model).factors
        self.rotating.begin(lambda _cancelled: rotated(factors), partial(self._rotated, model), failed=self._refused)
        self._allow()

    def _rotated(self, model: str, rotation: Rotation) -> None:
        self._allow()
        if self.submit(RotateFactors(model, rotation)):
            self.said.emit(rotation_sentence(rotation.of.n_factors, rotation.rank), False)

    def _refused(self, error: Exception) -> None:
        self._allow()
        if not isinstance(error, ValueError):
            raise error
        self.said.emit(str(error), True)

    # Looks and the end

    def apply_theme(self, theme: Theme) -> None:
        """Muted captions, bars in the theme's colours."""
        self.bars.theme = theme
        self.bar.apply_theme(theme)
        for label in (*self.captions.values(), self.sentences):
            label.setStyleSheet(f"color: {theme.muted.name()};")
        self.factors.viewport().update()

    @property
    def copied_table(self) -> NumberTable | None:
        """The list of factors, while no table has the keyboard."""
        return self.factors

    def finish(self) -> None:
        """End what is being read."""
        self.work.finish()
        self.rotating.finish()

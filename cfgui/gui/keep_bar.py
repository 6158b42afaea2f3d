"""KeepBar: makes a row on the sheet of a new user: the name, whose vector it gets, and the buttons."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from cfgui.app.row_edits import FOLD_IN, AddUser, free_id
from cfgui.app.session import Session
from cfgui.core.ratings import Floats, Ratings
from cfgui.core.side_rows import row_of_side
from cfgui.core.view import indices_of
from cfgui.gui.sheet_page import Submit
from cfgui.gui.theme import Theme, field_palette

KEEP_BY = {
    FOLD_IN: "folded in",
    "mean": "as the mean user",
    "average": "as the average-taste user",
}
"""Whose vector a kept user gets, and how the row goes on: only one that is folded in follows its ratings."""

TIPS = {
    "keep_by": "Which vector the row gets: folded in from its ratings, which it then follows until a run has learnt"
    " from it, or that of the mean or of the average-taste user.",
    "keep": "Put this user on the sheet, as a new row at the end. Undo takes it away again.  (Alt+K)",
    "train": "Put this user on the sheet, and run the training with its ratings among the others.  (Alt+N)",
    "name": "What the new user is called on the sheet; left empty, new 1, new 2, …",
}


class KeepBar(QWidget):
    """``keep_wanted`` (train on it too) follows the buttons; ``said`` (sentence, is a problem) speaks."""

    keep_wanted = Signal(bool)
    said = Signal(str, bool)

    def __init__(self, session: Session, submit: Submit) -> None:
        super().__init__()
        self._session, self._submit = session, submit
        self.name, self.method = QLineEdit(), QComboBox()
        self.keep, self.train = QPushButton("&Keep as user"), QPushButton("Trai&n on it")
        self.name.setAccessibleName("Name of the new user")
        self.name.setFixedWidth(110)
        for method, words in KEEP_BY.items():
            self.method.addItem(words, method)
        self.method.setAccessibleName("Whose vector the kept user gets")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addStretch(1)
        row.addWidget(QLabel("Name"))
        for part, tip in ((self.name, "name"), (self.method, "keep_by"), (self.keep, "keep"), (self.train, "train")):
            part.setToolTip(TIPS[tip])
            row.addWidget(part)
        self.keep.clicked.connect(lambda: self.keep_wanted.emit(False))
        self.train.clicked.connect(lambda: self.keep_wanted.emit(True))

    def show_ratings(self, ratings: Ratings) -> None:
        """Propose a name that nobody of this table has."""
        self.name.setPlaceholderText(free_id(ratings.user_ids))

    def make(self, given: Mapping[str, float], average: int | None, facts: str = "") -> bool:
        """Make a row of ratings by movie id; False, with a word, where that was refused.

        ``average`` is the index of the user whose taste stands for the average; ``facts`` are known of the new one.
        """
        session, method = self._session, str(self.method.currentData())
        places = indices_of(session.ratings.movie_ids, list(given)).tolist()
        ratings = dict(zip(places, given.values(), strict=True))
        vectors = self._vectors(average) if method == "average" and average is not None else {}
        if not self._submit(AddUser(self.name.text(), ratings, vectors, method, facts)):
            return False
        raw_id, n = session.ratings.user_ids[-1], len(ratings)
        words = f"User {raw_id} stands at the end of every sheet, with {n} rating{'' if n == 1 else 's'}"
        self.said.emit(f"{words}, {KEEP_BY[method]}. Undo takes the row away.", False)
        self.name.clear()
        return True

    def _vectors(self, row: int) -> dict[str, Floats]:
        """The weights of a user on every sheet; those of the mean and of fold-in the edit works out by itself."""
        return {name: row_of_side(sheet.factors, "user", row) for name, sheet in self._session.state.sheets.items()}

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        for field in (self.name, self.method):
            field.setPalette(field_palette(theme))

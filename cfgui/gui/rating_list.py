"""RatingList: ratings of movies as a person types them one after another, pastes or removes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cfgui.app.finding import Finder
from cfgui.app.number_columns import Column
from cfgui.app.typed_ratings import read_ratings
from cfgui.core.ratings import Ratings
from cfgui.gui.number_table import NumberTable
from cfgui.gui.subject_picker import SubjectPicker
from cfgui.gui.theme import Theme, field_palette

HINT = "Type a movie, Enter, its rating, Enter. Or paste lines such as “Fargo (1996), 4.5”."


class RatingField(QDoubleSpinBox):
    """A rating on the table's own scale; a decimal comma is a point. ``entered`` follows Enter."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setDecimals(2)
        self.setSingleStep(0.5)
        self.setAccessibleName("Rating of the movie")
        self.lineEdit().returnPressed.connect(self.entered)

    def textFromValue(self, value: float) -> str:
        """4.5, 4."""
        return f"{value:g}"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a comma for a point."""
        if event.text() == ",":
            event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Period, Qt.KeyboardModifier.NoModifier, ".")
        super().keyPressEvent(event)


class RatingList(QWidget):
    """``changed`` follows each rating the person gave or took away; ``said`` (sentence, is a problem) speaks."""

    changed = Signal()
    said = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._ratings: Ratings | None = None
        self._finder: Finder | None = None
        self.given: dict[str, float] = {}
        """By movie id, in the order given."""
        self.picker, self.rating = SubjectPicker("movie"), RatingField()
        self.add_button, self.paste_button = QPushButton("&Add"), QPushButton("&Paste")
        self.remove_button, self.clear_button = QPushButton("&Remove"), QPushButton("C&lear")
        self.table = NumberTable(name="Ratings of the new user")
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        self.picker.setToolTip(HINT)
        self.rating.setToolTip("The rating, in steps of a half with Up and Down. Enter adds it to the list.")
        self.table.setToolTip(HINT + " Del removes the selected ones.")
        for button, tip in (
            (self.add_button, "Add this rating.  (Alt+A)"),
            (self.paste_button, "Paste lines of a movie and a rating, from a spreadsheet or a text.  (Alt+P, Ctrl+V)"),
            (self.remove_button, "Remove the selected ratings.  (Del)"),
            (self.clear_button, "Remove all ratings from this list.  (Alt+L)"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(False)
        self.rating.setFixedWidth(self.rating.fontMetrics().horizontalAdvance("88.88") + 34)
        entry, buttons = QHBoxLayout(), QHBoxLayout()
        for row, parts in (
            (entry, (self.picker, self.rating, self.add_button)),
            (buttons, (self.paste_button, self.remove_button, self.clear_button)),
        ):
            row.setSpacing(4)
            for part in parts:
                row.addWidget(part)
        entry.setStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(entry)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        self.setFocusProxy(self.picker)

    def _connect(self) -> None:
        self.picker.chosen.connect(self._to_rating)
        self.rating.entered.connect(self._add)
        self.add_button.clicked.connect(self._add)
        self.paste_button.clicked.connect(self.paste)
        self.remove_button.clicked.connect(self.remove_selected)
        self.clear_button.clicked.connect(self.clear)
        self.table.row_activated.connect(self._edit_row)
        self.table.said.connect(self.said)
        self.table.installEventFilter(self)

    def show_ratings(self, ratings: Ratings, finder: Callable[[], Finder]) -> None:
        """Rate the movies of this table; ``finder`` makes one where a paste needs it."""
        if self._ratings is not None and ratings.movie_ids is self._ratings.movie_ids:
            self._ratings = ratings
            return
        self._ratings, self._make_finder, self._finder = ratings, finder, None
        self.picker.show_ratings(ratings)
        low, high = ratings.scale
        self.rating.setRange(min(low, 0.0), max(high, 1.0))
        self.rating.setValue(high)
        gone = [raw_id for raw_id in self.given if raw_id not in set(ratings.movie_ids)] if self.given else []
        for raw_id in gone:
            del self.given[raw_id]
        self._show()

    def give(self, raw_id: str, value: float) -> None:
        """Rate a movie; the newest rating stands last."""
        self.given.pop(raw_id, None)
        self.given[raw_id] = value
        self._tell()

    def take(self, ratings: Mapping[str, float]) -> None:
        """Rate some movies."""
        for raw_id, value in ratings.items():
            self.given.pop(raw_id, None)
            self.given[raw_id] = value
        self._tell()

    def clear(self) -> None:
        """Remove all."""
        self.given = {}
        self._tell()

    def paste(self) -> None:
        """Take what is on the clipboard."""
        if self._ratings is None:
            return
        self._finder = self._finder or self._make_finder()
        typed = read_ratings(QGuiApplication.clipboard().text(), self._ratings, self._finder)
        if not (typed.found or typed.unknown or typed.unread):
            self.said.emit("The clipboard holds no lines: copy some of a movie and a rating first.", True)
            return
        self.said.emit(typed.sentence, not typed.found)
        if typed.found:
            self.take(typed.found)

    def remove_selected(self) -> None:
        """Take the selected ratings away."""
        movies = list(self.given)
        rows = self.table.selected_rows()
        if not rows:
            self.said.emit("Select a rating in the list first.", True)
            return
        for row in rows:
            del self.given[movies[row]]
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Del and Ctrl+V in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Delete:
                self.remove_selected()
                return True
            if event.matches(QKeySequence.StandardKey.Paste):
                self.paste()
                return True
        return super().eventFilter(watched, event)

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.rating.setPalette(field_palette(theme))
        self.picker.edit.setPalette(field_palette(theme))

    def finish(self) -> None:
        """Before the window closes."""
        self.picker.finish()

    # Inside

    def _to_rating(self) -> None:
        self.rating.setFocus(Qt.FocusReason.OtherFocusReason)
        self.rating.selectAll()

    def _add(self) -> None:
        raw_id = self.picker.raw_id
        if not raw_id:
            self.said.emit("Choose a movie first: type its title or id and press Enter.", True)
            self.picker.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.rating.interpretText()
        self.picker.show_id("")
        self.picker.setFocus(Qt.FocusReason.OtherFocusReason)
        self.give(raw_id, self.rating.value())

    def _edit_row(self, row: int) -> None:
        raw_id = list(self.given)[row]
        self.picker.show_id(raw_id)
        self.rating.setValue(self.given[raw_id])
        self._to_rating()

    def _tell(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        titles = {} if self._ratings is None else self._ratings.titles
        names = [titles.get(raw_id, f"movie {raw_id}") for raw_id in self.given]
        self.table.show_columns(
            [
                Column("movie", names, None, "The movie that is rated.", wide=True),
                Column("rating", np.array([*self.given.values()]), 1, "Its rating. Double-click to change it."),
            ]
        )
        for button in (self.remove_button, self.clear_button):
            button.setEnabled(bool(self.given))

"""GenreButton: a button with a menu in which genres are asked for or ruled out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

TIP = "Only movies of one of the genres ticked, and of none ruled out. Nothing ticked: every genre.  (Alt+Shift+G)"


class GenreButton(QToolButton):
    """``chosen`` follows each tick of the person."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wanted: list[QAction] = []
        self._unwanted: list[QAction] = []
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAccessibleName("Genres")
        self.setToolTip(TIP)
        self.show_genres(())

    @property
    def wanted(self) -> tuple[str, ...]:
        """The genres asked for."""
        return tuple(action.data() for action in self._wanted if action.isChecked())

    @property
    def unwanted(self) -> tuple[str, ...]:
        """The genres ruled out."""
        return tuple(action.data() for action in self._unwanted if action.isChecked())

    def show_genres(self, genres: Sequence[str]) -> None:
        """Offer these; what is ticked stays so where it is still there."""
        if [action.data() for action in self._wanted] == list(genres) and genres:
            return
        wanted, unwanted = self.wanted, self.unwanted
        self._menu.clear()
        self._wanted = [self._tick(self._menu, genre, genre in wanted) for genre in genres]
        self._menu.addSeparator()
        ruled_out = self._menu.addMenu("&Not")
        ruled_out.setToolTipsVisible(True)
        self._unwanted = [self._tick(ruled_out, genre, genre in unwanted) for genre in genres]
        self._menu.addAction("&Every genre", self.clear)
        self.setEnabled(bool(genres))
        self.setToolTip(TIP if genres else "No genre of any movie is known: open a table with a file of movies.")
        self._show_choice()

    def clear(self) -> None:
        """Take all ticks away."""
        for action in (*self._wanted, *self._unwanted):
            action.setChecked(False)
        self._changed()

    def _tick(self, menu: QMenu, genre: str, checked: bool) -> QAction:
        action = menu.addAction(genre.replace("&", "&&"))
        action.setData(genre)
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(self._changed)
        return action

    def _changed(self) -> None:
        self._show_choice()
        self.chosen.emit()

    def _show_choice(self) -> None:
        wanted, unwanted = self.wanted, self.unwanted
        words = wanted[0] if len(wanted) == 1 else f"{len(wanted)} genres" if wanted else "All genres"
        words += f", not {unwanted[0] if len(unwanted) == 1 else len(unwanted)}" if unwanted else ""
        self.setText(words.replace("&", "&&"))

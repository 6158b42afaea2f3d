"""SubjectPicker: a line to type a user or a movie in, by id or title, with those that fit offered below."""

from __future__ import annotations

from itertools import islice

from PySide6.QtCore import QStringListModel, Signal
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QWidget

from cfgui.core.one_side import SideName
from cfgui.core.ratings import Ratings
from cfgui.gui.finder_index import FinderIndex

MOST_OFFERED = 30
"""Users or movies offered at once."""

HINTS: dict[SideName, tuple[str, str]] = {
    "user": ("user id", "A user by id. Enter takes the first that fits."),
    "movie": ("movie id or title", "A movie by its id, or by words of its title. Enter takes the first that fits."),
}


class SubjectPicker(QWidget):
    """Picks one user or one movie; ``chosen`` (raw id) follows when the person chose another, never ``show_id``."""

    chosen = Signal(str)

    def __init__(self, side: SideName, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ratings: Ratings | None = None
        self._shown_id = ""
        self._offers: list[int] = []
        self._index = FinderIndex(self)
        self._index.ready.connect(self._offer)
        self.edit = QLineEdit()
        self.edit.setClearButtonEnabled(True)
        self.edit.setMinimumWidth(110)
        self._words = QStringListModel(self)
        self._completer = QCompleter(self._words, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(12)
        self.edit.setCompleter(self._completer)
        popup = self._completer.popup()
        assert popup is not None
        self._popup = popup
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.set_side(side)
        self.edit.textEdited.connect(self._offer)
        self.edit.returnPressed.connect(self._take_first)
        self.edit.editingFinished.connect(self._put_back)
        self._completer.activated.connect(self._take_words)

    @property
    def side(self) -> SideName:
        """Whom it picks among: "user" or "movie"."""
        return self._side

    def set_side(self, side: SideName) -> None:
        """Pick among users or among movies from now on."""
        self._side: SideName = side
        hint, tip = HINTS[side]
        self.edit.setPlaceholderText(hint)
        self.edit.setToolTip(tip)
        self.edit.setAccessibleName(f"Choose a {side}: {hint}")
        self.show_id("")

    def show_ratings(self, ratings: Ratings) -> None:
        """Pick among these users and movies; costs nothing before somebody types."""
        self._ratings = ratings

    @property
    def raw_id(self) -> str:
        """The id of whoever is shown; "" for nobody."""
        return self._shown_id

    def show_id(self, raw_id: str) -> None:
        """Show somebody as if chosen, without a signal; nobody with ""."""
        self._shown_id = raw_id
        self.edit.setText(self._words_of(raw_id))
        self.edit.setCursorPosition(0)

    def finish(self) -> None:
        """Before the window closes: wait for an index in the making."""
        self.edit.blockSignals(True)  # a line that loses the keyboard while it is taken apart speaks for the last time
        self._index.finish()

    def _ids(self) -> tuple[str, ...]:
        if self._ratings is None:
            return ()
        return self._ratings.user_ids if self._side == "user" else self._ratings.movie_ids

    def _words_of(self, raw_id: str) -> str:
        title = self._ratings.titles.get(raw_id, "") if self._ratings is not None and self._side == "movie" else ""
        return f"{raw_id} · {title}" if title else raw_id

    def _find(self, text: str) -> list[int]:
        """Whose id or title fits, whole ids first; indices."""
        ratings = self._ratings
        if ratings is None or not text.strip() or not self._index.prepare(ratings):
            return []
        found = [match.index for match in self._index.finder(ratings).find(text) if match.side == self._side]
        start = text.strip().casefold()
        ids = (index for index, id_ in enumerate(self._ids()) if id_.casefold().startswith(start))
        return list(dict.fromkeys([*found[:MOST_OFFERED], *islice(ids, MOST_OFFERED)]))[:MOST_OFFERED]

    def _offer(self) -> None:
        """Show below the line who fits what is typed."""
        if not self.edit.hasFocus() and self.sender() is self._index:
            return
        self._offers = self._find(self.edit.text())
        self._words.setStringList([self._words_of(self._ids()[index]) for index in self._offers])
        if self._offers:
            self._completer.complete()
        else:
            self._popup.hide()

    def _take_first(self) -> None:
        if self.edit.text() != self._words_of(self._shown_id):
            offers = self._find(self.edit.text())
            if offers:
                self._take(offers[0])

    def _take_words(self, words: str) -> None:
        offered = self._words.stringList()
        if words in offered:
            self._take(self._offers[offered.index(words)])

    def _take(self, index: int) -> None:
        self._popup.hide()
        raw_id, before = self._ids()[index], self._shown_id
        self.show_id(raw_id)
        self.edit.selectAll()
        if raw_id != before:  # Enter in the list may come twice: from the list, and from the line
            self.chosen.emit(raw_id)

    def _put_back(self) -> None:
        """Show again who is chosen, where what was typed chose nobody."""
        if not self._popup.isVisible() and not self.edit.hasFocus():
            self.show_id(self._shown_id)

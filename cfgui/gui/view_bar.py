"""The view bar: which users and movies of a large table the sheets show, in which order, and which ratings train."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from cfgui.app.session import Session
from cfgui.app.words import counted
from cfgui.core.view import DEFAULT_SIZE, ORDERS, ViewChoice
from cfgui.gui.letters import tip_without_letter, without_letter
from cfgui.gui.small_parts import Field, caption, fill_row, flat_button, let_wheel_pass, plain_spin
from cfgui.gui.theme import Theme, field_palette, tick_palette

TIE_RULE = "Of users or movies with equally many ratings, the one with the smaller id is taken."
TIPS = {
    "users": "How many users are shown: those with the most ratings. " + TIE_RULE + "  (Alt+W)",
    "movies": "How many movies are shown: those with the most ratings. " + TIE_RULE,
    "user_order": "In which order the users stand: ids upwards, of everything else the largest first. An order by bias"
    " is that of the bias sheet at this moment; choose it again to sort anew.  (Alt+U)",
    "movie_order": "In which order the movies stand: ids upwards, of everything else the largest first. An order by"
    " bias is that of the bias sheet at this moment; choose it again to sort anew.  (Alt+M)",
    "all": "Every step learns from every rating, also from those of users and movies that are not shown.  (Alt+L)",
    "shown": "Every step learns only from the ratings shown, as if there were no others; the weights of hidden users"
    " and movies stay as they are.  (Alt+N)",
}
SHRINKING = 110
"""What the two fields of orders give away, in pixels, before words do."""


class ViewBar(QFrame):
    """``chosen`` (ViewChoice) follows each choice of a part by the person, ``scope_chosen`` (bool) that of what trains.

    Hidden where all there is fits a sheet of the workbook's size.
    """

    chosen = Signal(object)
    scope_chosen = Signal(bool)
    top_requested = Signal()
    all_requested = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._filling = False
        self._taken: frozenset[str] = frozenset()
        self._labels: list[tuple[QLabel, str, str]] = []
        self.n_users, self.n_movies = self._size("users"), self._size("movies")
        self.user_order, self.movie_order = self._order("user_order"), self._order("movie_order")
        self.top = self._button(
            f"{DEFAULT_SIZE} × {DEFAULT_SIZE}", "The workbook's size (Ctrl+Shift+T)", self.top_requested.emit
        )
        self.everything = self._button("All", "All users and all movies (Ctrl+Shift+A)", self.all_requested.emit)
        self.trains_all, self.trains_shown = self._radio("all"), self._radio("shown")
        self._radios = QButtonGroup(self)
        for radio in (self.trains_all, self.trains_shown):
            self._radios.addButton(radio)
        self.trains_shown.toggled.connect(self._scope_toggled)
        self._users_word, self._movies_word = QLabel(), QLabel()
        self._scope_words = "a&ll", "show&n"
        self._lay_out()
        self._choose_words()
        self.hide()

    # Building

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 1, 6, 1)
        row.setSpacing(4)
        parts: tuple[QWidget | int, ...] = (
            *(self._label("Sho&w", self.n_users, "users"), self.n_users, self._users_word),
            *(self.n_movies, self._movies_word, self.top, self.everything, 14),
            *(self._label("&Users by", self.user_order, "user_order"), self.user_order, 6),
            *(self._label("&movies by", self.movie_order, "movie_order"), self.movie_order, 14),
            *(QLabel("Train on"), self.trains_all, self.trains_shown),
        )
        fill_row(row, parts)
        row.addStretch(1)
        self.setAccessibleName("What is shown of the ratings")

    def _size(self, side: str) -> QSpinBox:
        spin = plain_spin(1)
        spin.setAccessibleName(f"How many {side} are shown")
        spin.valueChanged.connect(self._choose)
        return self._prepared(spin, side)

    def _order(self, side: str) -> QComboBox:
        combo = QComboBox()
        for name, words in ORDERS.items():
            combo.addItem(words, name)
        combo.setAccessibleName(f"Order of the {side.split('_', maxsplit=1)[0]}s")
        combo.setMinimumWidth(48)
        combo.activated.connect(self._choose)
        return self._prepared(combo, side)

    def _prepared(self, field: Field, tip: str) -> Field:
        field.setToolTip(TIPS[tip])
        return let_wheel_pass(field)

    def _label(self, words: str, field: QWidget, tip: str) -> QLabel:
        label = caption(words, field)
        self._labels.append((label, words, tip))
        return label

    @staticmethod
    def _button(words: str, tip: str, act: Callable[[], object]) -> QToolButton:
        button = flat_button(words, tip)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(act)
        return button

    @staticmethod
    def _radio(scope: str) -> QRadioButton:
        radio = QRadioButton()
        radio.setToolTip(TIPS[scope])
        radio.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)  # the orders yield first
        return radio

    # What is shown

    def show_view(self) -> None:
        """Put what the session shows into the fields; hide where there is nothing to choose."""
        session, choice = self._session, self._session.view_choice
        ratings, view = session.ratings, session.view
        self._filling = True
        for spin, n_shown, n_all in (
            (self.n_users, len(view.users), ratings.n_users),
            (self.n_movies, len(view.movies), ratings.n_movies),
        ):
            spin.setMaximum(max(n_all, 1))
            spin.setValue(n_shown)
            spin.setFixedWidth(spin.fontMetrics().horizontalAdvance(f"{n_all:,}8") + 14)
        for combo, order in ((self.user_order, choice.user_order), (self.movie_order, choice.movie_order)):
            combo.setCurrentIndex(combo.findData(order))
        self.everything.setChecked(view.is_whole)
        size = tuple(min(DEFAULT_SIZE, n) for n in (ratings.n_users, ratings.n_movies))
        self.top.setChecked((len(view.users), len(view.movies)) == size)
        self._show_scope()
        self._filling = False
        self._choose_words()
        self.setVisible(max(ratings.n_users, ratings.n_movies) > DEFAULT_SIZE)

    def _show_scope(self) -> None:
        session = self._session
        whole = session.view.is_whole
        self._scope_words = (
            f"a&ll {counted(session.ratings.n_ratings, 'rating')}",
            "those show&n" if whole else f"the {session.visible.n_ratings:,} show&n",
        )
        self.trains_shown.setEnabled(not whole)
        (self.trains_shown if session.trains_visible and not whole else self.trains_all).setChecked(True)

    def _choose_words(self) -> None:
        """Say the most there is room for: how users and movies are chosen, or only that they are, or hardly any."""
        short = ("users ×", "movies")
        for shown, trains in (
            (("most active users ×", "most rated movies"), self._scope_words),
            (short, self._scope_words),
            (short, ("a&ll", "show&n")),
            (("×", ""), ("a&ll", "show&n")),
        ):
            self._users_word.setText(shown[0])
            self._movies_word.setText(shown[1])
            self.trains_all.setText(without_letter(trains[0], self._taken))
            self.trains_shown.setText(without_letter(trains[1], self._taken))
            yields = 0 if shown is not short else SHRINKING
            if self.sizeHint().width() - yields <= self.width():
                break

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other words for another width."""
        super().resizeEvent(event)
        self._choose_words()

    def minimumSizeHint(self) -> QSize:
        """No width of its own: the bar never makes the window wider."""
        return QSize(0, super().minimumSizeHint().height())

    def open_order(self, side: str) -> None:
        """Let the person choose an order of "users" or "movies" by keyboard."""
        combo = self.user_order if side == "users" else self.movie_order
        combo.setFocus(Qt.FocusReason.ShortcutFocusReason)
        combo.showPopup()

    def show_letters(self, taken: frozenset[str]) -> None:
        """Leave these letters to the page on screen."""
        self._taken = taken
        for label, words, tip in self._labels:
            label.setText(without_letter(words, taken))
            for part in (label, label.buddy()):
                part.setToolTip(tip_without_letter(TIPS[tip], taken))
        for radio, scope in ((self.trains_all, "all"), (self.trains_shown, "shown")):
            radio.setToolTip(tip_without_letter(TIPS[scope], taken))
        self._choose_words()

    def apply_theme(self, theme: Theme) -> None:
        """Let the fields stand out from the bar, in the dark too."""
        for field in (self.n_users, self.n_movies, self.user_order, self.movie_order):
            field.setPalette(field_palette(theme))
        for radio in (self.trains_all, self.trains_shown):
            radio.setPalette(tick_palette(theme))

    # What the person chooses

    def _choose(self) -> None:
        if self._filling:
            return
        n_users, n_movies = (
            None if spin.value() == spin.maximum() else spin.value() for spin in (self.n_users, self.n_movies)
        )
        self.chosen.emit(ViewChoice(n_users, n_movies, self.user_order.currentData(), self.movie_order.currentData()))

    def _scope_toggled(self, shown: bool) -> None:
        if not self._filling:
            self.scope_chosen.emit(shown)

"""Bias against mean: a point for each movie or user, those named whose bias and mean differ most."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cfgui.app.standings_report import (
    LESSON,
    correlation_words,
    departure_words,
    heading_words,
    no_bias_words,
    standing_at,
)
from cfgui.app.words import counted
from cfgui.core.standings import Standings
from cfgui.gui import bias_plot
from cfgui.gui.bias_plot import BiasPlot, Names
from cfgui.gui.elided_label import ElidedLabel
from cfgui.gui.icons import icon
from cfgui.gui.small_parts import action_button
from cfgui.gui.theme import Theme, current_theme

N_NAMED = 14
"""Names asked for; those find room that do not collide."""

KEYS_TIP = (
    "Click a point to choose it. With the keyboard: the arrow keys go through the named ones, Escape chooses none."
    " Wheel and drag zoom and move, a double click fits again."
)


class BiasScatter(QWidget):
    """The plot under its rank correlation, above what is said of one; ``selected`` (index) when a person picks one.

    A click picks the point or name below it. With the keyboard focus, the arrow keys go through the named ones, Home
    and End to the farthest and the last, Enter picks again, Escape none. Wheel and drag zoom and move; a double click
    or ``fit_action`` fits again.
    """

    selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Standings | None = None
        self._names: Names = str
        self._fitted = True
        self.named: tuple[int, ...] = ()
        self.current: int | None = None
        self.plot = BiasPlot(self)
        self.plot.getViewBox().sigRangeChangedManually.connect(self._zoomed)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.plot.viewport().installEventFilter(self)
        self._lay_out()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Bias against mean")
        self.apply_theme(current_theme())
        self._refresh()

    def _lay_out(self) -> None:
        self.fit_action = QAction("Fit", self)
        self.fit_action.setToolTip("Fit the axes to all points again (double click).")
        self.fit_action.triggered.connect(self.fit)
        self._title, self._reading = ElidedLabel("Bias against mean", self), QLabel(self)
        self._reading.setWordWrap(True)
        self._reading.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 2)  # so that the plot keeps its size
        self._reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._hint = QLabel(no_bias_words(), self.plot)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        QVBoxLayout(self.plot).addWidget(self._hint)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.setContentsMargins(6, 0, 2, 0)
        top.setSpacing(1)
        top.addWidget(self._title, 1)
        top.addWidget(action_button(self.fit_action, self))
        bottom.setContentsMargins(6, 0, 6, 2)
        bottom.addWidget(self._reading)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.plot, 1)
        column.addLayout(bottom)

    # What the page calls

    def show_standings(self, found: Standings, names: Names) -> None:
        """Draw these; ``names(index)`` is what to call one. Whoever is selected stays so while the side is the same."""
        if self._found is not None and (self._found.side, self._found.n) != (found.side, found.n):
            self.current, self._fitted = None, True
        self._found, self._names = found, names
        self.named = tuple(found.farthest(N_NAMED).tolist())
        self._refresh()

    def show_selected(self, index: int | None) -> None:
        """Mark this one, without a signal; None marks none."""
        known = self._found is not None and index is not None and 0 <= index < self._found.n
        self.current = index if known else None
        self._mark()

    def fit(self) -> None:
        """Fit the axes to all points and keep them fitted."""
        self._fitted = True
        self.plot.fit()
        self.fit_action.setEnabled(False)

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of this look."""
        for part in (self.plot, self._title):
            part.apply_theme(theme)
        for label in (self._hint, self._reading):
            label.setStyleSheet(f"color: {theme.muted.name()}")
        self.fit_action.setIcon(icon("fit"))

    @property
    def reading(self) -> str:
        """What the line below says."""
        return self._reading.text()

    @property
    def heading(self) -> str:
        """What the line above says after its title: the rank correlation."""
        return self._title.rest

    # Inside

    def _refresh(self) -> None:
        found = self._found
        self._hint.setVisible(found is not None and found.bias is None)
        self.plot.show_points(found, self.named, self._names)
        if self._fitted:
            self.plot.fit()
        self._title.set_rest("" if found is None else heading_words(found))
        self._title.setToolTip("" if found is None else f"{correlation_words(found)} {LESSON[found.side]}\n{KEYS_TIP}")
        self.fit_action.setEnabled(not self._fitted)
        self._mark()

    def _mark(self) -> None:
        self.plot.mark(self.current)
        self._say(self.current)
        self.setAccessibleDescription(self._description())

    def _say(self, index: int | None) -> None:
        found = self._found
        if found is None or found.bias is None:
            words = ""
        elif index is not None:
            words = self._words_of(index)
        else:
            words = "Named: farthest from the dashed line, the bias a mean lets expect"
            if found.min_ratings > 1:
                words += f", of those with {counted(found.min_ratings, 'rating')} or more; the others are grey"
            if self.plot.n_drawn == bias_plot.MOST_DRAWN:
                words += f". Drawn: the {self.plot.n_drawn:,} with the most ratings"
        self._reading.setText(words)

    def _words_of(self, index: int) -> str:
        assert self._found is not None
        return departure_words(standing_at(self._found, index, self._names(index)))

    def _description(self) -> str:
        if self._found is None:
            return ""
        parts = [correlation_words(self._found)]
        if self.current is not None and self._found.bias is not None:
            parts.append(f"Selected: {self._words_of(self.current)}.")
        if self.named:
            parts.append(f"They differ most for {'; '.join(map(self._words_of, self.named))}.")
        return " ".join(parts)

    # The mouse and the keyboard

    def _mouse_moved(self, position: QPointF) -> None:
        index = self.plot.index_at(position)
        self._say(self.current if index is None else index)

    def _clicked(self, event: object) -> None:
        if event.double():  # type: ignore[attr-defined]  # of pyqtgraph, which has no types
            self.fit()
            return
        self.setFocus()
        index = self.plot.index_at(event.scenePos())  # type: ignore[attr-defined]
        if index is not None:
            self._choose(index)

    def _choose(self, index: int) -> None:
        self.show_selected(index)
        self.selected.emit(index)

    def _zoomed(self, *_: object) -> None:
        self._fitted = False
        self.fit_action.setEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the named ones."""
        key, last = Qt.Key(event.key()), len(self.named) - 1
        now = self.named.index(self.current) if self.current in self.named else -1
        after, before = min(now + 1, last), max(now - 1, 0)
        keys = {
            Qt.Key.Key_Right: after,
            Qt.Key.Key_Down: after,
            Qt.Key.Key_Left: before,
            Qt.Key.Key_Up: before,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if self.named and key in keys:
            self._choose(self.named[keys[key]])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self._choose(self.current)
        elif key == Qt.Key.Key_Escape and self.current is not None:
            self.show_selected(None)
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Words go back to the one selected when the mouse leaves."""
        if event.type() == QEvent.Type.Leave:
            self._say(self.current)
        return super().eventFilter(watched, event)

"""QuestionPanel: asks about one movie after another, with a button for each rating and one for "don't know"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cfgui.core.ratings import Floats

MOST_LEVELS = 11
"""Ratings that have a button each; of finer scales evenly spread ones have."""

IN_A_ROW = 6
KEYS = "1234567890-"
"""The key of each button from the left, on a scale that is not of whole and half stars."""

HALF = ".,"
"""Either of these before a digit makes half a star more of it."""


def rating_steps(levels: Floats) -> list[float]:
    """The ratings to choose among: all there are, or about ten whole steps of a finer scale."""
    if len(levels) <= MOST_LEVELS:
        return [float(level) for level in levels]
    low, high = float(levels[0]), float(levels[-1])
    return [round(low + (high - low) * place / (MOST_LEVELS - 1), 2) for place in range(MOST_LEVELS)]


def keys_of(steps: Sequence[float]) -> list[str]:
    """What is typed for each rating: its digit, with a point before it for half a star more; else KEYS in turn.

    Ten is 0, or where that is a rating, the minus sign.
    """
    if all(0 <= step <= 10 and step * 2 == round(step * 2) for step in steps):
        ten = "-" if 0.0 in steps else "0"
        return [ten if step == 10 else f"{'' if step == int(step) else HALF[0]}{int(step)}" for step in steps]
    return list(KEYS[: len(steps)])


class QuestionPanel(QWidget):
    """``answered`` (rating) and ``unknown`` follow the buttons or their keys."""

    answered = Signal(float)
    unknown = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title, self.why, self.keys = QLabel(), QLabel(), QLabel()
        self.buttons: list[QPushButton] = []
        self.unknown_button = QPushButton("&Don't know it")
        self.unknown_button.setToolTip("Ask about another movie.  (D or Space)")
        self.unknown_button.clicked.connect(self.unknown)
        self._grid = QGridLayout()
        self._grid.setSpacing(3)
        self._steps: list[float] = []
        self._keys: list[str] = []
        self._half = ""  # a point that was typed, and waits for its digit
        bold = QFont(self.title.font())
        bold.setBold(True)
        self.title.setFont(bold)
        for label in (self.title, self.why):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.title)
        column.addWidget(self.why)
        column.addLayout(self._grid)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Questionnaire")

    def show_question(self, title: str, why: str, steps: Sequence[float]) -> None:
        """Ask about a movie; without a title there is none left to ask about."""
        self._half = ""
        self.title.setText(f"How do you rate {title}?" if title else "There is no movie left to ask about.")
        self.why.setText(why)
        if list(steps) != self._steps:
            self._make_buttons(list(steps))
        for button in (*self.buttons, self.unknown_button):
            button.setEnabled(bool(title))
        self.setAccessibleDescription(f"{self.title.text()} {why}")

    def _make_buttons(self, steps: list[float]) -> None:
        for button in self.buttons:
            self._grid.removeWidget(button)
            button.deleteLater()
        self._steps, self._keys, self.buttons = steps, keys_of(steps), []
        for place, (step, key) in enumerate(zip(steps, self._keys, strict=True)):
            button = QPushButton(f"{step:g}")
            button.setMinimumWidth(34)
            button.setToolTip(f"Rate it {step:g}.  ({'key' if len(key) == 1 else 'keys'} {' '.join(key)})")
            button.setAccessibleName(f"Rate it {step:g}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(partial(self.answered.emit, step))
            self.buttons.append(button)
            self._grid.addWidget(button, place // IN_A_ROW, place % IN_A_ROW)
        rows = (len(self.buttons) - 1) // IN_A_ROW + 1
        self._grid.addWidget(self.unknown_button, rows, 0, 1, IN_A_ROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit gives that rating, after a point half a star more; D or the space bar does not know."""
        text = event.text()
        if not text:  # a modifier alone
            super().keyPressEvent(event)
            return
        if text in HALF and any(len(key) > 1 for key in self._keys):
            self._half = HALF[0]
            return
        typed, self._half = self._half + text, ""
        if typed in self._keys and self.buttons[self._keys.index(typed)].isEnabled():
            self.buttons[self._keys.index(typed)].click()
        elif text.lower() in ("d", " ") and self.unknown_button.isEnabled():
            self.unknown_button.click()
        else:
            super().keyPressEvent(event)

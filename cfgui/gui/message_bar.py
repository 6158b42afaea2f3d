"""One plain sentence above the sheet, which blocks nothing and goes away by itself or by a click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton

from cfgui.gui.theme import Theme

SECONDS = 12


class MessageBar(QFrame):
    """Shows the newest sentence only. Problems stay until closed; what went well leaves after a while."""

    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        close = QToolButton()
        close.setText("×")
        close.setToolTip("Close this message (Esc)")
        close.setAutoRaise(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 6, 4)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        row.addWidget(close)
        close.clicked.connect(self.hide)
        self.button.clicked.connect(self._pressed)
        self._action: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._is_problem = False
        self.hide()

    def say(
        self, text: str, *, problem: bool = False, button: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Show ``text``; a ``button`` offers an ``action``."""
        self.label.setText(text)
        self.setAccessibleName(text)
        self._action, self._is_problem = action, problem
        self.button.setVisible(bool(button))
        self.button.setText(button)
        self.setProperty("problem", problem)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
        self._timer.stop()
        if not problem and not button:
            self._timer.start(SECONDS * 1000)

    def offer(self, text: str, button: str, action: Callable[[], object]) -> None:
        """Show ``text`` with a button that does something about it."""
        self.say(text, button=button, action=action)

    def _pressed(self) -> None:
        self.hide()
        if self._action is not None:
            self._action()

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.setStyleSheet(
            f"MessageBar {{ background: {theme.selection.name()}; border-bottom: 1px solid {theme.grid.name()}; }}"
            f'MessageBar[problem="true"] {{ border-left: 4px solid {theme.error.name()};'
            f" background: {theme.header.name()}; }}"
        )

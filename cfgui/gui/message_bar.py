"""One plain sentence beside the tabs, which blocks nothing and goes away by itself or by a click."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton

from cfgui.gui.theme import Theme

SECONDS = 12

Offers = Sequence[tuple[str, Callable[[], object]]]
"""Buttons: the words on each, and what pressing it does."""


class MessageBar(QFrame):
    """Shows the newest sentence only. Problems stay until closed; what went well leaves after a while."""

    def __init__(self) -> None:
        super().__init__()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setMinimumWidth(40)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._buttons: list[QPushButton] = []
        self._sheet_offer = ""
        close = QToolButton()
        close.setText("×")
        close.setToolTip("Close this message (Esc)")
        close.setAutoRaise(True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 2, 0)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(close)
        close.clicked.connect(self.hide)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The buttons of what is offered now."""
        return tuple(self._buttons)

    def say(self, text: str, problem: bool = False, *, offers: Offers = ()) -> None:
        """Show ``text``, with a button for each of ``offers`` (its words, what it does)."""
        self.label.setText(text)
        self.label.setToolTip(text)
        self.setAccessibleName(text)
        self._replace_buttons(offers)
        self.setProperty("problem", problem)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
        self._timer.stop()
        if not problem and not offers:
            self._timer.start(SECONDS * 1000)

    def complain(self, text: str) -> None:
        """Show a problem, until the person closes it."""
        self.say(text, problem=True)

    def offer(self, text: str, offers: Offers) -> None:
        """Show ``text`` with buttons that do something about it."""
        self.say(text, offers=offers)

    def offer_for_sheet(self, text: str, offers: Offers) -> None:
        """Offer something that holds for the sheet on screen, and for no other."""
        self._sheet_offer = text
        self.offer(text, offers)

    def leave_sheet(self) -> None:
        """Another sheet comes: take back what was offered for the one before, or its buttons would act on this one."""
        if self.label.text() == self._sheet_offer:
            self.withdraw()

    def withdraw(self) -> None:
        """Take back what was said or offered: something else has begun, and it may no longer hold. Problems stay."""
        if not self.property("problem"):
            self.hide()

    def _replace_buttons(self, offers: Offers) -> None:
        for button in self._buttons:
            button.hide()  # now: what is deleted later stays until the innermost event loop ends
            button.deleteLater()
        self._buttons = [self._button(words, act) for words, act in offers]
        for place, button in enumerate(self._buttons, 1):
            self._row.insertWidget(place, button)

    def _button(self, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMaximumHeight(self.fontMetrics().height() + 8)

        def pressed() -> None:
            self.hide()
            act()

        button.clicked.connect(pressed)
        return button

    def apply_theme(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.setStyleSheet(
            f"MessageBar {{ background: {theme.selection.name()}; border-radius: 3px; }}"
            f'MessageBar[problem="true"] {{ border-left: 4px solid {theme.error.name()};'
            f" background: {theme.header.name()}; }}"
        )

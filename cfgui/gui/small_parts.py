"""Small parts that many pages and dialogs are put together from: buttons, captions, splitters, fields with numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QSplitter,
    QToolButton,
    QWidget,
)

Field = TypeVar("Field", bound=QWidget)

BIGGEST = 2**31 - 1
"""The largest number that a field of whole numbers can hold."""


def push_button(words: str, tip: str, act: Callable[[], object]) -> QPushButton:
    """A button that calls ``act`` without arguments; Enter elsewhere in a dialog does not press it."""
    button = QPushButton(words)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: act())
    return button


def flat_button(words: str, tip: str) -> QToolButton:
    """A button of words only, without a frame until the mouse is over it."""
    button = QToolButton()
    button.setText(words)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    return button


def action_button(action: QAction, parent: QWidget) -> QToolButton:
    """A small flat button that shows and triggers ``action``."""
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setIconSize(QSize(16, 16))
    return button


def caption(words: str, field: QWidget) -> QLabel:
    """Words beside a field, with the letter that leads to it and the tooltip it has at this moment."""
    label = QLabel(words)
    label.setBuddy(field)
    label.setToolTip(field.toolTip())
    return label


def fill_row(row: QBoxLayout, parts: Sequence[QWidget | int]) -> None:
    """Put ``parts`` one after the other; a number is a gap of so many pixels."""
    for part in parts:
        if isinstance(part, int):
            row.addSpacing(part)
        else:
            row.addWidget(part)


def split_view(direction: Qt.Orientation, parts: Sequence[QWidget], sizes: Sequence[int]) -> QSplitter:
    """``parts`` with thin handles between them, ``sizes`` pixels each at first; more room goes to the first."""
    splitter = QSplitter(direction)
    splitter.setHandleWidth(3)
    splitter.setChildrenCollapsible(False)
    for part in parts:
        splitter.addWidget(part)
    splitter.setSizes(list(sizes))
    splitter.setStretchFactor(0, 1)
    return splitter


def plain_spin(low: int, high: int = BIGGEST) -> QSpinBox:
    """A field for a whole number without arrows; it tells of a number once it is typed to the end."""
    spin = QSpinBox()
    spin.setKeyboardTracking(False)
    spin.setGroupSeparatorShown(True)
    spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    spin.setAlignment(Qt.AlignmentFlag.AlignRight)
    spin.setRange(low, high)
    return spin


def let_wheel_pass(field: Field) -> Field:
    """Let the wheel turn ``field``, which is given back, only after a click into it: passing over changes nothing."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_WheelFilter(field))
    return field


class _WheelFilter(QObject):
    """Keeps the wheel from a field that has not the keyboard."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

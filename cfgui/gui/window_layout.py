"""How the parts of the window stand: sizes, and the boxes that hold them together."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

BOTTOM = 25
"""Height of the row of tabs and messages."""

FRAME = QSize(8, 40)
"""Room for the frame that the desktop puts around a window."""

FIRST_SPLIT = (898, 379)
"""Widths of the sheet and the side panel in a window nobody has sized yet."""


def first_size(screen: QSize) -> QSize:
    """The size of a window nobody has sized yet: as designed, or what the screen has room for."""
    return QSize(1280, 800).boundedTo(screen - FRAME)


def side_by_side(sheet: QWidget, side: QWidget) -> QSplitter:
    """The sheet and the side panel, with a thin handle between them; more room goes to the sheet."""
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.addWidget(sheet)
    splitter.addWidget(side)
    splitter.setStretchFactor(0, 3)
    splitter.setStretchFactor(1, 1)
    splitter.setHandleWidth(3)
    splitter.setChildrenCollapsible(False)
    return splitter


def bottom_row(tabs: QWidget, find_bar: QWidget, messages: QWidget) -> QWidget:
    """The row under the sheet; the messages take what room there is."""
    row = QWidget()
    row.setFixedHeight(BOTTOM)
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(4)
    for part, stretch in ((tabs, 0), (find_bar, 0), (messages, 1)):
        box.addWidget(part, stretch)
    box.addStretch(0)
    return row


def one_below_another(formula_bar: QWidget, view_bar: QWidget, middle: QWidget, bottom: QWidget) -> QWidget:
    """Everything between the toolbars and the status bar, without gaps; the middle takes the room."""
    body = QWidget()
    column = QVBoxLayout(body)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part, stretch in ((formula_bar, 0), (view_bar, 0), (middle, 1), (bottom, 0)):
        column.addWidget(part, stretch)
    return body

"""Typing into a cell as in a spreadsheet: Enter, Tab, Shift, Ctrl+Enter, Escape, and a word when it is no number."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from cfgui.app.numbers import parse_number
from cfgui.app.weight_blocks import NEEDS_NUMBER

Key = Qt.Key
_MOVES = {Key.Key_Return: (1, 0), Key.Key_Enter: (1, 0), Key.Key_Tab: (0, 1), Key.Key_Backtab: (0, -1)}
_ARROWS = {Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0)}


def move_of(event: QKeyEvent) -> tuple[int, int] | None:
    """(rows, columns) that Enter or Tab moves, Shift turned round; None for another key."""
    move = _MOVES.get(Key(event.key()))
    if move and event.key() != Key.Key_Backtab and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        return -move[0], -move[1]
    return move


class CellEditor(QStyledItemDelegate):
    """Makes the line edit of a cell, and closes it the way a spreadsheet does.

    ``moved`` (rows, columns) follows a commit by Enter, Tab or an arrow; ``fill_requested`` carries the text of
    Ctrl+Enter. ``replaces``: whether the next edit begins with its text selected.
    """

    moved = Signal(int, int)
    fill_requested = Signal(str)

    def __init__(self, parent: QWidget, accepts_blank: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._accepts_blank = accepts_blank
        self.replaces = True

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A plain line edit as large as the cell needs."""
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setFont(option.font)
        editor.setTextMargins(0, 0, 0, 0)
        return editor

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        """Show every digit, once: what a person has begun to type stays, whatever a run does to the cell meanwhile.

        Selected when a key began it, so that the key replaces; with the cursor at the end after F2 or a double click.
        """
        if not isinstance(editor, QLineEdit) or editor.property("begun"):
            return
        editor.setProperty("begun", True)
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        if self.replaces:
            # by the event loop's next turn Qt has selected all by itself; a typed key replaces that
            editor.selectAll()
        else:
            QTimer.singleShot(0, editor, editor.deselect)
            QTimer.singleShot(0, editor, lambda: editor.end(False))

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Grow to the left of the cell where the number needs more room than the cell has."""
        rect = option.rect
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        wanted = min(editor.fontMetrics().horizontalAdvance(text) + 14, 180)
        grow = max(0, wanted - rect.width())
        left = min(grow, rect.left())
        editor.setGeometry(rect.adjusted(-left, 0, grow - left, 0))

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """The keys that end an edit."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(editor, QLineEdit):
            handled = self._key(editor, event)
            if handled:
                return True
        return super().eventFilter(editor, event)

    def _key(self, editor: QLineEdit, event: QKeyEvent) -> bool:
        key, modifiers = Key(event.key()), event.modifiers()
        if key in (Key.Key_Return, Key.Key_Enter) and modifiers & Qt.KeyboardModifier.ControlModifier:
            if self._explain_if_wrong(editor):
                return True
            text = editor.text()
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)
            self.fill_requested.emit(text)
            return True
        move = move_of(event) or _ARROWS.get(key)
        if move is None:
            return False
        if not self._explain_if_wrong(editor):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
            self.moved.emit(*move)
        return True

    def _explain_if_wrong(self, editor: QLineEdit) -> bool:
        """Whether the text cannot be taken; if so, say why beside it and leave the editor open."""
        try:
            value = parse_number(editor.text())
            if value is None and not self._accepts_blank():
                raise ValueError(NEEDS_NUMBER)
        except ValueError as error:
            QToolTip.showText(editor.mapToGlobal(editor.rect().bottomLeft()), str(error), editor)
            editor.selectAll()
            return True
        return False

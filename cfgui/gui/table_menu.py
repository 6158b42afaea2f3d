"""How a table asks for the menu of its current cell: by the right button, the menu key, or Shift+F10."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QTableView


def is_menu_key(event: QKeyEvent) -> bool:
    """Whether this key asks for the menu of what has the keyboard: the menu key, or Shift+F10 where there is none."""
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    return event.key() == Qt.Key.Key_Menu or (event.key() == Qt.Key.Key_F10 and shift)


def place_for_menu(table: QTableView) -> QPoint | None:
    """Where on the screen the menu of the current cell opens by keyboard; None for no cell, or while a menu is open.

    Some systems send both the menu key and its meaning: the second finds the menu open.
    """
    return _on_screen(table, table.visualRect(table.currentIndex()).center())


def place_of_click(
    table: QTableView, event: QContextMenuEvent, select: Callable[[QModelIndex], object]
) -> QPoint | None:
    """Where on the screen the menu that ``event`` asks for opens; None where it asks for none.

    The right button makes the cell under the mouse the current one, by ``select`` where it is not selected yet.
    """
    by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
    index = table.indexAt(event.pos()) if by_mouse else table.currentIndex()
    if not index.isValid():
        return None
    if not table.selectionModel().isSelected(index):
        select(index)
    elif by_mouse:
        table.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
    return _on_screen(table, event.pos()) if by_mouse else place_for_menu(table)


def _on_screen(table: QTableView, at: QPoint) -> QPoint | None:
    if not table.currentIndex().isValid() or QApplication.activePopupWidget() is not None:
        return None
    return table.viewport().mapToGlobal(at)

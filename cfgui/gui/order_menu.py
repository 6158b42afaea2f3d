"""The menu of a header: in which order its users or movies stand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHeaderView, QMenu

from cfgui.core.view import ORDERS


def offer_orders(
    header: QHeaderView,
    side: str,
    order: Callable[[], str],
    choose: Callable[[str], object],
    begin: Callable[[QMenu, int], object] = lambda _menu, _section: None,
) -> None:
    """Let the right button on ``header`` offer the orders of "users" or "movies"; ``order`` names the present one.

    ``begin`` (menu, section) may put other lines above them.
    """

    def show(at: QPoint) -> None:
        make_order_menu(header, side, order(), choose, lambda menu: begin(menu, header.logicalIndexAt(at))).popup(
            header.mapToGlobal(at)
        )

    header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    header.customContextMenuRequested.connect(show)


def make_order_menu(
    header: QHeaderView,
    side: str,
    order: str,
    choose: Callable[[str], object],
    begin: Callable[[QMenu], object] = lambda _menu: None,
) -> QMenu:
    """The menu, which deletes itself once it is closed; ``begin`` may put other lines above."""
    menu = QMenu(header)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    begin(menu)
    if menu.actions():
        menu.addSeparator()
    group = QActionGroup(menu)
    for name, words in ORDERS.items():
        action = menu.addAction(f"Sort {side} by {words}" if name != "file" else f"Leave {side} in file order")
        action.setCheckable(True)
        action.setChecked(name == order)
        group.addAction(action)
        action.triggered.connect(lambda _checked=False, name=name: choose(name))
    return menu

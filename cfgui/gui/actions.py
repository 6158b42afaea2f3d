"""The commands as Qt actions: menus and toolbar built from ``COMMANDS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QToolBar, QToolButton

from cfgui.app.commands import COMMANDS, Command
from cfgui.gui.icons import icon

MENUS = ("File", "Edit", "View", "Train", "Explore", "Help")
MENU_WORDS = {"Explore": "E&xplore"}
"""Menus whose first letter is that of another."""

RADIO_GROUPS = (
    ("view.color_values", "view.color_error", "view.color_none"),
    ("view.theme_system", "view.theme_light", "view.theme_dark"),
    ("train.pace_full", "train.pace_30", "train.pace_3"),
)
"""Toggles of which one is on at a time."""


def when_on(act: Callable[[], object]) -> Callable[[bool], None]:
    """A handler for one of several toggles: acts when it is switched on."""

    def handle(on: bool) -> None:
        if on:
            act()

    return handle


Handlers = Mapping[str, Callable[..., object]]


class Actions(QObject):
    """One ``QAction`` per command, by id."""

    def __init__(self, window: QMainWindow, handlers: Handlers) -> None:
        super().__init__(window)
        self.by_id: dict[str, QAction] = {}
        self._menu_of: dict[str, QMenu] = {}
        for command in COMMANDS:
            self.by_id[command.id] = self._make(window, command, handlers[command.id])
        for ids in RADIO_GROUPS:
            group = QActionGroup(self)
            for command_id in ids:
                group.addAction(self.by_id[command_id])

    def __getitem__(self, command_id: str) -> QAction:
        return self.by_id[command_id]

    @staticmethod
    def _make(window: QMainWindow, command: Command, handler: Callable[..., object]) -> QAction:
        action = QAction(command.title, window)
        action.setCheckable(command.toggle)
        if command.shortcut:
            action.setShortcuts(_sequences(command.shortcut))
        if command.label:
            action.setIconText(command.label)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{command.tip}  ({keys})" if keys else command.tip)
        if command.toggle:
            action.toggled.connect(handler)
        else:
            action.triggered.connect(lambda _checked=False: handler())
        window.addAction(action)
        return action

    def recolor(self) -> None:
        """Draw the icons anew in the colours of the theme in force."""
        for command in COMMANDS:
            if command.icon:
                self.by_id[command.id].setIcon(icon(command.icon))

    def fill_menus(self, window: QMainWindow) -> None:
        """Every command in its menu, sections apart."""
        for name in MENUS:
            menu = QMenu(MENU_WORDS.get(name, f"&{name}"), window)
            menu.setToolTipsVisible(True)
            window.menuBar().addMenu(menu)
            group = 0
            for command in COMMANDS:
                if command.menu == name:
                    if command.group != group:
                        menu.addSeparator()
                        group = command.group
                    menu.addAction(self.by_id[command.id])
                    self._menu_of[command.id] = menu

    def insert_menu(self, menu: QMenu, *, before: str) -> None:
        """Put a menu of its own above a command."""
        self._menu_of[before].insertMenu(self.by_id[before], menu)

    def make_toolbar(self, window: QMainWindow) -> QToolBar:
        """The commands that have a button, with their words."""
        bar = QToolBar("Commands", window)
        bar.setObjectName("commands")
        bar.style().polish(bar)  # a bar asks for its gaps before it has the name that they are given to
        QApplication.sendEvent(bar, QEvent(QEvent.Type.StyleChange))
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setIconSize(QSize(16, 16))
        bar.setFixedHeight(30)
        place = None
        for command in COMMANDS:
            if command.toolbar:
                if place is not None and place != (command.menu, command.group > 0):
                    bar.addSeparator()
                place = (command.menu, command.group > 0)
                bar.addAction(self.by_id[command.id])
                button = bar.widgetForAction(self.by_id[command.id])
                if isinstance(button, QToolButton):
                    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                    self.by_id[command.id].changed.connect(partial(_tighten, button))
        return bar


def _tighten(button: QToolButton) -> None:
    """Make a button no wider than its picture and its word: Qt leaves two blanks more, for which there is no room."""
    button.setFixedWidth(button.sizeHint().width() - 2 * button.fontMetrics().horizontalAdvance(" "))


def _sequences(shortcut: str) -> list[QKeySequence]:
    """The keys of a command; zooming in also without Shift, and redo as on Windows."""
    others = {"Ctrl++": ["Ctrl+="], "Ctrl+Shift+Z": ["Ctrl+Y"]}
    return [QKeySequence(keys) for keys in (shortcut, *others.get(shortcut, []))]

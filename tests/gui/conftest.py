"""The real window, offscreen, with settings and state in a temporary folder; an unexpected error in a slot fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from cfgui.app.torch_loading import TorchLoader
from cfgui.gui import application
from cfgui.gui.block_view import BlockView
from cfgui.gui.main_window import MainWindow
from cfgui.gui.theme import apply_theme, set_theme_override


class Driver:
    """A person at the window: selects, types, presses and waits."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot

    def select(self, address: str) -> BlockView:
        """Go to a cell by the name box."""
        box = self.window.formula_bar.name_box
        box.setText(address)
        self.qtbot.keyClick(box, Qt.Key.Key_Return)
        view = self.window.page.current
        assert view is not None
        return view

    @property
    def address(self) -> str:
        """What the name box says."""
        return self.window.formula_bar.name_box.text()

    def focus(self) -> QWidget:
        """The widget that gets the keys."""
        editors = [edit for edit in self.view.viewport().findChildren(QLineEdit) if edit.isVisible()]
        return editors[-1] if editors else self.view

    @property
    def view(self) -> BlockView:
        """The view that has the selection."""
        view = self.window.page.current
        assert view is not None
        return view

    def type(self, text: str) -> None:
        """Type into the selected cell or the open editor, key by key."""
        for letter in text:
            QTest.keyClick(self.focus(), letter)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key."""
        QTest.keyClick(self.focus(), key, modifiers)

    def trigger(self, command_id: str) -> None:
        """Choose a command, as its menu item, button or shortcut does."""
        action = self.window.actions_by_id[command_id]
        assert action.isEnabled(), f"{command_id} is switched off"
        action.trigger()

    def idle(self) -> None:
        """Wait until no run and no file is in hand."""
        window = self.window
        self.qtbot.waitUntil(lambda: not window.bridge.running and not window.files.working, timeout=30_000)

    def train(self, command_id: str) -> None:
        """Choose a training command and wait for its end."""
        self.trigger(command_id)
        self.idle()

    def rmse(self, model: str = "dot") -> float:
        """The RMSE of one sheet."""
        return self.window.session.rmse(model)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CFGUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    yield
    set_theme_override(None)
    if QGuiApplication.instance() is not None:
        QGuiApplication.clipboard().clear()  # Qt would destroy what is there after Python has ended


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[], MainWindow]]:
    """Open windows, each closed at the end."""
    apply_theme(qapp)
    windows: list[MainWindow] = []

    def make(*, as_left: bool = False) -> MainWindow:
        loader = TorchLoader()
        loader.start()
        window = application.make_window(application.settings_of(qapp), loader)
        windows.append(window)
        if not as_left:
            window.resize(1280, 800)
        window.show()
        window.side.load_plot()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        window.close()
        delete(window)  # now, whole, and in order: not piece by piece by the garbage collector
    qapp.processEvents()


@pytest.fixture
def driver(make_window: Callable[[], MainWindow], qtbot: QtBot) -> Driver:
    """A person at a new window on the original 15 x 15."""
    return Driver(make_window(), qtbot)


@pytest.fixture
def settings(qapp: QApplication) -> QSettings:
    """The settings the window uses in this test."""
    return application.settings_of(qapp)

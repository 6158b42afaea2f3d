"""The list of earlier sessions, on the real window."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cfgui.app.kept_sessions import kept_sessions, sessions_folder
from cfgui.gui.earlier_sessions_dialog import EarlierSessionsDialog, when
from cfgui.gui.main_window import MainWindow
from tests.gui.conftest import Driver


def open_list(driver: Driver) -> EarlierSessionsDialog:
    """Choose the command and wait until the list is there."""
    driver.trigger("file.earlier_sessions")
    (dialog,) = driver.window.findChildren(EarlierSessionsDialog)
    driver.qtbot.waitUntil(lambda: dialog._task is None)
    return dialog


def cells(dialog: EarlierSessionsDialog, row: int) -> list[str]:
    return [dialog.table.item(row, column).text() for column in range(dialog.table.columnCount())]


@pytest.fixture
def two_sessions(driver: Driver, make_window: Callable[[], MainWindow], qtbot: QtBot) -> Driver:
    """A new window, after one that kept a session of five steps, and then one of three with a rating changed."""
    driver.train("train.steps5")
    driver.trigger("file.open_sample")
    driver.qtbot.waitUntil(lambda: not driver.window.keeper.busy, timeout=10_000)
    for path in kept_sessions():
        os.utime(path, (1_000_000_000, 1_000_000_000))
    driver.window.tabs.setCurrentIndex(1)
    driver.train("train.step")
    driver.window.close()
    return Driver(make_window(), qtbot)


def test_the_list_shows_what_was_kept(two_sessions: Driver) -> None:
    dialog = open_list(two_sessions)
    assert dialog.table.rowCount() == 2
    newest, older = cells(dialog, 0), cells(dialog, 1)
    assert newest[0] == older[0] == "the original 15 × 15"
    assert newest[1].startswith("today, ")
    assert "01" in older[1]
    assert newest[2:5] == ["15 × 15", "206", "1"]
    assert older[2:5] == ["15 × 15", "206", "5"]
    assert 0 < float(newest[5]) < 2.0180
    assert 0 < float(older[5]) < 2.8060
    assert dialog.open_button.isEnabled()
    dialog.reject()


def test_one_can_be_opened(two_sessions: Driver) -> None:
    dialog = open_list(two_sessions)
    dialog.table.selectRow(1)
    two_sessions.qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    two_sessions.idle()
    session = two_sessions.window.session
    assert (session.active, session.sheet("dot").step, session.sheet("bias").step) == ("dot", 5, 0)


def test_one_can_be_deleted(two_sessions: Driver) -> None:
    newest, _older = kept_sessions()
    dialog = open_list(two_sessions)
    dialog.table.selectRow(1)
    two_sessions.qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
    two_sessions.qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert kept_sessions() == [newest]
    two_sessions.qtbot.mouseClick(dialog.delete_button, Qt.MouseButton.LeftButton)
    two_sessions.qtbot.waitUntil(lambda: dialog.table.rowCount() == 0)
    assert not dialog.open_button.isEnabled()
    assert not dialog.delete_button.isEnabled()
    assert dialog.label.text() == "There is no other session: one is kept when something changed."
    dialog.reject()


def test_a_damaged_one_says_so_and_cannot_be_opened(driver: Driver) -> None:
    sessions_folder().mkdir(parents=True)
    (sessions_folder() / "session-1.cfgui").write_bytes(b"no session")
    dialog = open_list(driver)
    assert cells(dialog, 0)[0] == "cannot be read"
    assert dialog.label.text() == "session-1.cfgui is damaged and cannot be restored. Choose another session."
    assert not dialog.open_button.isEnabled()
    assert dialog.delete_button.isEnabled()
    dialog.reject()
    driver.train("file.restore_session")
    assert driver.window.messages.label.text() == dialog_sentence()
    assert driver.window.session.name == "the original 15 × 15"


def dialog_sentence() -> str:
    return "session-1.cfgui is damaged and cannot be restored. Choose another session."


def test_the_open_session_is_not_among_the_earlier_ones(driver: Driver) -> None:
    driver.train("train.steps5")
    driver.window.keeper.keep_soon()
    driver.qtbot.waitUntil(lambda: not driver.window.keeper.busy and len(kept_sessions()) == 1)
    dialog = open_list(driver)
    assert dialog.table.rowCount() == 0
    dialog.reject()


def test_when() -> None:
    day = 86_400
    now = 1_700_000_000.0  # 14 November 2023, 22:13:20 UTC
    assert when(now, now).startswith("today, ")
    assert when(now - day, now).startswith("yesterday, ")
    assert "23" in when(now - 3 * day, now).partition(",")[0]


def test_a_session_opens_by_its_file_too(two_sessions: Driver) -> None:
    newest, older = sorted(sessions_folder().glob("*.cfgui"), key=lambda path: -path.stat().st_mtime)[:2]
    two_sessions.window.files.open_path(older)
    two_sessions.idle()
    assert two_sessions.window.session.sheet("dot").step == 5
    two_sessions.window.files.open_path(newest)
    two_sessions.idle()
    assert two_sessions.window.session.sheet("bias").step == 1

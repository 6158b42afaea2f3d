"""Pages of the menu Explore, opened, and waited for."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cfgui.gui.latest_work import LatestWork
from tests.gui.conftest import Driver


def opened(driver: Driver, qtbot: QtBot, name: str) -> QWidget:
    """The page of this name with the weights of the bias sheet, once it has nothing left to work out."""
    driver.trigger("view.sheet_bias")
    driver.trigger(f"explore.{name}")
    page = driver.window.explore.page
    assert page is not None
    settle(page, qtbot)
    return page


def settle(page: QWidget, qtbot: QtBot) -> None:
    """Until nothing is being worked out, nor due."""
    for _ in range(2):
        qtbot.wait(30)
        qtbot.waitUntil(lambda: not any(work.working for work in page.findChildren(LatestWork)), timeout=10_000)

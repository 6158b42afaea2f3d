"""Explore: pages over the sheet follow what is trained, and the window goes back to the sheet unharmed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QToolBar
from pytestqt.qtbot import QtBot

from cfgui.app.reading import reading_of
from cfgui.gui import explore_pages
from cfgui.gui.block_view import BlockView
from cfgui.gui.main_window import MainWindow
from cfgui.gui.theme import set_theme_override
from tests.gui.conftest import Driver
from tests.gui.explore_stub import StubPage

NAMES = tuple(explore_pages.PAGES)


@pytest.fixture(autouse=True)
def _stubs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_pages, "PAGES", dict.fromkeys(NAMES, "tests.gui.explore_stub:StubPage"))


def stub(driver: Driver) -> StubPage:
    page = driver.window.explore.page
    assert isinstance(page, StubPage)
    return page


def click_tab(driver: Driver, place: int) -> None:
    tabs: QTabBar = driver.window.tabs
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(place).center())


def on(driver: Driver) -> list[str]:
    return [name for name in NAMES if driver.window.actions_by_id[f"explore.{name}"].isChecked()]


# Opening and leaving


def test_a_command_opens_its_page_and_the_same_one_leads_back(driver: Driver) -> None:
    window = driver.window
    assert window.explore.pages == {}, "nothing is made before it is asked for"
    for name in NAMES:
        driver.trigger(f"explore.{name}")
        assert window.explore.pages[name].isVisible()
        assert (window.explore.current, on(driver)) == (name, [name])
    driver.trigger("explore.feedback")
    assert (window.stack.currentWidget(), on(driver)) == (window.page, [])


def test_keys_open_pages_and_give_them_the_keyboard(driver: Driver) -> None:
    driver.press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert driver.window.explore.current == "users"
    assert QApplication.focusWidget() is stub(driver).table
    QTest.keyClick(stub(driver).table, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert driver.window.explore.current == ""
    assert QApplication.focusWidget() is driver.view


@pytest.mark.parametrize("place", [0, 1])
def test_a_click_on_a_tab_leads_back_also_on_the_one_in_front(driver: Driver, place: int) -> None:
    driver.trigger("explore.map")
    click_tab(driver, place)
    assert driver.window.explore.current == ""
    assert driver.window.stack.currentWidget() is driver.window.page
    assert driver.window.page.model == ("dot", "bias")[place]


@pytest.mark.parametrize("command", ["view.sheet_dotprod", "view.next_sheet", "view.layers"])
def test_commands_of_sheets_lead_back(driver: Driver, command: str) -> None:
    driver.trigger("explore.map")
    driver.trigger(command)
    assert driver.window.explore.current == ""
    assert driver.window.stack.currentWidget() is driver.window.page


def test_the_name_box_leads_back_to_a_cell(driver: Driver) -> None:
    driver.trigger("explore.users")
    driver.select("I26")
    assert driver.window.explore.current == ""
    assert driver.address == "I26"


# What a page reads


def test_a_page_reads_what_the_active_sheet_has(driver: Driver) -> None:
    driver.trigger("explore.movies")
    session, page = driver.window.session, stub(driver)
    (reading,) = page.readings
    assert reading.same_as(reading_of(session))
    assert reading.ratings is session.ratings
    assert reading.factors is session.sheet("dot").factors
    assert (reading.model, reading.sheet, reading.samples) == ("dot", "dotprod", None)


def test_each_step_undo_and_edit_is_read_once(driver: Driver) -> None:
    driver.trigger("explore.movies")
    page, session = stub(driver), driver.window.session
    driver.train("train.step")
    assert page.readings[-1].factors is session.sheet("dot").factors
    before = len(page.readings)
    driver.trigger("edit.undo")
    driver.trigger("edit.redo")
    assert len(page.readings) == before + 2
    driver.window.training.choose("learning_rate", 0.25)
    assert len(page.readings) == before + 2, "a choice changes nothing that is read"


def test_another_model_is_read_while_the_page_stays(driver: Driver) -> None:
    driver.trigger("explore.movies")
    page = stub(driver)
    page.model_wanted.emit("bias")
    assert driver.window.explore.page is page
    assert (page.readings[-1].model, page.readings[-1].factors.has_bias) == ("bias", True)
    assert driver.window.tabs.currentIndex() == 1
    assert page.isVisible()


def test_a_page_off_screen_is_told_when_it_comes_back(driver: Driver) -> None:
    driver.trigger("explore.movies")
    page = stub(driver)
    driver.trigger("explore.movies")
    driver.train("train.steps5")
    assert len(page.readings) == 1
    driver.trigger("explore.movies")
    assert len(page.readings) == 2
    assert page.readings[-1].factors is driver.window.session.sheet("dot").factors


def test_a_page_follows_a_run_not_too_often_and_sees_its_end(driver: Driver, qtbot: QtBot) -> None:
    driver.trigger("explore.movies")
    page, session = stub(driver), driver.window.session
    driver.trigger("train.run")
    qtbot.waitUntil(lambda: len(page.readings) >= 3, timeout=10_000)
    steps = session.sheet("dot").step
    assert len(page.readings) < steps, "not every step is told"
    driver.trigger("train.run")
    driver.idle()
    assert page.readings[-1].factors is session.sheet("dot").factors
    assert not np.array_equal(page.readings[0].factors.user_factors, page.readings[-1].factors.user_factors)


def test_opening_a_document_keeps_the_page(driver: Driver, qtbot: QtBot) -> None:
    driver.train("train.step")
    driver.trigger("explore.movies")
    page = stub(driver)
    driver.trigger("file.open_sample")
    driver.idle()
    assert driver.window.explore.page is page
    assert page.isVisible()
    qtbot.waitUntil(lambda: page.readings[-1].ratings is driver.window.session.ratings)
    assert driver.window.session.sheet("dot").step == 0


# What menus do meanwhile


def test_find_and_copy_are_the_page_s(driver: Driver) -> None:
    driver.trigger("explore.movies")
    page = stub(driver)
    driver.trigger("edit.find")
    assert QApplication.focusWidget() is page.line
    assert not driver.window.find_bar.isVisible()
    driver.trigger("edit.copy")
    assert QGuiApplication.clipboard().text() == "n\n1.5\n2.5\n"


def test_cells_nobody_sees_are_not_changed(driver: Driver) -> None:
    driver.select("H2")
    ratings = driver.window.session.ratings
    driver.trigger("explore.movies")
    changing = ("edit.cut", "edit.paste", "edit.clear", "edit.fill_down", "edit.fill_right")
    assert not any(driver.window.actions_by_id[command].isEnabled() for command in changing)
    QTest.keyClick(stub(driver).table, Qt.Key.Key_Delete)
    assert driver.window.session.ratings is ratings
    driver.trigger("explore.movies")
    assert all(driver.window.actions_by_id[command].isEnabled() for command in changing)
    driver.trigger("edit.clear")
    assert driver.window.session.ratings is not ratings


def test_a_page_speaks_and_leads_to_the_sheet(driver: Driver) -> None:
    driver.trigger("explore.movies")
    page = stub(driver)
    page.said.emit("Something to know.", False)
    assert driver.window.messages.label.text() == "Something to know."
    page.sheet_wanted.emit("movie 49")
    assert driver.window.explore.current == ""
    assert driver.address == "I2"


def test_a_page_gives_a_command_once(driver: Driver) -> None:
    driver.trigger("explore.movies")
    stub(driver).command_wanted.emit("train.step")
    driver.idle()
    assert driver.window.session.sheet("dot").step == 1


def test_a_page_leads_to_another(driver: Driver) -> None:
    driver.trigger("explore.movies")
    stub(driver).page_wanted.emit("recommend", "user", "29")
    assert driver.window.explore.current == "recommend"
    assert stub(driver).subjects == [("user", "29")]
    assert on(driver) == ["recommend"]


def test_themes_reach_pages_and_closing_ends_them(make_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    driver = Driver(window, qtbot)
    driver.trigger("explore.movies")
    page = stub(driver)
    set_theme_override("dark")
    window.apply_theme()
    assert page.themes[-1] == "dark"
    window.close()
    assert page.finished


def test_a_page_once_opened_lets_the_window_be_narrow(driver: Driver) -> None:
    before = driver.window.minimumSizeHint().width()
    driver.trigger("explore.movies")
    stub(driver).setMinimumWidth(1500)
    QApplication.processEvents()
    assert driver.window.minimumSizeHint().width() == before


def test_every_button_is_seen_at_1280(driver: Driver) -> None:
    actions = driver.window.actions_by_id
    bar = driver.window.findChild(QToolBar, "commands")
    assert isinstance(bar, QToolBar)
    driver.trigger("train.run")
    for name in NAMES:
        button = bar.widgetForAction(actions[f"explore.{name}"])
        assert button is not None
        assert button.isVisible()
        assert button.geometry().right() < bar.width()
    driver.trigger("train.run")
    driver.idle()


# The menu of a cell


def lines() -> list[str]:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]


def choose(words: str) -> None:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(action for action in menu.actions() if action.text().replace("&", "").startswith(words))
    action.trigger()
    menu.close()


def right_click(view: BlockView, row: int, column: int) -> None:
    at = view.visualRect(view.model().index(row, column)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), event)


def test_a_right_click_selects_and_asks_about_user_and_movie(driver: Driver) -> None:
    view = driver.window.page.views["predictions"]
    right_click(view, 1, 2)
    assert driver.address == "J26"
    words = " | ".join(lines())
    assert "Neighbours of “" in words
    assert "Recommendations for user 29" in words
    choose("Why")
    assert driver.window.explore.current == "recommend"
    assert stub(driver).subjects == [("user", "29"), ("movie", "57")]


@pytest.mark.parametrize("key", [Qt.Key.Key_Menu, Qt.Key.Key_F10])
def test_keys_open_the_menu_of_the_current_cell(driver: Driver, key: Qt.Key) -> None:
    driver.select("B25")  # user 14's first factor
    shift = Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_F10 else Qt.KeyboardModifier.NoModifier
    driver.press(key, shift)
    assert all("user 14" in line for line in lines())
    choose("Neighbours")
    assert driver.window.explore.current == "users"
    assert stub(driver).subjects == [("user", "14")]


def test_the_rmse_has_no_menu(driver: Driver) -> None:
    right_click(driver.window.page.views["rmse"], 0, 0)
    assert QApplication.activePopupWidget() is None


def test_an_id_offers_pages_above_the_orders(driver: Driver) -> None:
    header = driver.window.page.views["ratings"].horizontalHeader()
    header.customContextMenuRequested.emit(QPoint(header.sectionViewportPosition(1) + 3, 4))
    found = lines()
    assert [line.split()[0] for line in found[:3]] == ["Neighbours", "Show", "Factors"]
    assert found[-1].startswith("Sort movies by"), "the orders stay, below"
    choose("Show")
    assert driver.window.explore.current == "map"
    assert stub(driver).subjects == [("movie", "49")]


def test_a_lookup_is_about_both(driver: Driver) -> None:
    driver.trigger("view.sheet_movielens_emb")
    right_click(driver.window.page.views["lookups"], 1, 4)
    choose("Why")
    assert stub(driver).subjects == [("user", "14"), ("movie", "49")]
    driver.trigger("view.sheet_movielens_emb")
    right_click(driver.window.page.views["movies"], 1, 3)
    choose("Factors")
    assert stub(driver).subjects[-1] == ("movie", "49")

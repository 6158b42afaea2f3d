"""Every page of the menu Explore, as it is: letters, tooltips, names for the blind, the keyboard and the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTabBar,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cfgui.gui.explore_page import ExplorePage
from cfgui.gui.explore_pages import PAGES
from cfgui.gui.letters import MENU_LETTERS, letter_of, letters_on, tip_without_letter, without_letter
from cfgui.gui.main_window import MainWindow
from cfgui.gui.map_page import MapPage
from cfgui.gui.standings_page import StandingsPage
from cfgui.gui.theme import current_theme
from tests.gui.conftest import Driver

CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView)
PARENTS = (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)
"""What has controls of its own inside, which speak for themselves."""


def open_page(driver: Driver, name: str) -> ExplorePage:
    driver.trigger(f"explore.{name}")
    page = driver.window.explore.page
    assert page is not None
    return page


def open_standings(driver: Driver, name: str, qtbot: QtBot) -> StandingsPage:
    page = open_page(driver, name)
    assert isinstance(page, StandingsPage)
    qtbot.waitUntil(lambda: page.table_shown is not None and not page.work.working, timeout=10_000)
    return page


def faces(page: QWidget) -> Iterator[str]:
    """The page as it opens, then with each of its tabs in front."""
    yield "at first"
    for tabs in page.findChildren(QTabWidget):
        for place in range(tabs.count()):
            if tabs.isVisible() and place != tabs.currentIndex():
                tabs.setCurrentIndex(place)
                QApplication.processEvents()
                yield tabs.tabText(place)


def letters(window: MainWindow) -> list[tuple[str, str]]:
    """Every letter that does something with Alt now, and the words that it stands in."""
    found = [action.text() for action in window.menuBar().actions() if action.isVisible()]
    parts = [part for part in window.findChildren(QWidget) if part.isVisible()]
    found += [part.text() for part in parts if isinstance(part, QLabel) and part.buddy() is not None]
    buttons = [part for part in parts if isinstance(part, QAbstractButton)]
    found += [button.text() for button in buttons]
    for tabs in parts:
        if isinstance(tabs, QTabBar):
            found += [tabs.tabText(place) for place in range(tabs.count())]
    pairs = [(letter_of(text), text) for text in found if letter_of(text)]
    keys = [(button.shortcut(), button.text()) for button in buttons if not letter_of(button.text())]
    keys += [(key, action.text()) for action in window.findChildren(QAction) for key in action.shortcuts()]
    keys += [(short.key(), "") for short in window.findChildren(QShortcut)]
    return pairs + [(key.toString()[4:], words) for key, words in keys if key.toString().startswith("Alt+")]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("large", [False, True])
def test_no_letter_leads_to_two_places(driver: Driver, name: str, large: bool) -> None:
    if large:
        driver.window.view_bar.show()
    page = open_page(driver, name)
    for face in faces(page):
        found = letters(driver.window)
        twice = [pair for pair in found if [letter for letter, _ in found].count(pair[0]) > 1]
        assert twice == [], face
    assert not MENU_LETTERS & set(letters_on(page))


@pytest.mark.parametrize("name", PAGES)
def test_every_control_says_what_it_is_for(driver: Driver, name: str) -> None:
    page = open_page(driver, name)
    for part in page.findChildren(QWidget):
        inside = isinstance(part.parent(), PARENTS) or part.objectName().startswith("qt_")
        if (
            inside
            or part.window() is not driver.window
            or isinstance(part, QHeaderView)
            or not isinstance(part, CONTROLS)
        ):
            continue
        words = part.text() if isinstance(part, QAbstractButton) else ""
        what = f"{type(part).__name__} “{words}{part.accessibleName()}”"
        assert part.toolTip(), f"{what} has no tooltip"
        assert part.accessibleName() or words, f"{what} has no name"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_opens_has_the_keyboard(driver: Driver, name: str) -> None:
    page = open_page(driver, name)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert page.isAncestorOf(focus)


def test_bars_leave_letters_to_the_page_and_take_them_back(driver: Driver) -> None:
    bar = driver.window.choices
    label = next(part for part in bar.findChildren(QLabel) if part.text() == "&Rate")
    open_page(driver, "factors")  # Rotate
    field = bar.fields["learning_rate"]
    assert label.text() == "Rate"
    assert not field.toolTip().endswith("(Alt+R)")
    assert not label.toolTip().endswith("(Alt+R)")
    driver.window.training.choose("learning_rate", 0.25)
    assert label.text() == "Rate"
    driver.trigger("explore.factors")
    assert label.text() == "&Rate"
    assert field.toolTip().endswith("(Alt+R)")


def test_words_of_letters() -> None:
    assert (letter_of("Ho&ld && go"), letter_of("Save && go"), letter_of("plain")) == ("L", "", "")
    assert without_letter("a&ll 3", frozenset("L")) == "all 3"
    assert without_letter("a&ll 3", frozenset("A")) == "a&ll 3"
    assert tip_without_letter("Why.  (Alt+L)", frozenset("L")) == "Why."
    assert tip_without_letter("Why.  (Alt+L)", frozenset("A")) == "Why.  (Alt+L)"


def test_the_formula_bar_tells_of_no_hidden_cell(driver: Driver) -> None:
    bar = driver.window.formula_bar
    open_page(driver, "movies")
    assert not bar.isVisible()
    driver.trigger("edit.go_to")
    assert bar.isVisible()
    assert driver.window.explore.current == ""
    assert QApplication.focusWidget() is bar.name_box


def test_most_rated_come_first_until_another_order_is_chosen(driver: Driver, qtbot: QtBot) -> None:
    page = open_standings(driver, "movies", qtbot)

    def counts() -> list[int]:
        assert page.table_shown is not None
        return page.table_shown.found.counts[page.table.rows].tolist()

    assert counts() == sorted(counts(), reverse=True)
    assert counts() != sorted(counts())
    assert page.table.current_row == int(page.table.rows[0])
    page.table.sort_by("mean")
    driver.window.tabs.setCurrentIndex(1)  # the bias sheet has a column more
    qtbot.waitUntil(lambda: any(column.title == "bias" for column in page.table.columns))
    assert page.table_shown is not None
    means = page.table_shown.found.means[page.table.rows].tolist()
    assert means == sorted(means)
    titles = [column.title for column in page.table.columns]
    assert page.table.horizontalHeader().sortIndicatorSection() == titles.index("mean")
    page.table.sort_by("bias")
    driver.window.tabs.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not any(column.title == "bias" for column in page.table.columns))
    assert counts() == sorted(counts(), reverse=True), "an order that is no more gives way to the first one"


def test_escape_clears_the_search_and_then_leads_to_the_table(driver: Driver, qtbot: QtBot) -> None:
    page = open_standings(driver, "movies", qtbot)
    driver.trigger("edit.find")
    line = page.search_line
    QTest.keyClicks(line, "star wars")
    assert len(page.table.rows) < 15
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == ""
    assert len(page.table.rows) == 15
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is page.table


@pytest.mark.parametrize("name", ["movies", "users", "map", "factors"])
def test_at_1000_by_640_no_page_has_to_be_scrolled(driver: Driver, name: str) -> None:
    driver.window.resize(1000, 640)
    driver.window.view_bar.show()
    page = open_page(driver, name)
    QApplication.processEvents()
    holder = page.parentWidget()
    assert holder is not None
    assert page.height() <= holder.height()
    assert page.width() <= holder.width()


def test_the_frame_of_the_keyboard_goes_all_around_the_map(driver: Driver, qtbot: QtBot) -> None:
    page = open_page(driver, "map")
    assert isinstance(page, MapPage)
    qtbot.waitUntil(lambda: page.canvas.points is not None, timeout=10_000)
    QApplication.processEvents()
    image = page.canvas.grab().toImage()
    accent = current_theme().accent.rgb()
    edges = [(0, 40), (image.width() - 1, 40), (40, 0), (40, image.height() - 1)]
    assert [image.pixel(x, y) for x, y in edges] == [accent] * 4

"""The menu of a user or movie in the tables beside the sheet: the same lines, opened the same three ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cfgui.gui.explore_page import MENU_TIP
from cfgui.gui.factors_page import FactorsPage
from cfgui.gui.map_page import MapPage
from cfgui.gui.new_users_page import NewUsersPage
from cfgui.gui.number_table import NumberTable
from cfgui.gui.recommend_page import RecommendPage
from cfgui.gui.sheet_menu import LONGEST
from cfgui.gui.standings_page import StandingsPage
from tests.gui.conftest import Driver
from tests.gui.opened_pages import opened, settle

LINES = {
    "movie": ["Neighbours of ", "Show ", "Factors of ", "Fold ", "Remove "],
    "user": ["Neighbours of ", "Show ", "Factors of ", "Recommendations for ", "Fold ", "Remove "],
}
"""How the lines about each begin, as on the sheet."""

Find = Callable[[QWidget], tuple[NumberTable, str]]


@pytest.fixture(autouse=True)
def no_menu_stays() -> Iterator[None]:
    yield
    menu = QApplication.activePopupWidget()
    if menu is not None:
        menu.close()


def menu() -> QMenu:
    found = QApplication.activePopupWidget()
    assert isinstance(found, QMenu)
    return found


def lines() -> list[str]:
    return [action.text().replace("&", "") for action in menu().actions() if not action.isSeparator()]


def choose(words: str) -> None:
    shown = menu()
    action = next(action for action in shown.actions() if action.text().replace("&", "").startswith(words))
    action.trigger()
    shown.close()


def ask(widget: QWidget, at: QPoint, reason: QContextMenuEvent.Reason = QContextMenuEvent.Reason.Mouse) -> None:
    QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))


def right_click(table: NumberTable, place: int) -> None:
    ask(table.viewport(), table.visualRect(table.model().index(place, 0)).center())


def first(table: NumberTable, title: str) -> str:
    """What the first row shows under this title."""
    place = [column.title for column in table.columns].index(title)
    return str(table.model().index(0, place).data())


def of_page(page: QWidget) -> tuple[NumberTable, str, str]:
    """A table of a page, the side it is about, and the id or title of its first row."""
    if isinstance(page, StandingsPage):
        return page.table, page.side, first(page.table, "id")
    if isinstance(page, FactorsPage):
        return page.tables["user", "high"], "user", first(page.tables["user", "high"], "User").removeprefix("user ")
    if isinstance(page, RecommendPage):
        return page.near, "movie", first(page.near, page.near.columns[0].title)
    assert isinstance(page, MapPage)
    page.list_view()
    return page.side.table, "movie", first(page.side.table, page.side.table.columns[0].title)


@pytest.mark.parametrize("name", ["movies", "users", "factors", "map", "recommend"])
def test_a_row_has_the_lines_of_the_sheet_and_the_way_back(driver: Driver, qtbot: QtBot, name: str) -> None:
    page = opened(driver, qtbot, name)
    table, side, who = of_page(page)
    assert table.model().rowCount()
    assert table.toolTip().endswith(MENU_TIP)
    right_click(table, 0)
    shown = lines()
    assert table.current_row == table.rows[0], "a right click selects"
    assert [line.startswith(words) for line, words in zip(shown, LINES[side], strict=False)] == [True] * len(
        LINES[side]
    )
    assert shown[-1].startswith("Show ")
    assert shown[-1].endswith("on the sheet")
    named = f"user {who}" if side == "user" else who
    titles = driver.window.session.ratings.titles
    assert titles.get(named, named)[: LONGEST - 1] in shown[0].replace("movie ", "")


@pytest.mark.parametrize("key", [Qt.Key.Key_Menu, Qt.Key.Key_F10])
def test_keys_open_the_menu_of_the_current_row(driver: Driver, qtbot: QtBot, key: Qt.Key) -> None:
    page = opened(driver, qtbot, "users")
    assert isinstance(page, StandingsPage)
    assert page.table.select_row(4)
    shift = Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_F10 else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(page.table, key, shift)
    who = driver.window.session.ratings.user_ids[4]
    assert all(f"user {who}" in line for line in lines())
    assert menu().activeAction() is menu().actions()[0], "Enter takes the first line"
    choose("Recommendations")
    assert driver.window.explore.current == "recommend"
    recommend = driver.window.explore.page
    assert isinstance(recommend, RecommendPage)
    settle(recommend, qtbot)
    assert recommend.answer is not None
    assert recommend.answer.question.user_id == who


def test_the_key_and_its_meaning_open_one_menu(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "movies")
    assert isinstance(page, StandingsPage)
    page.table.select_row(0)
    QTest.keyClick(page.table, Qt.Key.Key_Menu)
    known = menu()
    ask(page.table.viewport(), QPoint(5, 5), QContextMenuEvent.Reason.Keyboard)
    assert menu() is known


def test_commands_act_on_the_row_and_the_page_follows(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "movies")
    assert isinstance(page, StandingsPage)
    session = driver.window.session
    gone = session.ratings.movie_ids[int(page.table.rows[2])]
    right_click(page.table, 2)
    choose("Remove")
    settle(page, qtbot)
    assert gone not in session.ratings.movie_ids
    assert page.table.model().rowCount() == 14
    assert driver.window.explore.current == "movies", "the page stays"
    driver.trigger("edit.undo")
    settle(page, qtbot)
    assert page.table.model().rowCount() == 15
    before = session.sheet("bias").factors
    right_click(page.table, 0)
    choose("Fold")
    assert session.sheet("bias").factors is not before


def test_commands_of_the_map_act_as_well(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "map")
    assert isinstance(page, MapPage)
    page.canvas.choose(3)
    raw_id = driver.window.session.ratings.movie_ids[3]
    QTest.keyClick(page.canvas, Qt.Key.Key_Menu)
    ask(page.canvas, QPoint(1, 1), QContextMenuEvent.Reason.Keyboard)
    choose("Remove")
    assert raw_id not in driver.window.session.ratings.movie_ids


def test_the_ends_of_the_map_have_it_too_but_not_their_headings(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "map")
    assert isinstance(page, MapPage)
    tree = page.side.ends
    heading, line = tree.topLevelItem(0), tree.topLevelItem(1)
    assert heading is not None
    assert line is not None
    ask(tree.viewport(), tree.visualItemRect(heading).center())
    assert QApplication.activePopupWidget() is None
    ask(tree.viewport(), tree.visualItemRect(line).center())
    assert line.text(0)[: LONGEST - 1] in lines()[0]
    menu().close()
    tree.setCurrentItem(line)
    QTest.keyClick(tree, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert line.text(0)[: LONGEST - 1] in lines()[0]


def test_a_recommendation_is_about_user_and_movie(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "recommend")
    assert isinstance(page, RecommendPage)
    assert page.answer is not None
    right_click(page.table, 0)
    shown = lines()
    user = page.answer.question.user_id
    ratings = driver.window.session.ratings
    title = ratings.titles[ratings.movie_ids[int(page.answer.listed.movies[0])]]
    movie = title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
    assert f"Recommendations for user {user}" in shown
    assert f"Why “{movie}” for user {user}, or why not" in shown
    assert shown[-2:] == [f"Show user {user} on the sheet", f"Show “{movie}” on the sheet"]
    choose(shown[-1])
    assert driver.window.explore.current == "", "back on the sheet"


def test_neighbours_and_predictions_for_new_ones_have_it(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "movies")
    assert isinstance(page, StandingsPage)
    page.show_subject("movie", driver.window.session.ratings.movie_ids[2])
    settle(page, qtbot)
    near = page.neighbours
    assert near.report is not None
    right_click(near.table, 1)
    titles = driver.window.session.ratings.titles
    assert titles[near.report.rows[1].id][: LONGEST - 1] in lines()[0]
    menu().close()
    new = opened(driver, qtbot, "new_users")
    assert isinstance(new, NewUsersPage)
    new.user.list.give("1", 4.0)
    settle(new, qtbot)
    for table in (new.user.table, new.user.list.table):
        right_click(table, 0)
        row = int(table.rows[0])
        raw_id = driver.window.session.ratings.movie_ids[row] if table is new.user.table else "1"
        assert titles.get(raw_id, raw_id)[: LONGEST - 1] in lines()[0]
        menu().close()


def test_a_table_that_is_about_nobody_has_none(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, qtbot, "factors")
    assert isinstance(page, FactorsPage)
    right_click(page.factors, 0)
    assert QApplication.activePopupWidget() is None

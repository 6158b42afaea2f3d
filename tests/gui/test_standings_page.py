"""The pages Movies and Users: the numbers of the sheet in a table, and what stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cfgui.app.numbers import parse_number
from cfgui.app.row_edits import AddUser
from cfgui.gui.standings_page import StandingsPage
from tests.gui.conftest import Driver


def opened(driver: Driver, name: str, qtbot: QtBot, sheet: str = "bias") -> StandingsPage:
    driver.trigger(f"view.sheet_{sheet}")
    driver.trigger(f"explore.{name}")
    page = driver.window.explore.page
    assert isinstance(page, StandingsPage)
    settle(page, qtbot)
    return page


def settle(page: StandingsPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.work.working and not page.neighbours.work.working, timeout=10_000)


def cell(page: StandingsPage, row: int, title: str) -> str:
    """What the table shows of a movie or user."""
    table = page.table
    place = [column.title for column in table.columns].index(title)
    return str(table.model().index(table.rows.tolist().index(row), place).data())


def test_every_movie_is_a_row_with_its_numbers(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot)
    titles = [column.title for column in page.table.columns]
    assert titles == ["id", "title", "ratings", "mean", "bias", "f1", "f2", "f3", "f4", "f5"]
    session = driver.window.session
    ratings, factors = session.ratings, session.sheet("bias").factors
    assert factors.movie_bias is not None
    for movie in range(15):
        own = [float(v) for m, v in zip(ratings.movies, ratings.values, strict=True) if m == movie]
        assert cell(page, movie, "id") == ratings.movie_ids[movie]
        assert cell(page, movie, "title") == ratings.titles[ratings.movie_ids[movie]]
        assert cell(page, movie, "ratings") == str(len(own))
        assert parse_number(cell(page, movie, "mean")) == pytest.approx(sum(own) / len(own), abs=0.005001)
        assert parse_number(cell(page, movie, "bias")) == pytest.approx(factors.movie_bias[movie], abs=0.005001)
        assert parse_number(cell(page, movie, "f3")) == pytest.approx(factors.movie_factors[movie, 2], abs=0.005001)


def test_users_have_no_titles_and_the_counts_of_the_sheet(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "users", qtbot)
    assert [column.title for column in page.table.columns][:4] == ["id", "ratings", "mean", "bias"]
    assert sum(int(cell(page, user, "ratings")) for user in range(15)) == 206
    assert page.bar.count.text() == "<b>Users</b>&nbsp; 15 · bias"


def test_the_table_follows_a_step_and_keeps_its_row(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot)
    page.show_index(7)
    page.table.sort_by("bias")
    before = cell(page, 7, "bias")
    driver.train("train.steps5")
    settle(page, qtbot)
    bias = driver.window.session.sheet("bias").factors.movie_bias
    assert bias is not None
    assert cell(page, 7, "bias") == f"{bias[7]:.2f}" != before
    assert page.table.rows.tolist() == np.argsort(bias, kind="stable").tolist()
    assert page.table.current_row == 7


def test_five_lowest_and_highest_on_demand(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot)
    driver.train("train.steps5")
    settle(page, qtbot)
    assert not page.ends.isVisible()
    QTest.mouseClick(page.bar.ends, Qt.MouseButton.LeftButton)
    assert page.ends.isVisible()
    session = driver.window.session
    bias, ids = session.sheet("bias").factors.movie_bias, session.ratings.movie_ids
    assert bias is not None
    low, high = page.ends.text().splitlines()
    assert low.startswith("movie_bias.argsort()[:5]")
    assert high.startswith("(-movie_bias).argsort()[:5]")
    for line, places in ((low, np.argsort(bias)[:5]), (high, np.argsort(-bias)[:5])):
        at = [line.index(session.ratings.titles[ids[place]]) for place in places]
        assert at == sorted(at)


def test_search_and_least_ratings_cut_the_table_down(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot)
    driver.trigger("edit.find")
    QTest.keyClicks(page.bar.search, "star wars")
    assert len(page.table.rows) == sum("Star Wars" in t for t in driver.window.session.ratings.titles.values()) == 2
    assert "2 of 15" in page.bar.count.text()
    page.bar.search.clear()
    counts = driver.window.session.ratings.movie_counts
    page.bar.least.setValue(15)
    settle(page, qtbot)
    assert page.table.rows.tolist() == np.flatnonzero(counts >= 15).tolist()
    assert "of those with 15 ratings or more" in page.ends.text()
    hidden = int(np.argmin(counts))
    page.show_index(hidden)
    assert (page.table.current_row, page.bar.least.value()) == (hidden, 0), "what hides it is taken back"


def test_a_model_without_bias_says_so_and_leads_to_the_bias_sheet(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot, sheet="dotprod")
    assert "bias" not in [column.title for column in page.table.columns]
    assert page.beside.no_bias.isVisible()
    assert not page.beside.scatter.isVisible()
    QTest.mouseClick(page.beside.show_bias, Qt.MouseButton.LeftButton)
    settle(page, qtbot)
    assert driver.window.explore.page is page
    assert driver.window.session.active == "bias"
    assert "bias" in [column.title for column in page.table.columns]
    assert page.beside.scatter.isVisible()


def test_table_plot_and_neighbours_are_about_the_same_movie(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot)
    page.beside.scatter.selected.emit(4)
    assert page.table.current_row == 4
    page.table.select_row(6)
    assert page.beside.scatter.current == 6
    page.beside.setCurrentWidget(page.neighbours)
    ids = driver.window.session.ratings.movie_ids
    assert page.neighbours.subject == ("movie", ids[6])
    page.table.select_row(2)
    assert page.neighbours.subject == ("movie", ids[2])
    settle(page, qtbot)
    assert page.neighbours.report is not None
    assert page.neighbours.report.index == 2


def test_a_cell_s_menu_leads_to_its_neighbours(driver: Driver, qtbot: QtBot) -> None:
    driver.trigger("view.sheet_bias")
    driver.window.explore.open("users", [("user", "293")])
    page = driver.window.explore.page
    assert isinstance(page, StandingsPage)
    settle(page, qtbot)
    assert page.beside.currentWidget() is page.neighbours
    assert page.neighbours.subject == ("user", "293")
    assert cell(page, page.table.current_row or 0, "id") == "293"
    page.show_subject("movie", "49")
    assert driver.window.explore.current == "movies"


def test_enter_goes_to_the_sheet_and_copy_takes_every_digit(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "users", qtbot)
    page.table.select_row(3)
    driver.trigger("edit.copy")
    header, line = QGuiApplication.clipboard().text().splitlines()
    own = driver.window.session.sheet("bias").factors
    assert own.user_bias is not None
    assert header.split("\t")[:5] == ["id", "ratings", "mean", "bias", "f1"]
    assert line.split("\t")[0] == "211"
    assert float(line.split("\t")[3]) == own.user_bias[3]
    assert float(line.split("\t")[4]) == own.user_factors[3, 0]
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert driver.window.explore.current == ""
    view = driver.window.page.current
    assert view is not None
    assert (view.block.name, view.currentIndex().row()) == ("ratings", 3)


def test_another_document_is_another_table(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "movies", qtbot)
    page.table.select_row(9)
    driver.trigger("file.open_sample")
    driver.idle()
    settle(page, qtbot)
    assert page.table_shown is not None
    assert page.table_shown.reading.ratings is driver.window.session.ratings
    assert len(page.table.rows) == 15


def test_the_selected_row_stays_while_rows_come_and_go(driver: Driver, qtbot: QtBot) -> None:
    page = opened(driver, "users", qtbot)
    page.table.select_row(9)
    driver.window.edits.submit(AddUser("new", {0: 4.0}))
    settle(page, qtbot)
    assert len(page.table.rows) == 16
    assert page.table.current_row == 9
    driver.trigger("edit.undo")
    settle(page, qtbot)
    assert (len(page.table.rows), page.table.current_row) == (15, 9)

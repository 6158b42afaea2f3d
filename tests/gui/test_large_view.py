"""A large table in the window: nothing that grows with it is done while the window waits."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QFontMetrics, QUndoStack
from PySide6.QtTest import QTest

from cfgui.app import embedding_blocks, holding, scope
from cfgui.app.edits import SetWeights
from cfgui.app.finding import Found
from cfgui.core import edited_ratings, models, ratings
from cfgui.core.document import Document
from cfgui.core.edited_ratings import EditedRatings
from cfgui.core.factors import Factors
from cfgui.core.split import SplitChoice
from cfgui.gui import finder_index, undo
from cfgui.gui.block_painter import visible_part
from cfgui.gui.lit_cells import LitLine, lit_within
from tests.gui.conftest import Driver
from tests.gui.tables import made_document

N, M = 20_000, 6_000
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def table() -> Document:
    """20,000 users x 6,000 movies, 120,000 ratings."""
    return made_document(N, M, 120_000)


@pytest.fixture
def large(driver: Driver, table: Document) -> Driver:
    """The window on all of it."""
    driver.window.documents.open(table, "made.csv", "seed 3's")
    driver.window.shown.all()
    return driver


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many ratings each rectangle that was asked for covers."""
    sizes: list[int] = []
    block = ratings.Ratings.block

    def watched(self: ratings.Ratings, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        sizes.append(len(users) * len(movies))
        return block(self, users, movies)

    monkeypatch.setattr(ratings.Ratings, "block", watched)
    return sizes


def test_painting_looks_at_what_is_in_view_only(large: Driver, asked: list[int]) -> None:
    view = large.window.page.views["predictions"]
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum() // 2)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    large.window.grab()
    assert asked
    assert max(asked) < 2_000
    rows = visible_part(view).rows
    assert rows.stop == N
    assert len(rows) < 100


def test_a_huge_sheet_has_the_normal_size(large: Driver) -> None:
    assert large.window.appearance.fit
    assert large.window.appearance.zoom == 1.0
    large.window.resize(1900, 1060)
    large.window.grab()
    assert large.window.appearance.zoom == 1.0
    large.window.shown.top()
    assert large.window.appearance.zoom >= 1.2  # the workbook's size fills the room there is


def test_everything_is_selected_as_one_range(large: Driver, asked: list[int]) -> None:
    view = large.window.page.views["ratings"]
    view.selectAll()
    assert view.selected_rectangles() == [(slice(0, N), slice(0, M))]
    assert max(asked, default=0) < 2_000
    assert large.window.status.selection.text() == ""  # too many to be added up in a moment


def test_a_whole_column_is_looked_up_by_movie(large: Driver, table: Document, asked: list[int]) -> None:
    view = large.window.page.views["ratings"]
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Columns
    view.selectionModel().select(view.model().index(0, 2), flags)
    view.selectionModel().setCurrentIndex(view.model().index(0, 2), QItemSelectionModel.SelectionFlag.NoUpdate)
    assert max(asked, default=0) < 2_000
    values = table.ratings.values[table.ratings.movies == 2]
    assert large.window.status.selection.text().startswith(
        f"count {len(values)} · sum {values.sum():,.4f}".rstrip("0").rstrip(".")
    )


def test_jumps_end_where_the_run_of_ratings_ends(large: Driver, table: Document) -> None:
    view = large.window.page.views["ratings"]
    movies = table.ratings.user_line(0)[0].tolist()
    gap = next(m for m in range(M) if m not in movies)
    after = next(m for m in movies if m > gap)
    view.select_cell(0, gap)
    QTest.keyClick(view, Qt.Key.Key_Right, CONTROL)
    assert (view.currentIndex().row(), view.currentIndex().column()) == (0, after)
    users = set(table.ratings.movie_line(0)[0].tolist())
    start = next(u for u in sorted(users) if u + 1 in users)
    end = next(u for u in range(start, N) if u + 1 not in users)
    view.select_cell(start, 0)
    QTest.keyClick(view, Qt.Key.Key_Down, CONTROL)
    assert view.currentIndex().row() == end
    weights = large.window.page.views["user_factors"]
    weights.select_cell(5, 0)
    QTest.keyClick(weights, Qt.Key.Key_Down, CONTROL)
    assert weights.currentIndex().row() == N - 1
    QTest.keyClick(weights, Qt.Key.Key_Up, CONTROL)
    assert weights.currentIndex().row() == 0


def test_a_weight_lights_its_whole_line(large: Driver) -> None:
    page = large.window.page
    page.views["user_factors"].select_cell(15_000, 1)
    assert page.views["predictions"]._lit == LitLine(row=15_000)
    page.views["movie_factors"].select_cell(1, 5_000)
    lit = page.views["predictions"]._lit
    assert lit == LitLine(column=5_000)
    assert list(lit_within(lit, range(7, 9), range(4_999, 5_003))) == [(7, 5_000), (8, 5_000)]
    assert list(lit_within(LitLine(row=8), range(7, 9), range(2))) == [(8, 0), (8, 1)]
    assert list(lit_within(lit, range(7, 9), range(3))) == []
    assert list(lit_within(frozenset({(1, 1), (30, 1)}), range(5), range(5))) == [(1, 1)]


def test_sizes_are_told_once_not_by_section(large: Driver) -> None:
    page = large.window.page
    header = page.views["predictions"].horizontalHeader()
    header.resizeSection(4, 90)
    assert page.views["movie_factors"].columnWidth(4) == page.views["ratings"].columnWidth(4) == 90
    told: list[int] = []
    header.sectionResized.connect(lambda section, *_: told.append(section))
    large.window.appearance.set_zoom(1.3)
    assert told == []
    width = large.window.appearance.column_width(page.views["ratings"].sample)
    for name in ("ratings", "predictions", "movie_factors"):
        assert page.views[name].columnWidth(M - 1) == width
    assert page.views["predictions"].rowHeight(N - 1) == large.window.appearance.row_height


def test_long_ids_have_room(large: Driver) -> None:
    page = large.window.page
    header = page.views["ratings"].horizontalHeader()
    font = large.window.appearance.font()
    font.setBold(True)
    assert QFontMetrics(font).horizontalAdvance("60000") + 7 <= header.sectionSize(M - 1)
    assert (len(page.longest_movie_id()), len(page.longest_user_id())) == (5, 6)


def test_lookups_are_bounded_and_say_so(large: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_blocks, "MAX_LINES", 50_000)
    window = large.window
    window.tabs.setCurrentIndex(2)
    page = window.page
    assert page.views["lookups"].model().rowCount() == 50_000
    assert page._captions[2].text().endswith("the first 50,000 of 120,000")  # type: ignore[attr-defined]
    line = page.views["lookups"]
    line.select_cell(49_999, 2)
    user, movie = line.block.cell_of(49_999)  # type: ignore[attr-defined]
    table = window.session.ratings
    assert (user, movie) == (int(table.users[49_999]), int(table.movies[49_999]))
    assert line.block.value(49_999, 2) == table.values[49_999]
    window.shown.sort(users="mean")
    user, _ = line.block.cell_of(0)  # type: ignore[attr-defined]
    assert user == int(window.session.view.users[0])


# The RMSE of a large table


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every RMSE is measured behind the window."""
    monkeypatch.setattr(scope, "QUICK_WORK", 0)


@pytest.mark.usefixtures("unhurried")
def test_the_rmse_is_measured_behind_the_window(driver: Driver, table: Document) -> None:
    window = driver.window
    window.documents.open(table, "made.csv", "seed 3's")
    assert "RMSE … over all 120,000 ratings" in window.status.training.text()
    assert window.measuring.working
    driver.qtbot.waitUntil(lambda: not window.measuring.working)
    expected = models.rmse(table.factors["dot"], table.ratings)
    assert window.session.rmse("dot") == pytest.approx(expected, rel=1e-12)
    assert f"RMSE {expected:.4f} over all" in window.status.training.text()
    assert not math.isnan(window.session.rmse("dot", shown=True))
    assert window.page.views["rmse"].block.text(0, 0) == f"{window.session.rmse('dot', shown=True):.2f}"


@pytest.mark.usefixtures("unhurried")
def test_what_changed_meanwhile_is_measured_anew(driver: Driver, table: Document) -> None:
    window = driver.window
    window.documents.open(table, "made.csv", "seed 3's")
    window.edits.submit(SetWeights("dot", {("user_factors", 0, 0): 9.0}))
    driver.qtbot.waitUntil(lambda: not window.measuring.working)
    sheet = window.session.sheet("dot")
    assert sheet.factors.user_factors[0, 0] == 9.0
    assert window.session.rmse("dot") == pytest.approx(models.rmse(sheet.factors, table.ratings), rel=1e-12)
    window.tabs.setCurrentIndex(1)
    driver.qtbot.waitUntil(lambda: not window.measuring.working)
    assert window.session.rmse("bias") == pytest.approx(models.rmse(table.factors["bias"], table.ratings), rel=1e-12)


# Edits


@pytest.mark.usefixtures("unhurried")
def test_edits_of_a_large_table_copy_nothing(large: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edited_ratings, "COPIED_RATINGS", 1000)
    window = large.window
    monkeypatch.setattr(window.measuring, "look", lambda: None)  # a measurement may put the table together
    before = window.session.ratings.n_ratings
    unrated = next(m for m in range(M) if window.session.ratings.rating(0, m) is None)
    view = window.page.views["ratings"]
    assert view.model().set_cells({(0, unrated): "2.5"})  # type: ignore[attr-defined]
    edited = window.session.ratings
    assert isinstance(edited, EditedRatings)
    assert edited.n_ratings == before + 1
    window.grab()
    assert "_arrays" not in vars(edited)  # painting has asked for no copy of the table
    assert view.block.value(0, unrated) == 2.5
    window.edits.undo()
    assert window.session.ratings.n_ratings == before


@pytest.mark.usefixtures("unhurried")
def test_an_edit_with_held_out_ratings_leaves_the_table_to_others(
    large: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the tables are put together nor all weights compared while the window waits, the form open or not."""
    monkeypatch.setattr(edited_ratings, "COPIED_RATINGS", 1000)
    monkeypatch.setattr(holding, "READY_AT_ONCE", 0)
    window, session = large.window, large.window.session
    idle = lambda: not (window.curves.waits or window.measuring.working or window.holding_out.working)  # noqa: E731
    window.holding_out.choose(SplitChoice("random", fraction=0.2))
    window.holding_out.open_or_close()
    large.qtbot.waitUntil(idle, timeout=30_000)
    large.train("train.step")
    large.qtbot.waitUntil(idle, timeout=30_000)
    assert window.holding_out.form is not None
    assert "predicted by biases alone" in window.holding_out.form.words.text()
    assert session.best("dot") is not None
    merging, comparing = recorded(monkeypatch, edited_ratings, "merged"), recorded(monkeypatch, Factors, "equals")
    view = window.page.views["ratings"]
    rated = [(user, int(movie)) for user in range(20) for movie in session.ratings.user_line(user)[0]]
    for held in (False, True):
        cell = next(cell for cell in rated if session.is_held_out(*cell) is held)
        assert view.model().set_cells({cell: "2.25"})  # type: ignore[attr-defined]
        window.grab()
        large.qtbot.waitUntil(idle, timeout=30_000)
        assert isinstance(session.scope.ratings, EditedRatings)
        assert isinstance(session.held_out and session.held_out.ratings, EditedRatings)
    assert "predicted by biases alone" in window.holding_out.form.words.text(), "counted while measuring"
    assert len(merging) >= 4
    assert threading.main_thread() not in merging
    assert threading.main_thread() not in comparing


def recorded(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[threading.Thread]:
    """The threads in which a function is called from now on."""
    threads: list[threading.Thread] = []
    function = getattr(owner, name)

    def watched(*arguments: object) -> object:
        threads.append(threading.current_thread())
        return function(*arguments)

    monkeypatch.setattr(owner, name, watched)
    return threads


def test_undo_keeps_what_there_is_room_for(large: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    window = large.window
    state = window.session.state
    n_weights = max(sheet.factors.n_parameters for sheet in state.sheets.values())
    monkeypatch.setattr(undo, "MEMORY", 5 * 2 * 8 * n_weights)
    assert undo.entries_kept(state) == 5
    for number in range(8):
        window.edits.submit(SetWeights("dot", {("user_factors", 0, 0): float(number)}))
    assert window.edits.stack.count() == 5
    for _ in range(5):
        window.edits.undo()
    assert window.session.sheet("dot").factors.user_factors[0, 0] == 2.0
    assert not window.edits.stack.canUndo()
    for _ in range(5):
        window.edits.redo()
    assert window.session.sheet("dot").factors.user_factors[0, 0] == 7.0


def test_a_new_limit_keeps_the_newest_entries(driver: Driver) -> None:
    window = driver.window
    assert undo.entries_kept(window.session.state) == 0  # a sheet of the workbook's size: as many as one likes
    for number in range(4):
        window.edits.submit(SetWeights("dot", {("user_factors", 0, 0): float(number)}))
    stack = window.edits.stack
    undo.limit_entries(stack, 3)
    assert (stack.count(), stack.index(), stack.undoLimit()) == (3, 3, 3)
    window.edits.undo()
    assert window.session.sheet("dot").factors.user_factors[0, 0] == 2.0
    window.edits.redo()
    assert window.session.sheet("dot").factors.user_factors[0, 0] == 3.0


def test_an_empty_stack_takes_any_limit(driver: Driver) -> None:
    stack = QUndoStack(driver.window)
    undo.limit_entries(stack, 7)
    assert stack.undoLimit() == 7


# Finding


def test_hidden_movies_are_found_and_shown(driver: Driver, table: Document) -> None:
    window = driver.window
    window.documents.open(table, "made.csv", "seed 3's")
    driver.trigger("edit.find")
    bar = window.find_bar
    bar.edit.setText("tale 59990")
    assert bar._matches == [Found("movie", 5_998)]
    assert bar.count.text() == "1 of 1 · not shown: movie 59990 · Tale number 59990"
    window.grab()
    assert bar.edit.width() >= 150
    assert bar.show_it.isVisible()
    bar.show_it.click()
    assert window.session.view.is_whole
    view = window.page.views["ratings"]
    assert view.currentIndex().column() == 5_998
    assert view.columnViewportPosition(5_998) < view.viewport().width()
    assert not bar.show_it.isVisible()
    assert bar.count.text() == "1 of 1"


def test_an_index_of_many_ids_is_made_behind_the_window(
    driver: Driver, table: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder_index, "QUICK_IDS", 0)
    window = driver.window
    window.documents.open(table, "made.csv", "seed 3's")
    driver.trigger("edit.find")
    window.find_bar.edit.setText("20")
    assert window.find_bar.count.text() == "…"
    driver.qtbot.waitUntil(lambda: window.find_bar._matches != [])
    assert window.find_bar._matches[:2] == [Found("user", 1), Found("movie", 1)]


def test_the_name_box_takes_users_movies_and_titles(large: Driver) -> None:
    view = large.select("user 150010")
    assert view.currentIndex().row() == 15_000
    view = large.select("movie 40010")
    assert view.currentIndex().column() == 4_000
    view = large.select("tale number 40020")
    assert view.currentIndex().column() == 4_001
    large.window.shown.top()
    box = large.window.formula_bar.name_box
    box.setText("user 150010")
    large.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert large.window.messages.label.text() == "user 150010 is not among those shown."
    large.select("H2")
    assert not large.window.messages.isVisible()  # somewhere else: the offer is of no more use
    box.setText("user 150010")
    large.qtbot.keyClick(box, Qt.Key.Key_Return)
    large.window.messages.buttons[0].click()
    assert large.window.page.views["ratings"].currentIndex().row() == 15_000
    large.window.tabs.setCurrentIndex(2)
    view = large.select("movie 40010")
    assert (view.block.name, view.currentIndex().row()) == ("movies", 4_000)
    box.setText("nobody at all")
    large.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert "is no cell of this sheet" in large.window.messages.label.text()

"""The page of factors in the real window: the list, both ends, the rotation with undo, and what follows training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest

from cfgui.app.edits import SetWeights
from cfgui.core.models import predict_all
from cfgui.gui.factors_page import FactorsPage
from tests.gui.conftest import Driver


def settle(driver: Driver, page: FactorsPage) -> None:
    """Wait until what is on screen is of the present weights."""

    def done() -> bool:
        factors = driver.window.session.sheet(driver.window.session.active).factors
        idle = not (page.work.working or page.rotating.working)
        return idle and page.answer is not None and page.answer.reading.factors is factors

    driver.qtbot.waitUntil(done, timeout=20_000)


@pytest.fixture
def page(driver: Driver) -> FactorsPage:
    driver.trigger("explore.factors")
    page = driver.window.explore.page
    assert isinstance(page, FactorsPage)
    settle(driver, page)
    return page


def column(page: FactorsPage, side: str, end: str, title: str) -> list[str]:
    table = page.tables[side, end]
    place = [part.title for part in table.columns].index(title)
    return [table.columns[place].full(row) for row in range(len(table.columns[place]))]


def test_the_list_and_the_ends_of_the_first_factor(driver: Driver, page: FactorsPage) -> None:
    session = driver.window.session
    assert page.bar.heading.text() == "<b>Factors</b> of dotprod"
    assert [page.factors.columns[0].shown(row) for row in range(5)] == ["1", "2", "3", "4", "5"]
    assert sum(float(page.factors.columns[1].values[row]) for row in range(5)) == pytest.approx(100.0)  # type: ignore[arg-type]
    values = session.sheet("dot").factors.movie_factors[:, 0]
    assert [float(text) for text in column(page, "movie", "low", "Value")] == sorted(values.tolist())
    assert [float(text) for text in column(page, "movie", "high", "Value")] == sorted(values.tolist(), reverse=True)
    first = session.ratings.movie_name(int(np.argmin(values)))
    assert column(page, "movie", "low", "Movie")[0] == first
    users = session.sheet("dot").factors.user_factors[:, 0]
    assert column(page, "user", "high", "User")[0] == f"user {session.ratings.user_ids[int(np.argmax(users))]}"


def test_the_keyboard_chooses_a_factor(driver: Driver, page: FactorsPage) -> None:
    page.factors.setFocus()
    QTest.keyClick(page.factors, Qt.Key.Key_Down)
    settle(driver, page)
    assert page.captions["movie", "low"].text() == "▼ Movies lowest on factor 2"
    assert "On factor 2 the user's value" in page.sentences.text()
    values = driver.window.session.sheet("dot").factors.movie_factors[:, 1]
    assert float(column(page, "movie", "low", "Value")[0]) == values.min()


def test_few_ratings_are_left_out(driver: Driver, page: FactorsPage) -> None:
    counts = driver.window.session.ratings.movie_counts
    page.bar.least.setValue(14)
    settle(driver, page)
    assert len(column(page, "movie", "low", "Movie")) == int((counts >= 14).sum()) < 15


def test_shares_over_all_pairs(driver: Driver, page: FactorsPage) -> None:
    page.bar.cells.setCurrentIndex(1)
    page.bar.cells.activated.emit(1)
    settle(driver, page)
    assert page.answer is not None
    assert page.answer.shares is not None
    assert page.answer.shares.n_cells == 225
    assert "over every pair" in page.sentences.text()


def test_rotation_is_one_undo_and_changes_no_prediction(driver: Driver, page: FactorsPage) -> None:
    session = driver.window.session
    before = session.sheet("dot").factors
    predictions = predict_all(before)
    page.bar.rotate.click()
    driver.qtbot.waitUntil(lambda: session.sheet("dot").factors is not before, timeout=20_000)
    settle(driver, page)
    assert np.abs(predict_all(session.sheet("dot").factors) - predictions).max() <= 1e-12 * np.abs(predictions).max()
    sizes = [float(page.factors.columns[2].values[row]) for row in range(5)]  # type: ignore[arg-type]
    assert sizes == sorted(sizes, reverse=True)
    assert "Every prediction is as before." in driver.window.messages.label.text()
    assert driver.window.edits.stack.undoText() == "rotate to principal axes"
    driver.trigger("edit.undo")
    assert session.sheet("dot").factors is before
    settle(driver, page)
    driver.trigger("edit.redo")
    settle(driver, page)
    assert session.rmse("dot") == pytest.approx(2.8060620616483134, rel=1e-12)


def test_weights_that_are_not_finite_are_refused(driver: Driver, page: FactorsPage) -> None:
    session = driver.window.session
    sheet = session.sheet("dot")
    vector = sheet.factors.flat()
    vector[3] = np.nan
    broken = sheet.factors.view_of(vector)
    session.restore(session.state.with_sheet("dot", replace(sheet, factors=broken)))
    settle(driver, page)
    page.bar.rotate.click()
    driver.qtbot.waitUntil(lambda: not page.rotating.working, timeout=20_000)
    assert "not finite" in driver.window.messages.label.text()
    assert session.sheet("dot").factors is broken
    assert page.bar.rotate.isEnabled()


def test_it_follows_edits_training_and_sheets(driver: Driver, page: FactorsPage) -> None:
    session = driver.window.session
    driver.window.edits.submit(SetWeights("dot", {("movie_factors", 6, 0): 9.5}))
    settle(driver, page)
    assert column(page, "movie", "high", "Value")[0] == "9.5"
    driver.train("train.steps5")
    settle(driver, page)
    assert float(column(page, "movie", "high", "Value")[0]) == session.sheet("dot").factors.movie_factors[:, 0].max()


def test_biases_stand_in_the_list_of_their_sheet(driver: Driver) -> None:
    driver.trigger("view.sheet_bias")
    driver.trigger("explore.factors")
    page = driver.window.explore.page
    assert isinstance(page, FactorsPage)
    settle(driver, page)
    page.factors.select_row(6)
    settle(driver, page)
    assert page.captions["movie", "high"].text() == "▲ Movies highest on the movie bias"
    assert column(page, "user", "high", "User") == []
    biases = driver.window.session.sheet("bias").factors.movie_bias
    assert biases is not None
    assert float(column(page, "movie", "high", "Value")[0]) == biases.max()


def test_a_net_shows_its_ends_but_nothing_to_rotate(driver: Driver) -> None:
    driver.trigger("view.sheet_neural")
    driver.trigger("explore.factors")
    page = driver.window.explore.page
    assert isinstance(page, FactorsPage)
    settle(driver, page)
    assert not page.bar.rotate.isEnabled()
    assert "net" in page.bar.rotate.toolTip()
    assert [column.title for column in page.factors.columns] == ["Factor"], "shares and sizes of a net cannot be told"
    page.model_wanted.emit("dot")
    settle(driver, page)
    assert [column.title for column in page.factors.columns] == ["Factor", "Share %", "Moves"]
    assert len(column(page, "movie", "high", "Movie")) == 15


def test_a_double_click_leads_to_the_movie_and_a_subject_to_its_factor(driver: Driver, page: FactorsPage) -> None:
    wanted: list[tuple[str, str, str]] = []
    page.page_wanted.disconnect()
    page.page_wanted.connect(lambda *about: wanted.append(about))
    table = page.tables["user", "high"]
    table.select_row(2)
    QTest.keyClick(table, Qt.Key.Key_Return)
    session = driver.window.session
    users = session.sheet("dot").factors.user_factors[:, 0]
    third = int(np.argsort(-users, kind="stable")[2])
    assert wanted == [("users", "user", session.ratings.user_ids[third])]
    page.show_subject("movie", session.ratings.movie_ids[0])
    settle(driver, page)
    table_of = session.sheet("dot").factors.movie_factors
    scores = np.abs(table_of[0] - table_of.mean(axis=0)) / table_of.std(axis=0)
    assert page.answer is not None
    assert page.answer.question.factor == int(np.argmax(scores))


def test_the_bar_of_a_share_ends_where_it_should(page: FactorsPage) -> None:
    place = QRect(100, 0, 86, 20)  # 80 pixels inside
    page.bars.take([-1.0, 3.0])
    whole, part, below = (page.bars.bar(place, value) for value in (3.0, 1.5, -1.0))
    assert (whole.left(), whole.width()) == (123, 60)
    assert (part.left(), part.width()) == (123, 30)
    assert (below.left(), below.width()) == (103, 20)
    page.bars.take([0.0])
    assert page.bars.bar(place, 0.0).isEmpty()

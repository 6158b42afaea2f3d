"""One-hot rows under the lines of movielens_emb: what is drawn follows the selected line, and every way in and out."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cfgui.gui.embedding_page import EmbeddingPage
from tests.gui.conftest import Driver


@pytest.fixture
def page(driver: Driver) -> EmbeddingPage:
    driver.trigger("view.one_hot")
    page = driver.window.page
    assert isinstance(page, EmbeddingPage)
    return page


def test_the_command_brings_the_sheet_and_the_view(driver: Driver, page: EmbeddingPage) -> None:
    action = driver.window.actions_by_id["view.one_hot"]
    assert driver.window.tabs.tabText(driver.window.tabs.currentIndex()) == "movielens_emb"
    assert page.one_hot.isVisible()
    assert action.isChecked()
    assert page.open_one_hot.isChecked()
    driver.trigger("view.one_hot")
    assert not page.one_hot.isVisible()
    page.open_one_hot.click()
    assert page.one_hot.isVisible()
    assert action.isChecked()
    page.one_hot.closed.emit()
    assert not page.one_hot.isVisible()
    assert not action.isChecked()
    assert not page.open_one_hot.isChecked()


def test_nothing_overlaps_and_all_fits(driver: Driver, page: EmbeddingPage) -> None:
    lines, view = page.lookups.geometry(), page.one_hot.geometry()
    assert lines.bottom() < view.top()
    assert page.rect().contains(view)
    assert lines.height() >= 6 * page.appearance.row_height
    assert page.one_hot.picture.found is not None
    assert len(page.one_hot.picture.found.one_hot) == 15  # of the workbook every row
    labels = page.one_hot.sentences
    assert labels.height() >= labels.heightForWidth(labels.width())


def test_it_follows_the_selected_line_and_its_side(driver: Driver, page: EmbeddingPage) -> None:
    session, view = driver.window.session, page.one_hot
    page.lookups.select_cell(20, 4)
    found = view.picture.found
    assert found is not None
    user, movie = page.lookups.block.cell_of(20)  # type: ignore[attr-defined]
    assert (found.side, found.place) == ("user", user)
    page.lookups.select_cell(20, 11)
    found = view.picture.found
    assert found is not None
    assert (found.side, found.place) == ("movie", movie)
    assert view.buttons["movie"].isChecked()
    assert np.array_equal(found.lookup, session.sheet("dot").factors.movie_factors[movie])
    QTest.mouseClick(view.buttons["user"], Qt.MouseButton.LeftButton)
    assert view.picture.found is not None
    assert view.picture.found.side == "user"
    page.lookups.select_cell(21, 11)
    assert view.picture.found.side == "user"  # another line of the same column: the person's choice stays
    assert view.title.rest == f"row {user + 1} of 15 · user {session.ratings.user_ids[user]}"


def test_it_follows_training_and_edits(driver: Driver, page: EmbeddingPage) -> None:
    page.lookups.select_cell(0, 4)
    before = page.one_hot.picture.found
    driver.train("train.step")
    after = page.one_hot.picture.found
    assert before is not None
    assert after is not None
    assert after.lookup.tolist() != before.lookup.tolist()
    assert after.lookup.tolist() == driver.window.session.sheet("dot").factors.user_factors[0].tolist()
    page.users.select_cell(3, 2)  # no line: the last one stays
    assert page.one_hot.picture.found is not None
    assert page.one_hot.picture.found.place == after.place


def test_a_screen_reader_is_told(page: EmbeddingPage) -> None:
    text = page.one_hot.picture.accessibleName()
    assert "15 × 5 = 75 times" in text
    assert "Equal to the last bit." in text


def test_many_factors_are_shown_in_part(driver: Driver, page: EmbeddingPage) -> None:
    driver.window.training.choose("n_factors", 40)
    driver.idle()
    found = page.one_hot.picture.found
    assert found is not None
    assert found.k == 40
    assert not page.one_hot.grab().isNull()

"""New rows on the sheet, driven as a person does: added, rated, folded in, trained, removed, undone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QMenu

from cfgui.app.cell_subjects import selected_subjects
from cfgui.app.sheet_state import KEPT
from cfgui.gui.main_window import MainWindow
from tests.gui.conftest import Driver


def message(window: MainWindow) -> str:
    return window.messages.label.text()


def test_a_user_is_added_rated_and_followed(driver: Driver) -> None:
    window, session = driver.window, driver.window.session
    driver.trigger("edit.add_user")
    assert session.ratings.n_users == 16
    assert "new 1" in message(window)
    view = driver.view
    assert (view.block.name, view.currentIndex().row(), view.currentIndex().column()) == ("ratings", 15, 0)
    before = session.prediction("dot", 15, 3)
    driver.type("5")
    driver.press(Qt.Key.Key_Return)
    assert session.ratings.rating(15, 0) == 5.0
    after = session.prediction("dot", 15, 3)
    assert after != before
    assert window.page.views["predictions"].block.value(15, 3) == pytest.approx(after)
    assert window.edits.stack.undoText() == "edit 1 rating"
    driver.trigger("edit.undo")
    assert session.prediction("dot", 15, 3) == before
    assert session.ratings.n_users == 16
    driver.trigger("edit.undo")
    assert session.ratings.n_users == 15
    assert window.page.views["ratings"].block.shape == (15, 15)
    driver.trigger("edit.redo")
    driver.trigger("edit.redo")
    assert session.prediction("dot", 15, 3) == after
    assert window.page.views["ratings"].block.shape == (16, 15)


def test_a_pasted_row_of_ratings_is_one_step(driver: Driver, qapp) -> None:
    session = driver.window.session
    driver.trigger("edit.add_user")
    qapp.clipboard().setText("4\t\t3,5\t1")
    driver.trigger("edit.paste")
    assert [session.ratings.rating(15, movie) for movie in range(4)] == [4.0, None, 3.5, 1.0]
    moved = session.sheet("dot").factors.user_factors[15]
    driver.trigger("edit.undo")
    mean = session.sheet("dot").factors.user_factors[:15].mean(axis=0)
    assert session.sheet("dot").factors.user_factors[15] == pytest.approx(mean)
    assert not np.allclose(moved, mean)


def test_a_movie_is_added_and_shown_on_every_sheet(driver: Driver) -> None:
    window, session = driver.window, driver.window.session
    driver.trigger("edit.add_movie")
    assert session.ratings.n_movies == 16
    assert driver.view.currentIndex().column() == 15
    driver.type("4")
    driver.press(Qt.Key.Key_Return)
    for place in range(5):
        driver.trigger(f"view.sheet_{('dotprod', 'bias', 'movielens_emb', 'neural', 'ordinal')[place]}")
        assert window.session.sheet(window.page.model).factors.n_movies == 16
        window.grab()
    driver.trigger("edit.undo")
    driver.trigger("edit.undo")
    window.grab()
    assert session.ratings.n_movies == 15


def test_a_run_learns_from_who_is_new_and_undo_makes_them_new_again(driver: Driver) -> None:
    session = driver.window.session
    driver.trigger("edit.add_user")
    driver.type("5")
    driver.press(Qt.Key.Key_Return)
    assert session.state.added_users == {"new 1": "fold-in"}
    driver.train("train.steps5")
    assert session.state.added_users == {"new 1": KEPT}
    driver.trigger("edit.undo")
    assert session.state.added_users == {"new 1": "fold-in"}


def test_selected_users_are_folded_in_and_removed(driver: Driver) -> None:
    window, session = driver.window, driver.window.session
    driver.select("B26:C27")  # user factors: users 29 and 72
    driver.trigger("edit.fold_in")
    assert "2 users are folded in" in message(window).lower()
    assert window.edits.stack.undoText() == "fold in 2 users"
    assert session.rmse("dot") < 2.8060620616483134
    driver.trigger("edit.remove_rows")
    assert session.ratings.user_ids[:2] == ("14", "211")
    assert session.ratings.n_users == 13
    driver.trigger("edit.undo")
    driver.trigger("edit.undo")
    assert session.rmse("dot") == pytest.approx(2.8060620616483134, abs=1e-12)


def test_whole_columns_are_movies(driver: Driver) -> None:
    session = driver.window.session
    driver.select("H2:I16")
    driver.trigger("edit.remove_rows")
    assert session.ratings.movie_ids[0] == "57"
    assert session.ratings.n_users == 15
    driver.trigger("edit.undo")
    driver.select("J19")  # a movie factor
    driver.trigger("edit.fold_in")
    assert driver.window.edits.stack.undoText() == "fold in movie 57"
    driver.select("V41")  # the RMSE
    driver.trigger("edit.remove_rows")
    assert "Select users" in message(driver.window)
    assert session.ratings.n_users == 15


def test_a_selection_knows_whom_it_is_about(driver: Driver) -> None:
    driver.select("H2")
    view = driver.view
    assert selected_subjects(view.block, view.selected_rectangles(), 10) == ("user", ("14",))
    view.select_cell(0, 0, 15, 2)
    assert selected_subjects(view.block, view.selected_rectangles(), 10) == ("movie", ("27", "49"))
    view.selectAll()
    side, ids = selected_subjects(view.block, view.selected_rectangles(), 20)
    assert (side, len(ids)) == ("user", 15)
    with pytest.raises(ValueError, match="at most 10"):
        selected_subjects(view.block, view.selected_rectangles(), 10)
    view.select_cell(1, 1)
    view.selectionModel().select(view.model().index(4, 5), QItemSelectionModel.SelectionFlag.Select)
    assert selected_subjects(view.block, view.selected_rectangles(), 10) == ("user", ("29", "212"))


def test_the_menu_of_a_cell_folds_in_and_removes(driver: Driver) -> None:
    window, session = driver.window, driver.window.session
    driver.select("I4")
    driver.view.menu_asked.emit(window.mapToGlobal(window.rect().center()))
    menu = next(each for each in window.findChildren(QMenu) if any("Fold" in a.text() for a in each.actions()))
    texts = {action.text().replace("&", ""): action for action in menu.actions()}
    texts["Fold user 72 in from the ratings"].trigger()
    assert window.edits.stack.undoText() == "fold in user 72"
    texts["Remove “Pulp Fiction (1994)”"].trigger()
    assert "49" not in session.ratings.movie_ids
    menu.close()


def test_the_last_user_stays(driver: Driver) -> None:
    driver.select("B25:B39")
    driver.trigger("edit.remove_rows")
    assert "must stay" in message(driver.window)
    assert driver.window.session.ratings.n_users == 15


def test_in_a_large_table_new_predictions_come_first_and_the_rmse_follows(driver: Driver, monkeypatch, qtbot) -> None:
    """With many ratings the RMSE of all takes longer than the rest of an edit."""
    monkeypatch.setattr("cfgui.gui.main_window.MANY_RATINGS", 0)
    window, session = driver.window, driver.window.session
    before = session.rmse("dot")
    driver.trigger("edit.add_user")
    driver.type("5")
    driver.press(Qt.Key.Key_Return)
    assert window.page.views["predictions"].block.value(15, 3) == pytest.approx(session.prediction("dot", 15, 3))
    assert f"RMSE {before:.4f}" in window.status.training.text()
    now = session.rmse("dot")
    qtbot.waitUntil(lambda: f"RMSE {now:.4f}" in window.status.training.text())
    assert f"{now:.4f}" != f"{before:.4f}"

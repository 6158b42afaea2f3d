"""The view bar: what is shown of a table, in which order, what trains on it, and what is said about it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cfgui.app.edits import SetRatings
from cfgui.core.document import Document
from cfgui.core.view import ORDERS, ViewChoice
from cfgui.gui import shown_part
from cfgui.gui.order_menu import make_order_menu
from tests.gui.conftest import Driver
from tests.gui.tables import made_document


@pytest.fixture
def table() -> Document:
    """40 users x 30 movies, 400 ratings."""
    return made_document(40, 30, 400)


@pytest.fixture
def open_table(driver: Driver, table: Document) -> Driver:
    """The window on it."""
    driver.window.documents.open(table, "made.csv", "seed 3's")
    return driver


def most(counts: np.ndarray, n: int) -> list[int]:
    """The ``n`` indices with the largest counts, of equals the smaller; ids ascend with the index here."""
    return sorted(sorted(range(len(counts)), key=lambda index: (-counts[index], index))[:n])


def test_the_original_has_no_view_bar(driver: Driver) -> None:
    assert not driver.window.view_bar.isVisible()
    assert not driver.window.actions_by_id["view.all"].isEnabled()
    assert driver.window.status.training.text().split("   ")[1] == "RMSE 2.8061"


def test_a_table_opens_at_the_workbooks_size(open_table: Driver, table: Document) -> None:
    bar, session = open_table.window.view_bar, open_table.window.session
    assert bar.isVisible()
    assert (bar.n_users.value(), bar.n_movies.value()) == (15, 15)
    assert (bar.n_users.maximum(), bar.n_movies.maximum()) == (40, 30)
    assert (bar.user_order.currentText(), bar.movie_order.currentText()) == ("id", "id")
    assert bar.trains_all.isChecked()
    assert bar.trains_all.text() == "a&ll 400 ratings"
    rated = table.ratings.rated
    users, movies = most(rated.sum(axis=1), 15), most(rated.sum(axis=0), 15)
    assert session.view.users.tolist() == users
    assert session.view.movies.tolist() == movies
    n_shown = int(rated[np.ix_(users, movies)].sum())
    assert bar.trains_shown.text() == f"the {n_shown} show&n"
    assert bar.top.isChecked()
    assert not bar.everything.isChecked()
    assert "smaller id" in bar.n_users.toolTip()


def test_sizes_are_typed(open_table: Driver, table: Document) -> None:
    bar, session = open_table.window.view_bar, open_table.window.session
    bar.n_users.setFocus()
    bar.n_users.selectAll()
    QTest.keyClicks(bar.n_users, "6")
    assert len(session.view.users) == 15  # not before it is entered
    QTest.keyClick(bar.n_users, Qt.Key.Key_Return)
    assert session.view.users.tolist() == most(table.ratings.rated.sum(axis=1), 6)
    assert open_table.window.page.views["predictions"].block.shape == (6, 15)
    bar.n_users.setValue(40)
    assert session.view_choice == ViewChoice(None, 15, "id", "id")


def test_all_and_back(open_table: Driver) -> None:
    window = open_table.window
    window.view_bar.everything.click()
    assert window.session.view.is_whole
    assert window.page.views["ratings"].model().rowCount() == 40
    assert window.view_bar.everything.isChecked()
    assert not window.view_bar.trains_shown.isEnabled()
    open_table.trigger("view.top")
    assert (len(window.session.view.users), len(window.session.view.movies)) == (15, 15)
    open_table.trigger("view.all")
    assert window.session.view.is_whole


@pytest.mark.parametrize("order", ORDERS)
def test_orders_of_movies(open_table: Driver, table: Document, order: str) -> None:
    window, ratings = open_table.window, table.ratings
    window.view_bar.everything.click()
    combo = window.view_bar.movie_order
    combo.setCurrentIndex(combo.findData(order))
    combo.activated.emit(combo.currentIndex())
    counts = ratings.rated.sum(axis=0)
    means = ratings.crosstab.sum(axis=0) / counts
    bias = table.factors["bias"].movie_bias
    assert bias is not None
    key = {
        "file": lambda movie: movie,
        "id": lambda movie: int(ratings.movie_ids[movie]),
        "ratings": lambda movie: (-counts[movie], movie),
        "mean": lambda movie: (-means[movie], movie),
        "bias": lambda movie: -bias[movie],
    }[order]
    assert window.session.view.movies.tolist() == sorted(range(30), key=key)
    header = window.page.views["ratings"].model()
    assert header.headerData(0, Qt.Orientation.Horizontal) == ratings.movie_ids[window.session.view.movies[0]]


def test_an_order_by_bias_is_taken_again_when_asked_again(open_table: Driver) -> None:
    from cfgui.app.edits import SetWeights

    window = open_table.window
    window.shown.all()
    window.shown.sort(users="bias")
    last = int(window.session.view.users[-1])
    window.edits.submit(SetWeights("bias", {("user_bias", last, 0): 99.0}))
    assert int(window.session.view.users[-1]) == last
    combo = window.view_bar.user_order
    combo.activated.emit(combo.currentIndex())
    assert int(window.session.view.users[0]) == last


def test_the_right_button_on_ids_sorts(open_table: Driver) -> None:
    window = open_table.window
    header = window.page.views["predictions"].verticalHeader()
    chosen: list[str] = []
    menu = make_order_menu(header, "users", "id", chosen.append)
    assert [action.text() for action in menu.actions()] == [
        "Leave users in file order",
        "Sort users by id",
        "Sort users by number of ratings",
        "Sort users by mean rating",
        "Sort users by bias",
    ]
    assert [action.isChecked() for action in menu.actions()] == [False, True, False, False, False]
    menu.actions()[3].trigger()
    assert chosen == ["mean"]
    window.page.sort_requested.emit("users", "mean")  # type: ignore[attr-defined]
    assert window.session.view_choice.user_order == "mean"
    menu.close()


def test_training_on_what_is_shown_is_said_plainly(open_table: Driver, table: Document) -> None:
    window, session = open_table.window, open_table.window.session
    n_shown = session.visible.n_ratings
    assert "over all 400 ratings" in window.status.training.text()
    assert window.side._shown[0] == "run 1 · over all 400 ratings"
    window.view_bar.trains_shown.click()
    assert session.trains_visible
    assert window.actions_by_id["train.on_visible"].isChecked()
    assert f"over the {n_shown} ratings shown" in window.status.training.text()
    before = session.sheet("dot").factors
    open_table.train("train.step")
    after = session.sheet("dot").factors
    hidden = np.setdiff1d(np.arange(40), session.view.users)
    assert np.array_equal(after.user_factors[hidden], before.user_factors[hidden])
    assert not np.array_equal(after.user_factors[session.view.users], before.user_factors[session.view.users])
    rmse = window.page.views["rmse"].block
    assert rmse.value(0, 0) == session.rmse("dot")
    assert rmse.tip(0, 0).endswith(f"over the {n_shown} ratings shown")


def test_errors_over_other_ratings_begin_a_curve_of_their_own(open_table: Driver) -> None:
    window, session = open_table.window, open_table.window.session
    for _ in range(3):
        open_table.train("train.step")
    over_all = session.sheet("dot").curve
    assert len(over_all) == 4
    open_table.trigger("train.on_visible")
    _, curve, earlier, *_ = window.side._shown
    assert curve.rmses.tolist() == [session.rmse("dot")]
    assert curve.label == "run 2"  # as it will be called from its first step on
    assert earlier[-1] is over_all
    open_table.train("train.step")
    sheet = session.sheet("dot")
    assert sheet.curve.steps.tolist() == [3, 4]
    assert [len(each) for each in sheet.earlier] == [4]
    assert sheet.run == 2


@pytest.mark.parametrize("command", ["view.all", "train.on_visible"])
def test_another_part_pauses_a_run(open_table: Driver, command: str) -> None:
    window = open_table.window
    open_table.trigger("train.run")
    open_table.qtbot.waitUntil(lambda: window.session.sheet("dot").step > 3)
    open_table.trigger(command)
    assert not window.bridge.running
    assert window.messages.label.text().startswith("The run was paused")
    assert window.edits.stack.count() == 1  # the run can be undone
    window.edits.undo()
    assert window.session.sheet("dot").step == 0


def test_a_large_part_is_prepared_behind_the_window(open_table: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_part, "AT_ONCE", 0)
    window = open_table.window
    window.shown.sort(users="mean")
    assert window.session.view_choice.user_order == "id"
    window.shown.all()  # asked before the first is there: both wishes count
    open_table.qtbot.waitUntil(lambda: not window.shown.working)
    assert window.session.view.is_whole
    assert window.session.view_choice == ViewChoice(None, None, "mean", "id")
    shown = window.session.view
    window.shown.top()
    window.shown.cancel()
    open_table.qtbot.waitUntil(lambda: not window.shown.working)
    assert window.session.view is shown


def test_another_table_ends_a_preparation(open_table: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_part, "AT_ONCE", 0)
    window = open_table.window
    window.shown.all()
    window.documents.open(made_document(20, 25, 200), "other.csv", "seed 3's")
    open_table.qtbot.waitUntil(lambda: not window.shown.working)
    assert (len(window.session.view.users), len(window.session.view.movies)) == (15, 15)
    assert window.view_bar.n_users.maximum() == 20


def test_the_bar_never_widens_the_window(open_table: Driver) -> None:
    window = open_table.window
    window.resize(700, 600)
    open_table.qtbot.waitUntil(lambda: window.view_bar.width() <= 700)
    bar = window.view_bar
    assert bar._users_word.text() in ("users ×", "×")
    assert (bar.trains_all.text(), bar.trains_shown.text()) == ("a&ll", "show&n")
    window.resize(1000, 600)
    open_table.qtbot.waitUntil(lambda: bar._users_word.text() == "users ×")
    assert bar.trains_all.text() == "a&ll 400 ratings"
    # the orders yield, not what trains
    open_table.qtbot.waitUntil(lambda: bar.trains_all.width() >= bar.trains_all.sizeHint().width())
    window.resize(1400, 800)
    open_table.qtbot.waitUntil(lambda: window.view_bar._users_word.text() == "most active users ×")


def test_keys_lead_to_the_orders(open_table: Driver) -> None:
    bar = open_table.window.view_bar
    open_table.trigger("view.order_users")
    assert bar.user_order.view().isVisible()
    bar.user_order.hidePopup()
    open_table.trigger("view.order_movies")
    assert bar.movie_order.view().isVisible()
    bar.movie_order.hidePopup()


def test_an_epoch_on_what_is_shown_is_a_pass_over_that(open_table: Driver) -> None:
    window = open_table.window
    session = window.session
    window.training.choose("optimizer", "sgd")
    window.training.choose("batch_size", 1)
    open_table.train("train.step")
    open_table.train("train.epoch")
    assert session.sheet("dot").step == 400  # the pass the step began
    open_table.trigger("train.on_visible")
    n_shown = session.visible.n_ratings
    assert n_shown < 400
    open_table.train("train.epoch")
    assert session.sheet("dot").step == 400 + n_shown
    open_table.trigger("train.on_visible")
    open_table.train("train.epoch")
    assert session.sheet("dot").step == 800 + n_shown


def test_nothing_rated_among_those_shown_is_said(open_table: Driver) -> None:
    window = open_table.window
    window.shown.choose(ViewChoice(1, 1, "id", "id"))
    window.session.restore(SetRatings({(0, 0): None}).apply(window.session.state))
    open_table.trigger("train.on_visible")
    open_table.trigger("train.epoch")
    assert window.messages.label.text() == (
        "There is no rating among those shown: show others, or train on all ratings."
    )
    assert not window.bridge.running

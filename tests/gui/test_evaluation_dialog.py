"""Evaluate on the real window: fields, figures, errors by user and movie, files, cancelling."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from cfgui.app.evaluation_columns import COLD_RULE
from cfgui.app.evaluation_job import EvaluationJob, EvaluationWish
from cfgui.app.holding import PreparedHolding, hold_out
from cfgui.core.split import SplitChoice
from cfgui.gui import evaluation_tables
from cfgui.gui.evaluation_dialog import EvaluationDialog
from tests.gui.conftest import Driver


@pytest.fixture
def dialog(driver: Driver) -> EvaluationDialog:
    driver.trigger("train.evaluate")
    dialog = driver.window.trials.evaluation
    assert dialog is not None
    return dialog


def pick(dialog: EvaluationDialog, kind: str) -> None:
    dialog.fields.kind.setCurrentIndex(dialog.fields.kind.findData(kind))


def evaluated(driver: Driver, dialog: EvaluationDialog, epochs: int = 5) -> None:
    """Press Evaluate and wait."""
    dialog.fields.epochs.setValue(epochs)
    dialog.evaluate_button.click()
    driver.qtbot.waitUntil(lambda: not dialog.working, timeout=20_000)


def test_fields_are_of_one_height_however_low_the_window(dialog: EvaluationDialog) -> None:
    dialog.resize(dialog.minimumSizeHint())
    QTest.qWait(10)
    fields = dialog.fields
    assert {field.height() for field in (fields.kind, fields.percent, fields.seed, fields.epochs, fields.n)} == {24}


def test_the_fields_come_to_a_wish(dialog: EvaluationDialog) -> None:
    fields = dialog.fields
    assert fields.wish() == EvaluationWish(SplitChoice("random", 0.2))
    assert fields.relevant.value() == 4.0
    assert fields.epochs.text() == "as usual"
    pick(dialog, "leave-k-out")
    fields.k.setValue(3)
    fields.seed.setValue(7)
    fields.epochs.setValue(12)
    fields.n.setValue(5)
    fields.relevant.setValue(4.5)
    wish = fields.wish()
    assert (wish.split.kind, wish.split.k, wish.split.seed) == ("leave-k-out", 3, 7)
    assert (wish.epochs, wish.n, wish.threshold) == (12, 5, 4.5)
    pick(dialog, "file")
    assert not fields.seed.isEnabled()
    with pytest.raises(ValueError, match="Choose the file"):
        fields.wish()


def test_every_field_and_figure_is_explained(dialog: EvaluationDialog) -> None:
    fields = dialog.fields
    for field in (fields.kind, fields.percent, fields.k, fields.folds, fields.seed, fields.epochs, fields.n):
        assert field.toolTip().endswith(".")
        assert field.accessibleName()
    header = [dialog.results.horizontalHeaderItem(column) for column in range(dialog.results.columnCount())]
    assert [item.text() for item in header if item][1:5] == ["Train RMSE", "MSE", "RMSE", "MAE"]
    assert all(item is not None and item.toolTip().endswith(".") for item in header)


def test_the_model_is_measured_beside_baselines(driver: Driver, dialog: EvaluationDialog) -> None:
    session, before = driver.window.session, driver.window.session.state
    evaluated(driver, dialog)
    report = dialog.report
    assert report is not None
    assert session.state is before
    names = [dialog.results.item(row, 0).text() for row in range(dialog.results.rowCount())]
    assert names == [
        "dotprod by Gradient descent",
        "Global mean",
        "User mean",
        "Item mean",
        "Biases only",
        "Most popular",
    ]
    rmse = dialog.results.item(0, 3)
    assert rmse.text() == f"{report.rows[0].cells[2].mean:.4f}"
    assert repr(report.rows[0].cells[2].mean) in rmse.toolTip()
    bold = [row for row in range(5) if dialog.results.item(row, 3).font().bold()]
    assert bold == [row for row in range(5) if report.is_best(row, 2)]
    assert dialog.facts.text().startswith("dotprod by Gradient descent: 5 epochs, 5 steps, ")


def test_folds_show_spread(driver: Driver, dialog: EvaluationDialog) -> None:
    pick(dialog, "folds")
    evaluated(driver, dialog)
    assert "\n± " in dialog.results.item(0, 3).text()
    assert "all 5 folds" in dialog.facts.text()
    assert dialog.by_user.model().rowCount() == 15


def test_a_file_is_held_out_and_cold_ones_are_counted(driver: Driver, dialog: EvaluationDialog, tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("user,movie,rating\n14,27,3\n14,49,5\nnew,27,4\n")
    pick(dialog, "file")
    dialog.fields.path.setText(str(path))
    evaluated(driver, dialog)
    assert "3 ratings of the file, with 1 user and 0 movies of its own" in dialog.facts.text()
    assert "1 held-out rating of 1 user without any rating to learn from" in dialog.facts.text()
    assert COLD_RULE in dialog.facts.toolTip()
    dialog.fields.path.setText(str(tmp_path / "none.csv"))
    evaluated(driver, dialog)
    assert "none.csv" in dialog.words.text()
    dialog.fields.path.setText("")
    dialog.evaluate_button.click()
    assert dialog.words.text().startswith("Choose the file")


def test_errors_by_movie_sort_and_lead_to_the_sheet(driver: Driver, dialog: EvaluationDialog) -> None:
    pick(dialog, "folds")
    evaluated(driver, dialog)
    dialog.tabs.setCurrentIndex(2)
    view = dialog.by_movie
    rmses = [float(view.model().index(row, 4).data()) for row in range(15)]
    assert rmses == sorted(rmses, reverse=True)
    view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    titles = [view.model().index(row, 1).data() for row in range(15)]
    assert titles == sorted(titles, key=str.casefold)
    wanted = [view.model().index(row, 0).data() for row in range(15)].index("49")
    view.doubleClicked.emit(view.model().index(wanted, 0))
    current = driver.window.page.current
    assert current is not None
    cell = current.currentIndex()
    assert "49" in driver.window.session.ratings.movie_ids[cell.column()]
    dialog.tabs.setCurrentIndex(1)
    dialog.by_user.setCurrentIndex(dialog.by_user.model().index(0, 0))
    QTest.keyClick(dialog.by_user, Qt.Key.Key_Return)
    assert driver.window.page.current is not None


def test_tables_are_copied_and_saved(driver: Driver, dialog: EvaluationDialog, tmp_path: Path) -> None:
    evaluated(driver, dialog)
    assert dialog.report is not None
    dialog.copy_button.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[:4] == ["name", "train_rmse", "valid_mse", "valid_rmse"]
    assert float(lines[1].split("\t")[3]) == dialog.report.rows[0].cells[2].mean
    for tab, name in enumerate(("figures", "users", "movies")):
        dialog.tabs.setCurrentIndex(tab)
        dialog.save(tmp_path / f"{name}.csv")
        driver.qtbot.waitUntil(lambda: not dialog.writing.working)
    assert dialog.words.text() == "Saved as movies.csv."
    rows = list(csv.reader((tmp_path / "figures.csv").read_text().splitlines()))
    assert rows == dialog.report.table()
    users = list(csv.DictReader((tmp_path / "users.csv").read_text().splitlines()))
    assert sum(int(row["n_held_out"]) for row in users) == 41
    assert (tmp_path / "movies.csv").read_text().startswith("movie,title,")
    dialog.tabs.setCurrentIndex(1)
    dialog.by_user.selectRow(2)
    QTest.keyClick(dialog.by_user, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    header, row = QGuiApplication.clipboard().text().splitlines()
    assert header.split("\t")[0] == "User"
    assert row.split("\t")[0] == dialog.by_user.model().index(2, 0).data()


def test_keys_in_it_do_not_reach_the_sheet(driver: Driver, dialog: EvaluationDialog) -> None:
    before = driver.window.session.state
    evaluated(driver, dialog)
    dialog.activateWindow()
    dialog.tabs.setCurrentIndex(1)
    dialog.by_user.setFocus()
    dialog.by_user.selectRow(0)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_F8):
        QTest.keyClick(dialog.by_user, key)
    driver.idle()
    assert driver.window.session.state is before


def test_too_many_rows_are_not_copied(
    driver: Driver, dialog: EvaluationDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_tables, "MOST_COPIED", 3)
    evaluated(driver, dialog)
    dialog.tabs.setCurrentIndex(1)
    dialog.copy_button.click()
    assert "too many to copy" in dialog.words.text()


def test_a_file_that_cannot_be_written_is_said(driver: Driver, dialog: EvaluationDialog, tmp_path: Path) -> None:
    evaluated(driver, dialog)
    dialog.save(tmp_path / "no" / "f.csv")
    driver.qtbot.waitUntil(lambda: not dialog.writing.working)
    assert "f.csv" in dialog.words.text()


class SlowJob(EvaluationJob):
    """Waits until it is cancelled."""

    def work(self, report, cancelled):
        wait = threading.Event()
        while not cancelled():
            wait.wait(0.005)
        return super().work(report, cancelled)


def test_it_can_be_cancelled(driver: Driver, dialog: EvaluationDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfgui.app.evaluation_job.EvaluationJob", SlowJob)
    dialog.evaluate_button.click()
    assert not dialog.fields.isEnabled()
    assert dialog.close_button.text() == "&Cancel"
    dialog.close_button.click()
    driver.qtbot.waitUntil(lambda: not dialog.working)
    assert dialog.words.text() == "Cancelled: nothing was measured."
    assert dialog.fields.isEnabled()
    dialog.evaluate_button.click()
    driver.window.close()
    assert not dialog.working


def test_it_follows_the_sheet_in_front(driver: Driver, dialog: EvaluationDialog) -> None:
    driver.trigger("view.sheet_bias")
    driver.window.training.choose("optimizer", "adam")
    assert dialog.model.text() == "Evaluates bias by Adam, with the choices in force."
    evaluated(driver, dialog)
    assert dialog.results.item(0, 0).text() == "bias by Adam"


def test_it_begins_with_how_the_sheet_holds_out(driver: Driver, dialog: EvaluationDialog) -> None:
    dialog.close()
    session = driver.window.session
    choice = SplitChoice("leave-k-out", k=2, seed=9)
    session.hold_out(PreparedHolding(hold_out(session.ratings, choice)))
    driver.trigger("train.evaluate")
    assert dialog.fields.wish().split == choice
    evaluated(driver, dialog)
    assert "30 ratings of 206, 2 of each user" in dialog.facts.text()


def test_divergence_is_said(driver: Driver, dialog: EvaluationDialog) -> None:
    driver.window.training.choose("learning_rate", 10.0)
    evaluated(driver, dialog, epochs=50)
    assert "the rate 10 is too large" in dialog.words.text()
    assert dialog.report is not None

"""Export values: the dialog, and the way from it to files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from cfgui.app.exports import ExportSource, ValueExport, contents, export_values, problem, target_paths
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.core.view import TOP, ViewChoice, make_view, whole_view
from cfgui.gui.export_dialog import ExportDialog
from cfgui.gui.main_window import MainWindow
from cfgui.gui.theme import DARK, LIGHT, apply_theme, set_theme_override
from tests.gui.conftest import Driver
from tests.helpers.colours import count


def source(n_users: int = 40, n_movies: int = 60, *, whole: bool = False) -> ExportSource:
    rng = np.random.default_rng(0)
    rated = rng.random((n_users, n_movies)) < 0.3
    ids = [str(i) for i in range(max(n_users, n_movies))]
    ratings = Ratings.from_crosstab(ids[:n_users], ids[:n_movies], rng.integers(1, 6, rated.shape) * 1.0, rated)
    factors = random_factors(n_users, n_movies, 5, bias=True)
    return ExportSource(ratings, factors) if whole else ExportSource(ratings, factors, make_view(ratings, TOP), 150)


def many_users(n_users: int) -> ExportSource:
    """A table of which only the sizes matter."""
    nothing = np.zeros(0, dtype=np.int32)
    ids = tuple(map(str, range(n_users)))
    return ExportSource(
        Ratings(ids, ("1", "2"), nothing, nothing, np.zeros(0)), random_factors(n_users, 2, 1, bias=False)
    )


def dialog_of(qtbot: QtBot, found: ExportSource, choice: ValueExport = ValueExport()) -> ExportDialog:  # noqa: B008
    dialog = ExportDialog(found, choice, "bias")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def pick(dialog: ExportDialog, ending: str) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(ending))
    dialog.format.activated.emit(dialog.format.currentIndex())


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_it_says_what_it_would_write(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, source())
    # (40 + 60) lines of 5 factors, a bias, a count and a mean at 19.5 bytes, and 50 bytes of label: 20,600
    assert plain(dialog.contents.text()) == (
        "Writes 40 users and 60 movies with 5 factors and a bias each in 2 files, about 21 kB."
    )
    assert not dialog.n.isEnabled()
    dialog.shown.click()
    assert "15 users and 15 movies" in dialog.contents.text()
    dialog.whats["recommendations"].click()
    assert dialog.n.isEnabled()
    dialog.n.setValue(3)
    assert "the 3 best unseen movies of 15 users: up to 45 lines" in dialog.contents.text()
    dialog.whats["ratings"].click()
    assert "150 ratings, one a line" in dialog.contents.text()
    assert dialog.choice == ValueExport("ratings", True, 3, ".csv")


def test_only_formats_that_can_hold_it_are_offered(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, source())
    pick(dialog, ".npz")
    assert dialog.choice.ending == ".npz"
    dialog.whats["recommendations"].click()
    assert [dialog.format.itemData(row) for row in range(dialog.format.count())] == [".csv", ".xlsx", ".parquet"]
    assert dialog.choice.ending == ".csv"


def test_the_keys_choose(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, source())
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    for key, choice in (
        (Qt.Key.Key_R, ValueExport("recommendations")),
        (Qt.Key.Key_S, ValueExport("recommendations", True)),
        (Qt.Key.Key_A, ValueExport("recommendations", False)),
        (Qt.Key.Key_T, ValueExport("ratings", False)),
    ):
        qtbot.keyClick(dialog, key, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(lambda choice=choice: dialog.choice == choice)  # a button clicked by key takes its time
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_E, Qt.KeyboardModifier.AltModifier)


def test_where_all_is_shown_there_is_no_part_to_choose(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, source(whole=True), ValueExport("ratings", True, 10, ".parquet"))
    assert not dialog.shown.isEnabled()
    assert dialog.all.isChecked()
    assert dialog.choice == ValueExport("ratings", False, 10, ".parquet")


def test_excel_s_limits_are_said_and_forbid(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, many_users(1_048_576), ValueExport(ending=".xlsx"))
    assert dialog.problem.isVisible()
    assert dialog.problem.text() == (
        "The users need 1,048,577 rows and a sheet of Excel has 1,048,576: choose CSV or Parquet, or export only what"
        " the sheet shows."
    )
    assert not dialog.export_button.isEnabled()
    pick(dialog, ".csv")
    assert not dialog.problem.isVisible()
    assert dialog.export_button.isEnabled()


def test_the_limit_counts_lines_of_recommendations() -> None:
    found = many_users(600_000)
    assert "1,200,001 rows" in problem(found, ValueExport("recommendations", n=10, ending=".xlsx")), "2 movies each"
    assert problem(found, ValueExport("recommendations", n=1, ending=".xlsx")) == ""
    assert "the best unseen movie of 600,000 users" in contents(found, ValueExport("recommendations", n=1))


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".npz", ".tsv"])
def test_the_size_said_is_about_the_size_written(tmp_path: Path, ending: str) -> None:
    found = source(300, 500)
    choice = ValueExport(ending=ending)
    written = export_values(found, choice, tmp_path / f"out{ending}")
    assert written == target_paths(choice, tmp_path / f"out{ending}")
    said = plain(contents(found, choice)).rsplit("about ", 1)[1].rstrip(".").split()
    guess = float(said[0]) * {"kB": 1e3, "MB": 1e6}[said[1]]
    assert 0.6 < guess / sum(path.stat().st_size for path in written) < 1.6


def test_both_looks_show_the_choice_and_the_problem(qtbot: QtBot, qapp: QApplication) -> None:
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        set_theme_override(name)
        apply_theme(qapp)
        dialog = dialog_of(qtbot, many_users(1_048_576), ValueExport(ending=".xlsx"))
        picture = dialog.grab().toImage()
        assert count(picture, theme.error) > 100
        assert count(picture, theme.text) > 200


# In the window


def choose_path(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_kwargs: (str(path), ""))


def open_dialog(driver: Driver) -> ExportDialog:
    driver.trigger("file.export_values")
    dialog = driver.window.findChild(ExportDialog)
    assert dialog is not None
    return dialog


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_factors_of_the_open_sheet_are_written(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.window.tabs.setCurrentIndex(1)
    driver.train("train.steps5")
    choose_path(monkeypatch, tmp_path / "factors")
    dialog = open_dialog(driver)
    assert dialog.whats["factors"].text() == "All &factors and biases of the sheet bias"
    dialog.accept()
    driver.idle()
    assert driver.window.messages.label.text() == "Exported to factors-users.csv and factors-movies.csv."
    factors = driver.window.session.sheet("bias").factors
    found = lines(tmp_path / "factors-movies.csv")
    assert [float(cell) for cell in found[1][5:]] == [factors.movie_bias[0], *factors.movie_factors[0]]
    assert len(found) == 16


def test_several_files_are_not_replaced_unasked(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "factors-movies.csv").write_text("mine")
    choose_path(monkeypatch, tmp_path / "factors.csv")
    asked: list[str] = []

    def answer(_parent: object, _title: str, text: str, *_buttons: object) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.Yes if len(asked) > 1 else QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", answer)
    for kept in (True, False):
        open_dialog(driver).accept()
        driver.idle()
        assert (lines(tmp_path / "factors-movies.csv") == [["mine"]]) is kept
        driver.qtbot.waitUntil(lambda: driver.window.findChild(ExportDialog) is None)
    assert asked == ["factors-movies.csv exists already. Replace?"] * 2


def test_the_part_shown_is_written_and_the_last_choice_stays(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = driver.window.session
    session.show(ViewChoice(4, 3, "file", "file"))
    choose_path(monkeypatch, tmp_path / "r.csv")
    dialog = open_dialog(driver)
    dialog.whats["ratings"].click()
    dialog.shown.click()
    dialog.accept()
    driver.idle()
    found = lines(tmp_path / "r.csv")[1:]
    assert len(found) == session.visible.n_ratings
    assert {row[0] for row in found} <= {session.ratings.user_ids[user] for user in session.view.users}
    driver.qtbot.waitUntil(lambda: driver.window.findChild(ExportDialog) is None)
    assert open_dialog(driver).choice == ValueExport("ratings", True, 10, ".csv")


def test_a_cancelled_export_leaves_nothing(driver: Driver, tmp_path: Path) -> None:
    window: MainWindow = driver.window
    big = source(3000, 2000, whole=True)
    window.files.values.export(big, ValueExport("recommendations", n=500, ending=".xlsx"), tmp_path / "r.xlsx")
    driver.qtbot.waitUntil(window.status.cancel.isVisible)
    driver.qtbot.mouseClick(window.status.cancel, Qt.MouseButton.LeftButton)
    driver.idle()
    assert "Cancelled" in window.messages.label.text()
    assert not list(tmp_path.glob("*r.xlsx*"))


def test_a_folder_that_is_not_there_is_said(driver: Driver, tmp_path: Path) -> None:
    driver.window.files.values.export(source(), ValueExport(), tmp_path / "none" / "f.csv")
    driver.idle()
    assert "its folder does not exist" in driver.window.messages.label.text()


def test_a_whole_view_in_another_order_is_all() -> None:
    found = source(whole=True)
    assert whole_view(found.ratings).is_whole
    assert contents(found, ValueExport(shown_only=True)) == contents(found, ValueExport())

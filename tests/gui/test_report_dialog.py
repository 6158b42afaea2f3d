"""The answer report on screen, and About."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel

import cfgui
from cfgui.app.answer_report import AnswerReport, VariableCell
from cfgui.gui.about_dialog import LIBRARIES, AboutDialog, licence_text
from cfgui.gui.report_dialog import ReportDialog
from cfgui.gui.theme import LIGHT, apply_theme, set_theme_override
from tests.helpers.colours import count

CELLS = (
    VariableCell("H19", "movie 27 factor 1", 0.71, 1.5),
    VariableCell("B26", "user 29 factor 1", 0.25, -10.0),
    VariableCell("B3", "user 14 factor 1", 0.19, 0.1),
)
REPORT = AnswerReport(
    engine="L-BFGS",
    objective_address="dotprod!V41",
    original_value=2.8060620616483134,
    final_value=0.39290079,
    iterations=412,
    seconds=0.2134,
    gradient="exact derivatives",
    stop_reason="gradient is zero to 1e-9",
    cells=CELLS,
)


@pytest.fixture
def dialog(qtbot) -> Iterator[ReportDialog]:
    widget = ReportDialog(REPORT)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    QGuiApplication.clipboard().clear()


def column(dialog: ReportDialog, index: int) -> list[str]:
    model = dialog.table.model()
    return [str(model.index(row, index).data()) for row in range(model.rowCount())]


def test_it_says_all_there_is(dialog: ReportDialog) -> None:
    said = " | ".join(label.text() for label in dialog.findChildren(QLabel))
    for words in ("RMSE fell from 2.80606 to 0.392901.", "RMSE in dotprod!V41, minimised", "L-BFGS", "412", "0.213 s"):
        assert words in said
    assert "exact derivatives" in said
    assert "gradient is zero to 1e-9" in said
    assert "3 variable cells" in said


def test_the_table_opens_in_the_order_of_the_sheet(dialog: ReportDialog) -> None:
    assert column(dialog, 0) == ["B3", "B26", "H19"]
    assert column(dialog, 2) == ["0.190000", "0.250000", "0.710000"]
    assert column(dialog, 4) == ["-0.090000", "-10.250000", "0.790000"]


def test_numbers_sort_as_numbers(dialog: ReportDialog) -> None:
    dialog.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    assert column(dialog, 3) == ["-10.000000", "0.100000", "1.500000"]
    dialog.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert column(dialog, 0) == ["H19", "B3", "B26"]
    dialog.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert column(dialog, 0) == ["H19", "B26", "B3"]


def test_full_precision_on_hover(dialog: ReportDialog) -> None:
    model = dialog.table.model()
    assert model.index(0, 4).data(Qt.ItemDataRole.ToolTipRole) == repr(0.1 - 0.19)


def test_copy_takes_everything_in_the_order_shown(dialog: ReportDialog, qtbot) -> None:
    dialog.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    dialog.table.clearSelection()
    qtbot.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == (
        "Cell\tName\tOriginal value\tFinal value\tChange\n"
        "B26\tuser 29 factor 1\t0.25\t-10.0\t-10.25\n"
        f"B3\tuser 14 factor 1\t0.19\t0.1\t{0.1 - 0.19!r}\n"
        "H19\tmovie 27 factor 1\t0.71\t1.5\t0.79\n"
    )


def test_copy_takes_only_what_is_selected(dialog: ReportDialog, qtbot) -> None:
    rows = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    dialog.table.selectionModel().select(dialog.table.model().index(1, 0), rows)
    qtbot.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines()[1:] == ["B26\tuser 29 factor 1\t0.25\t-10.0\t-10.25"]


def test_the_whole_report_can_be_copied(dialog: ReportDialog, qtbot) -> None:
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == REPORT.text()
    assert dialog.isVisible()


def test_keep_accepts(dialog: ReportDialog, qtbot) -> None:
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.keep_button, Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_restore_rejects(dialog: ReportDialog, qtbot) -> None:
    with qtbot.waitSignal(dialog.rejected), qtbot.assertNotEmitted(dialog.accepted):
        qtbot.mouseClick(dialog.restore_button, Qt.MouseButton.LeftButton)
    assert dialog.result() == QDialog.DialogCode.Rejected


@pytest.mark.parametrize("how", ["escape", "close", "enter"])
def test_leaving_any_other_way_keeps(dialog: ReportDialog, qtbot, how: str) -> None:
    accepted: list[bool] = []
    dialog.accepted.connect(lambda: accepted.append(True))
    with qtbot.assertNotEmitted(dialog.rejected):
        if how == "close":
            dialog.close()
        else:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape if how == "escape" else Qt.Key.Key_Return)
    assert accepted == [True]
    assert not dialog.isVisible()


def test_escape_in_the_table_first_takes_the_selection_back(dialog: ReportDialog, qtbot) -> None:
    dialog.table.selectAll()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert not dialog.table.selectionModel().hasSelection()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_nothing_is_editable(dialog: ReportDialog) -> None:
    index = dialog.table.model().index(0, 3)
    assert not dialog.table.edit(index, dialog.table.EditTrigger.AllEditTriggers, None)


def test_thousands_of_cells_open_at_once(qtbot) -> None:
    cells = tuple(VariableCell(f"B{row}", f"user {row} factor 1", 0.0, float(row)) for row in range(1, 5001))
    many = ReportDialog(AnswerReport("L-BFGS", "V41", 2.0, 1.0, 1, 1.0, "exact", "done", cells))
    qtbot.addWidget(many)
    assert many.table.model().rowCount() == 5000
    assert column(many, 0)[9] == "B10"
    assert len(many.table.tsv().splitlines()) == 5001


class TestAbout:
    @pytest.fixture
    def about(self, qtbot, qapp: QApplication) -> Iterator[AboutDialog]:
        set_theme_override("light")
        apply_theme(qapp)
        widget = AboutDialog()
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        yield widget
        set_theme_override(None)

    def test_it_names_the_program_and_its_version(self, about: AboutDialog) -> None:
        said = [label.text() for label in about.findChildren(QLabel)]
        assert f"cfgui {cfgui.__version__}" in said
        assert any("collaborative-filtering spreadsheet" in text for text in said)

    def test_the_data_is_acknowledged(self, about: AboutDialog) -> None:
        shown = about.licences.toPlainText()
        assert "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context." in shown
        assert "https://doi.org/10.1145/2827872" in shown
        assert "commercial" in shown
        assert about.licences.isReadOnly()

    def test_every_library_is_named_with_its_licence(self) -> None:
        lines = licence_text().splitlines()
        for name, licence in LIBRARIES.items():
            assert any(line.startswith(f"  {name} ") and line.endswith(f": {licence}") for line in lines), name

    def test_the_libraries_are_those_that_are_imported(self, project: Path) -> None:
        trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (project / "cfgui").rglob("*.py")]
        nodes = [node for tree in trees for node in ast.walk(tree)]
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
        others = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"cfgui", "shiboken6"}
        assert {name.lower() for name in others} == {name.removesuffix("-Essentials").lower() for name in LIBRARIES}

    def test_it_says_where_ratings_come_from_and_stay(self) -> None:
        said = licence_text()
        assert "GroupLens" in said
        assert "stay on this computer" in said

    def test_paragraphs_wrap_where_the_window_does(self) -> None:
        text = licence_text()
        assert "the 15 most active users and the 15 most rated movies, as the fast.ai course chose them" in text
        assert "\n* The user may redistribute the data set" in text

    def test_nothing_is_a_link(self, about: AboutDialog) -> None:
        assert all(
            label.textFormat() == Qt.TextFormat.PlainText for label in about.findChildren(QLabel) if label.text()
        )

    def test_the_icon_is_there(self, about: AboutDialog) -> None:
        picture = next(label for label in about.findChildren(QLabel) if not label.pixmap().isNull())
        assert picture.pixmap().width() == 64
        assert count(about.grab().toImage(), LIGHT.window) > 1000

    def test_it_closes(self, about: AboutDialog, qtbot) -> None:
        qtbot.keyClick(about, Qt.Key.Key_Escape)
        assert not about.isVisible()


def test_names_with_long_ids_are_shown_whole(dialog: ReportDialog) -> None:
    width = dialog.table.fontMetrics().horizontalAdvance("movie 162541 factor 12")
    assert dialog.table.columnWidth(1) > width

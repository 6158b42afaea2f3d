"""The import dialog by itself, on a source that the test answers for; and the import report window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from cfgui.app.opening import Source
from cfgui.core.document import Document
from cfgui.core.import_report import ImportReport, RejectedRows
from cfgui.gui.import_dialog import ImportDialog
from cfgui.gui.import_fields import LABELS
from cfgui.gui.import_report_dialog import ImportReportDialog
from cfgui.gui.preview_table import PreviewTable, role_colors
from cfgui.gui.theme import DARK, LIGHT, Theme, apply_theme, set_theme_override, value_color
from cfgui.io.table_options import Cancelled, Report, TableChoices, TableError, TableGuess, TableOptions
from tests.helpers.colours import contrast, count

COLUMNS = ("userId", "movieId", "rating", "timestamp")
ROWS = (("1", "31", "2.5", "1260759144"), ("1", "1029", "3.0", "1260759179"), ("2", "10", "5.0", "835355493"))
LONG = TableGuess(TableOptions(), COLUMNS, ROWS, (0.5, 5.0, 0.5), n_bytes=2_438_266, remarks=("A remark.",))
WIDE = TableGuess(TableOptions(layout="wide"), ("", "31", "1029"), (("1", "2.5", ""),), (0.5, 5.0, 0.5))


class FakeSource:
    """Answers as a reader would: columns by number, and no table where the separator is a bar."""

    def __init__(self, guess: TableGuess) -> None:
        self.guess = guess
        self.asked: list[TableChoices] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.source = Source("ratings.csv", self.look, self.read, n_bytes=guess.n_bytes)

    def look(self, choices: TableChoices) -> TableGuess:
        self.asked.append(choices)
        assert self.may_answer.wait(5.0)
        if choices.separator == "|":
            raise TableError("ratings.csv has one column only: choose another separator.")
        if choices.layout == "wide":
            return replace(WIDE, options=replace(WIDE.options, encoding=choices.encoding or "utf-8"))
        given = {
            role: int(text) - 1 for role in ("user", "movie", "rating") if (text := getattr(choices, role)) is not None
        }
        others = {name: value for name in ("separator", "encoding", "duplicates") if (value := getattr(choices, name))}
        return replace(self.guess, options=replace(self.guess.options, **given, **others))

    @staticmethod
    def read(_choices: TableChoices, _report: Report, _cancelled: Cancelled) -> Document:
        raise AssertionError("the dialog only looks")


@pytest.fixture
def fake() -> FakeSource:
    return FakeSource(LONG)


@pytest.fixture
def show(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[..., ImportDialog]]:
    apply_theme(qapp)

    def make(fake: FakeSource, guess: TableGuess | None = None) -> ImportDialog:
        dialog = ImportDialog(fake.source, guess or fake.guess)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield make
    set_theme_override(None)
    apply_theme(qapp)


@pytest.fixture
def dialog(show: Callable[..., ImportDialog], fake: FakeSource) -> ImportDialog:
    return show(fake)


def pick(dialog: ImportDialog, qtbot: QtBot, name: str, words: str) -> None:
    """Choose an entry as the keyboard does: focus, and type its beginning."""
    field = dialog.fields.fields[name]
    row = field.findText(words)
    assert row >= 0, [field.itemText(each) for each in range(field.count())]
    field.setCurrentIndex(row)
    field.activated.emit(row)
    qtbot.waitUntil(lambda: dialog.settled, timeout=5000)


def shown(dialog: ImportDialog) -> dict[str, str]:
    return {name: field.currentText() for name, field in dialog.fields.fields.items() if field.isVisible()}


def heads(dialog: ImportDialog) -> list[str | None]:
    model = dialog.preview.model()
    return [model.role_of(column) for column in range(model.columnCount())]


def test_every_guess_is_shown(dialog: ImportDialog) -> None:
    assert shown(dialog) == {
        "layout": "one rating a line",
        "separator": "comma",
        "encoding": "UTF-8",
        "decimal": "point: 3.5",
        "header": "names the columns",
        "user": "userId",
        "movie": "movieId",
        "rating": "rating",
        "duplicates": "the last one counts",
    }
    assert heads(dialog) == ["user", "movie", "rating", None]
    assert dialog.found.text() == "Ratings from 0.5 to 5 in steps of 0.5 in the first rows.\nA remark."
    assert "2.4 MB" in dialog.head.rest
    assert "the first 3 rows, 4 columns" in dialog.head.rest
    assert dialog.preview.model().index(2, 1).data() == "10"


def test_nothing_chosen_leaves_all_to_the_guess(dialog: ImportDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.choices == TableChoices()


def test_escape_is_cancel(dialog: ImportDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_choice_is_looked_at_off_the_window_s_thread(dialog: ImportDialog, fake: FakeSource, qtbot: QtBot) -> None:
    fake.may_answer.clear()
    field = dialog.fields.fields["separator"]
    field.activated.emit(field.findText("semicolon"))
    field.setCurrentIndex(field.findText("semicolon"))
    field.activated.emit(field.currentIndex())
    assert not dialog.settled, "the window goes on while the file is looked at"
    fake.may_answer.set()
    qtbot.waitUntil(lambda: dialog.settled, timeout=5000)
    assert dialog.guess.options.separator == ";"
    assert dialog.choices == TableChoices(separator=";")
    assert fake.asked[-1] is dialog.choices, "the newest choice is the one that counts"


def test_open_waits_for_the_newest_look(dialog: ImportDialog, fake: FakeSource, qtbot: QtBot) -> None:
    fake.may_answer.clear()
    field = dialog.fields.fields["duplicates"]
    field.setCurrentIndex(field.findText("their mean counts"))
    field.activated.emit(field.currentIndex())
    dialog.open_button.click()
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.accepted):
        fake.may_answer.set()
    assert dialog.choices.duplicates == "mean"


def test_an_error_is_one_sentence_and_open_is_off(dialog: ImportDialog, qtbot: QtBot) -> None:
    pick(dialog, qtbot, "separator", "bar")
    assert dialog.problem.isVisible()
    assert dialog.problem.text() == "ratings.csv has one column only: choose another separator."
    assert not dialog.open_button.isEnabled()
    assert not dialog.found.isVisible()
    dialog.accept()
    assert dialog.isVisible(), "Return does not open either"
    assert shown(dialog)["separator"] == "bar", "the choice stays to be changed"
    pick(dialog, qtbot, "separator", "comma")
    assert not dialog.problem.isVisible()
    assert dialog.open_button.isEnabled()


def test_open_pressed_before_an_error_does_not_open_later(dialog: ImportDialog, fake: FakeSource, qtbot: QtBot) -> None:
    fake.may_answer.clear()
    field = dialog.fields.fields["separator"]
    field.setCurrentIndex(field.findText("bar"))
    field.activated.emit(field.currentIndex())
    dialog.open_button.click()
    fake.may_answer.set()
    qtbot.waitUntil(lambda: dialog.settled, timeout=5000)
    pick(dialog, qtbot, "separator", "comma")
    assert dialog.isVisible()


def test_a_role_from_its_list(dialog: ImportDialog, qtbot: QtBot) -> None:
    pick(dialog, qtbot, "rating", "timestamp")
    assert heads(dialog) == ["user", "movie", None, "rating"]
    assert dialog.choices == TableChoices(user="1", movie="2", rating="4")


def test_a_click_on_a_head_offers_its_roles(dialog: ImportDialog, qtbot: QtBot) -> None:
    header = dialog.preview.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(3) + 5, 5)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    menu = dialog.preview.menu
    assert menu is not None
    words = [action.text().replace("&", "") for action in menu.actions()]
    assert words == [f"This column holds the {role}s" for role in ("user", "movie", "rating")]
    assert not any(action.isChecked() for action in menu.actions())
    menu.actions()[0].trigger()
    menu.close()
    qtbot.waitUntil(lambda: dialog.settled, timeout=5000)
    assert heads(dialog) == [None, "movie", "rating", "user"]
    assert shown(dialog)["user"] == "timestamp"


def test_a_crosstab_has_no_roles_to_give(dialog: ImportDialog, qtbot: QtBot) -> None:
    pick(dialog, qtbot, "layout", "crosstab of users × movies")
    assert heads(dialog) == ["user", "movie", "movie"]
    assert set(shown(dialog)) == {"layout", "separator", "encoding", "decimal"}
    pick(dialog, qtbot, "encoding", "Western (Latin-1)")
    assert dialog.choices == TableChoices(layout="wide", encoding="latin-1")


@pytest.mark.parametrize(
    ("kind", "sheets", "special"),
    [("parquet", (), set()), ("xlsx", ("Ratings", "Notes"), {"sheet", "layout", "header"})],
)
def test_fields_follow_the_kind_of_file(
    show: Callable[..., ImportDialog], kind: str, sheets: tuple[str, ...], special: set[str]
) -> None:
    options = replace(LONG.options, kind=kind, sheet=sheets[0] if sheets else "")
    dialog = show(FakeSource(replace(LONG, options=options, sheets=sheets)))
    assert set(shown(dialog)) == {"user", "movie", "rating", "duplicates"} | special


def test_an_encoding_that_no_list_names_is_shown(show: Callable[..., ImportDialog]) -> None:
    dialog = show(FakeSource(replace(LONG, options=replace(LONG.options, encoding="koi8-r"))))
    assert shown(dialog)["encoding"] == "koi8-r"


def test_the_keyboard_reaches_everything_from_top_to_bottom(dialog: ImportDialog, qtbot: QtBot) -> None:
    letters = [label.partition("&")[2][0].lower() for label in LABELS.values()] + ["o", "c"]
    assert len(letters) == len(set(letters)), "each letter once"
    first = dialog.fields.fields["layout"]
    first.setFocus()
    order = []
    for _ in range(9):
        widget = dialog.focusWidget()
        order.append(next((name for name, field in dialog.fields.fields.items() if field is widget), ""))
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
    assert order == [name for name in LABELS if name != "sheet"]
    assert isinstance(dialog.focusWidget(), PreviewTable)
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.open_button


def test_every_field_teaches_and_is_named(dialog: ImportDialog) -> None:
    for field in dialog.findChildren(QComboBox):
        assert len(field.toolTip()) > 30
        assert field.accessibleName()
    assert "Who rated" in str(
        dialog.preview.model().headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    )


def test_fields_line_up(dialog: ImportDialog) -> None:
    fields = [field for field in dialog.fields.fields.values() if field.isVisible()]
    assert len({field.x() for field in fields}) == 1
    assert len({field.width() for field in fields}) == 1
    assert dialog.preview.x() > fields[0].width()
    assert dialog.minimumSizeHint().width() <= 1280
    assert dialog.minimumSizeHint().height() <= 760


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_roles_are_marked_in_both_looks(
    theme: Theme, show: Callable[..., ImportDialog], fake: FakeSource, qapp: QApplication
) -> None:
    set_theme_override(theme.name)
    apply_theme(qapp)
    dialog = show(fake)
    picture = dialog.preview.grab().toImage()
    for role in ("user", "movie", "rating"):
        background, text = role_colors(theme, role)
        assert count(picture, background) > 300, role
        assert contrast(text, background) >= 4.5, role
    assert count(picture, value_color(theme, 5.0, 0.5, 5.0)) > 300, "a 5 stands on full blue"


REPORT = ImportReport(
    "ratings.csv",
    "CSV, one rating a line",
    "utf-8",
    n_rows=1000,
    n_duplicates=2,
    rejected=(
        RejectedRows("rating_not_a_number", 4, np.array([3, 4, 5, 90], dtype=np.int64), "5 stars"),
        RejectedRows("missing_user", 1, np.array([7], dtype=np.int64)),
    ),
    remarks=("The rows are longer than the header.",),
)


@pytest.fixture
def report_window(qtbot: QtBot) -> ImportReportDialog:
    window = ImportReportDialog("ratings.csv", REPORT, REPORT.remarks)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


class TestImportReport:
    def test_it_says_what_was_left_out_and_where(self, report_window: ImportReportDialog) -> None:
        text = report_window.text.toPlainText()
        for words in (
            "1,000",
            "the rating is not a number",
            "3-5, 90",
            "5 stars",
            "no user id",
            "longer than the header",
        ):
            assert words in text, words
        assert report_window.head.text() == "ratings.csv: 1,000 rows, 5 of them left out."
        assert report_window.text.isReadOnly()

    def test_it_is_saved_whole(
        self, report_window: ImportReportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
    ) -> None:
        path = tmp_path / "report.txt"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
        qtbot.mouseClick(report_window.save_button, Qt.MouseButton.LeftButton)
        assert path.read_text(encoding="utf-8").strip() == report_window.text.toPlainText().strip()
        assert report_window.said.text() == "Saved to report.txt."
        assert [each.name for each in tmp_path.iterdir()] == ["report.txt"]

    def test_a_folder_that_is_not_there_is_said_plainly(
        self, report_window: ImportReportDialog, tmp_path: Path
    ) -> None:
        report_window.save(tmp_path / "none" / "report.txt")
        assert "its folder does not exist" in report_window.said.text()

    def test_it_is_copied(self, report_window: ImportReportDialog, qtbot: QtBot) -> None:
        qtbot.mouseClick(report_window.copy_button, Qt.MouseButton.LeftButton)
        assert QGuiApplication.clipboard().text() == report_window.text.toPlainText()

    def test_a_workbook_has_remarks_only(self, qtbot: QtBot) -> None:
        window = ImportReportDialog("a.xlsx", None, ("One.", "Two."))
        qtbot.addWidget(window)
        assert window.head.text() == "What was noticed while reading a.xlsx:"
        assert window.text.toPlainText() == "• One.\n• Two."

"""Opening tables in the real window: dialog, progress, cancel, drop, clipboard, recent files, import report."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton

from cfgui.app.opening import Source
from cfgui.core.document import Document
from cfgui.gui import opening_actions
from cfgui.gui.import_dialog import ImportDialog
from cfgui.gui.import_report_dialog import ImportReportDialog
from cfgui.gui.recent_files import RecentFiles
from cfgui.io.sample import sample_document
from cfgui.io.table_options import Cancelled, Progress, Report, TableChoices
from tests.gui.conftest import Driver

TABLE = "userId,movieId,rating\n007,a,4.5\n7,a,3\n007,b,5 stars\n7,b,2\n007,a,1\n"
"""4 ratings of 2 users and 2 movies, one of them given twice; line 4 is left out."""


def dialog_of(driver: Driver) -> ImportDialog:
    """The import dialog, as soon as it is there."""
    driver.qtbot.waitUntil(lambda: driver.window.findChild(ImportDialog) is not None, timeout=10_000)
    dialog = driver.window.findChild(ImportDialog)
    assert dialog is not None
    return dialog


def agree(driver: Driver) -> None:
    """Press Open in the import dialog and wait until the table is read."""
    dialog = dialog_of(driver)
    driver.qtbot.waitUntil(dialog.isVisible, timeout=5000)
    with driver.qtbot.waitSignal(dialog.accepted, timeout=5000):
        driver.qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    driver.idle()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(TABLE)
    return path


def test_a_table_asks_and_opens(driver: Driver, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(table), ""))
    before = driver.window.session.state
    driver.trigger("file.open")
    dialog = dialog_of(driver)
    assert driver.window.session.state is before
    field = dialog.fields.fields["duplicates"]
    assert field.currentText() == "the last one counts"
    agree(driver)
    session = driver.window.session
    assert session.name == "mine.csv"
    assert session.ratings.user_ids == ("007", "7")
    assert session.ratings.rating(0, 0) == 1.0, "the last one counts"
    assert driver.window.messages.label.text() == (
        "mine.csv: 3 ratings of 2 users and 2 movies. 1 rating given twice: the last counts. 1 row left out."
    )
    driver.qtbot.mouseClick(driver.window.messages.buttons[0], Qt.MouseButton.LeftButton)
    report = driver.window.findChild(ImportReportDialog)
    assert report is not None
    assert "5 stars" in report.text.toPlainText()
    report.reject()
    assert driver.window.files.tables.recent.paths() == [table]
    driver.train("train.steps5")
    assert session.sheet("dot").step == 5


def test_a_choice_in_the_dialog_is_what_is_read(driver: Driver, table: Path) -> None:
    driver.window.files.open_path(table)
    dialog = dialog_of(driver)
    field = dialog.fields.fields["duplicates"]
    field.setCurrentIndex(field.findText("their mean counts"))
    field.activated.emit(field.currentIndex())
    agree(driver)
    assert driver.window.session.ratings.rating(0, 0) == 2.75


def test_cancel_in_the_dialog_changes_nothing(driver: Driver, table: Path) -> None:
    before = driver.window.session.state
    driver.window.files.open_path(table)
    driver.qtbot.keyClick(dialog_of(driver), Qt.Key.Key_Escape)
    driver.idle()
    assert driver.window.session.state is before
    assert driver.window.files.tables.recent.paths() == []


def test_a_refused_file_is_one_sentence_and_what_was_open_stays(driver: Driver, table: Path) -> None:
    before = driver.window.session.state
    driver.window.files.open_path(table)
    dialog = dialog_of(driver)
    field = dialog.fields.fields["duplicates"]
    field.setCurrentIndex(field.findText("the file is refused"))
    field.activated.emit(field.currentIndex())
    agree(driver)
    text = driver.window.messages.label.text()
    assert "mine.csv" in text
    assert "\n" not in text
    assert "Traceback" not in text
    assert driver.window.session.state is before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("header.csv", b"userId,movieId,rating\n"),
        ("picture.csv", bytes(range(256)) * 40),
        ("words.txt", b"some words and no table\n"),
        ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("damaged.zip", b"PK\x03\x04" + bytes(100)),
        ("none.csv", None),
    ],
)
def test_bad_files_are_one_sentence(driver: Driver, tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = driver.window.session.state
    driver.window.files.open_path(tmp_path / name)
    driver.idle()
    text = driver.window.messages.label.text()
    assert name in text
    assert "\n" not in text
    assert "Traceback" not in text
    assert driver.window.session.state is before
    assert driver.window.findChild(ImportDialog) is None


def test_a_folder_needs_no_questions(driver: Driver, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shared / "data" / "ml-latest-small-2016"
    if not folder.is_dir():
        pytest.skip("the MovieLens folder beside the checkout is not here")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(folder))
    driver.train("file.open_folder")
    assert driver.window.messages.label.text() == (
        "ml-latest-small-2016: 100,004 ratings of 671 users and 9,066 movies."
        " SGD was chosen: gradient descent is slow on so many."
    )
    ratings = driver.window.session.ratings
    assert (
        ratings.movie_name(ratings.movie_ids.index("1198"))
        == "Raiders of the Lost Ark (Indiana Jones and the Raiders of the Lost Ark) (1981)"
    )
    assert driver.window.actions_by_id["file.remarks"].isEnabled()


def test_a_dropped_folder_and_table_open(driver: Driver, table: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(table))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    driver.window.dropEvent(event)
    agree(driver)
    assert driver.window.session.name == "mine.csv"


def test_the_clipboard_opens(driver: Driver) -> None:
    driver.trigger("file.open_clipboard")
    assert "The clipboard holds no text" in driver.window.messages.label.text()
    QGuiApplication.clipboard().setText(TABLE.replace(",", "\t"))
    driver.trigger("file.open_clipboard")
    agree(driver)
    assert driver.window.session.ratings.n_ratings == 3
    assert driver.window.messages.label.text().startswith("the clipboard: 3 ratings of 2 users and 2 movies.")


def test_recent_files_open_again(driver: Driver, table: Path) -> None:
    driver.window.files.open_path(table)
    agree(driver)
    driver.trigger("file.open_sample")
    (menu,) = [each for each in driver.window.findChildren(QMenu) if each.title() == "Open re&cent"]
    menu.aboutToShow.emit()
    (action,) = menu.actions()
    assert action.text() == "&1  mine.csv"
    assert action.toolTip() == str(table)
    action.trigger()
    agree(driver)
    assert driver.window.session.name == "mine.csv"


def test_eight_recent_files_are_kept_the_newest_first(settings: QSettings, tmp_path: Path) -> None:
    recent = RecentFiles(settings)
    for number in [*range(10), 4]:
        recent.remember(tmp_path / f"{number}.csv")
    assert [path.stem for path in RecentFiles(settings).paths()] == ["4", "9", "8", "7", "6", "5", "3", "2"]
    settings.setValue("recent", "broken")
    assert recent.paths() == []


class SlowReader:
    """Reads for as long as the test lets it, reporting as often as it can."""

    def __init__(self) -> None:
        self.end = threading.Event()
        self.n_reports = 0

    def source(self, path: Path) -> Source:
        return Source(path.name, lambda _choices: None, self.read, path, n_bytes=10**9)

    def read(self, _choices: TableChoices, report: Report, cancelled: Cancelled) -> Document:
        started = time.monotonic()
        while not self.end.is_set() and not cancelled():
            done = int((time.monotonic() - started) * 10**8)
            report(Progress(done, 10**9, done // 100))
            self.n_reports += 1
            time.sleep(0.0001)
        return sample_document()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowReader:
    reader = SlowReader()
    monkeypatch.setattr(opening_actions, "file_source", reader.source)
    return reader


def test_progress_rate_and_time_left_are_shown(driver: Driver, slow: SlowReader) -> None:
    status, shown = driver.window.status, []
    driver.window.files.progressed.connect(lambda *words: shown.append(words))
    driver.window.files.open_path(Path("large.csv"))
    driver.qtbot.waitUntil(lambda: "left" in status.work.text(), timeout=10_000)
    text = status.work.text()
    assert text.startswith("Opening large.csv…  ")
    for unit in (" rows · ", " rows/s · ", " MB/s · ", " s left"):
        assert unit in text, text
    assert 20 < status.progress.value() < 1000
    assert status.progress.maximum() == 1000
    assert len(shown) < slow.n_reports / 2, "looked at, not told of each"
    slow.end.set()
    driver.idle()
    assert not status.progress.isVisible()
    assert status.data.isVisible()


def test_the_window_works_while_a_file_is_read(driver: Driver, slow: SlowReader) -> None:
    driver.window.files.open_path(Path("large.csv"))
    driver.select("H2")
    driver.type("1")
    driver.press(Qt.Key.Key_Return)
    assert driver.window.session.ratings.rating(0, 0) == 1.0
    driver.trigger("train.steps5")
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step == 5, timeout=10_000)
    assert driver.window.files.working
    driver.window.files.open_path(Path("another.csv"))
    assert driver.window.messages.label.text() == "Wait until the file in hand is done, or cancel it."
    slow.end.set()
    driver.idle()
    assert driver.window.session.name == "large.csv"


def test_escape_cancels_and_nothing_changes(driver: Driver, slow: SlowReader) -> None:
    before = driver.window.session.state
    driver.window.files.open_path(Path("large.csv"))
    driver.qtbot.waitUntil(lambda: slow.n_reports > 10, timeout=5000)
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Escape)
    driver.idle()
    assert driver.window.session.state is before
    assert driver.window.messages.label.text() == "Cancelled: nothing was changed."
    assert driver.window.files.tables.recent.paths() == []


def test_closing_while_a_file_is_read_ends_it(driver: Driver, slow: SlowReader) -> None:
    driver.window.files.open_path(Path("large.csv"))
    driver.qtbot.waitUntil(lambda: slow.n_reports > 10, timeout=5000)
    driver.window.close()
    assert not driver.window.files.working


def test_closing_with_the_dialog_open(driver: Driver, table: Path) -> None:
    driver.window.files.open_path(table)
    dialog_of(driver)
    driver.window.close()
    assert not driver.window.isVisible()


def test_the_dialog_is_not_loaded_at_start(project: Path) -> None:
    script = (
        "import sys; import cfgui.gui.application;"
        " print(sorted(m for m in sys.modules if m.split('.')[-1] in"
        " ('import_dialog', 'import_report_dialog', 'preview_table', 'open_any', 'pandas', 'pyarrow', 'numba')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rows_longer_than_their_header_can_be_told_by_hand(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = "".join(f"{u},{m},{u + m},7,8\n" for u in range(1, 3) for m in range(1, 3))
    path.write_text("userId,movieId,rating\n" + rows)
    driver.window.files.open_path(path)
    dialog = dialog_of(driver)
    assert dialog.found.text().splitlines()[1].startswith("long.csv: the rows have 5 fields, but the first line names")
    assert not dialog.guess.options.header
    dialog.accept()
    driver.qtbot.waitUntil(lambda: driver.window.session.name == "long.csv", timeout=10_000)
    ratings = driver.window.session.ratings
    assert (ratings.n_ratings, ratings.rating(0, 0), ratings.rating(1, 1)) == (4, 2.0, 4.0)
    assert driver.window.session.report is not None
    assert driver.window.session.report.n_rejected == 1  # the line of names


def test_an_offer_takes_the_place_of_the_one_before(driver: Driver) -> None:
    bar = driver.window.messages
    for words in ("one", "two"):
        bar.offer("Something.", [(words, lambda: None)])
        QApplication.processEvents()  # as in a loop within the loop, which deletes nothing
    shown = [button.text() for button in bar.findChildren(QPushButton) if button.isVisible()]
    assert shown == ["two"]


def test_the_original_waits_for_the_file_in_hand(driver: Driver) -> None:
    held = threading.Event()
    begun = driver.window.files.work.begin("Reading…", lambda _report, _cancelled: held.wait(10), lambda _done: None)
    assert begun
    before = driver.window.session.state
    driver.trigger("file.open_sample")
    assert driver.window.session.state is before
    assert driver.window.messages.label.text() == "Wait until the file in hand is done, or cancel it."
    held.set()
    driver.idle()
    driver.trigger("file.open_sample")
    assert driver.window.session.state is not before

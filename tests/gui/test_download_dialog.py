"""The dialog of Get MovieLens against a server of one's own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cfgui.gui.download_dialog import DownloadDialog
from cfgui.gui.theme import DARK, LIGHT, Theme, apply_theme, set_theme_override
from cfgui.io.archive_transfer import Source
from cfgui.io.https_stream import Patience
from tests.gui.conftest import Driver
from tests.helpers.colours import contrast
from tests.helpers.https_server import ScriptedServer, begins_and_waits, make_certificate, says, sends


def zipped(n_ratings: int) -> bytes:
    """An archive as ml-latest-small is one."""
    lines = [f"{n // 10 + 1},{n % 10 + 1},{n % 9 / 2 + 1},8{n:08}" for n in range(n_ratings)]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("ml-latest-small/ratings.csv", "\n".join(["userId,movieId,rating,timestamp", *lines]))
    return made.getvalue()


ZIP = zipped(5000)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("NO_PROXY", "localhost")
    running = ScriptedServer(*certificate)
    running.replies(sends(ZIP))
    yield running
    running.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "downloads"
    made.mkdir()
    return made


@pytest.fixture
def make_dialog(qtbot: QtBot, qapp: QApplication, server: ScriptedServer, folder: Path) -> Callable[[], DownloadDialog]:
    apply_theme(qapp)

    def make() -> DownloadDialog:
        source = Source(server.base_url, str(server.certificate), Patience(5.0, 5.0), slow_seconds=60.0)
        dialog = DownloadDialog(folder=folder, source=source)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return make


@pytest.fixture
def dialog(make_dialog: Callable[[], DownloadDialog]) -> DownloadDialog:
    return make_dialog()


def ends(qtbot: QtBot, dialog: DownloadDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.working, timeout=10_000)


def test_the_conditions_stand_first_and_must_be_accepted(dialog: DownloadDialog, server: ScriptedServer) -> None:
    assert "research" in dialog.conditions.toPlainText()
    assert not dialog.get_button.isEnabled()
    dialog.get()
    assert not dialog.working
    dialog.accepting.setChecked(True)
    assert dialog.get_button.isEnabled()
    assert server.script.asked == []


def test_each_edition_has_its_own_conditions(dialog: DownloadDialog) -> None:
    said = {}
    for row, entry in reversed(list(enumerate(dialog.rows))):
        dialog.accepting.setChecked(True)
        dialog.table.selectRow(row)
        assert not dialog.accepting.isChecked(), "what was accepted was another edition"
        assert dialog.conditions_of.text() == f"Conditions of {entry.edition.title}:"
        said[entry.edition.id] = dialog.conditions.toPlainText()
    assert "may not pass it on" in said["ml-25m"]
    assert "may pass it on" in said["ml-32m"]


def test_a_download_by_keys_alone(qtbot: QtBot, dialog: DownloadDialog, folder: Path) -> None:
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    QTest.keyClick(dialog.table, Qt.Key.Key_Up)
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    assert not dialog.working, "the conditions are not accepted"
    QTest.keyClick(dialog.accepting, Qt.Key.Key_Space)
    with qtbot.waitSignal(dialog.downloaded, timeout=10_000) as caught:
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    assert caught.args == [folder / "ml-latest-small.zip"]
    assert (folder / "ml-latest-small.zip").read_bytes() == ZIP
    assert dialog.result() == DownloadDialog.DialogCode.Accepted


def test_tab_leads_from_the_table_to_the_button(dialog: DownloadDialog) -> None:
    dialog.accepting.setChecked(True)
    dialog.table.setFocus()
    order = []
    for _ in range(4):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        order.append(dialog.focusWidget())
    assert order == [dialog.conditions, dialog.accepting, dialog.get_button, dialog.cancel_button]


def test_progress_is_shown_and_cancel_stays_in_the_dialog(
    qtbot: QtBot, dialog: DownloadDialog, server: ScriptedServer, folder: Path
) -> None:
    half = len(ZIP) // 2
    server.replies(begins_and_waits(ZIP[:half], server.released, length=len(ZIP)), sends(ZIP))
    dialog.accepting.setChecked(True)
    dialog.get()
    assert not dialog.table.isEnabled()
    assert not dialog.get_button.isEnabled()
    qtbot.waitUntil(lambda: dialog.bar.value() in (499, 500, 501), timeout=10_000)
    assert dialog.bar.isVisible()
    assert dialog.words.text().startswith(f"{half / 1000:,.0f} kB of {len(ZIP) / 1000:,.0f} kB")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    ends(qtbot, dialog)
    assert dialog.isVisible()
    assert dialog.words.text() == "Cancelled. The next download of this edition goes on where this one stopped."
    assert not dialog.bar.isVisible()
    assert dialog.get_button.isEnabled()
    with qtbot.waitSignal(dialog.downloaded, timeout=10_000):
        dialog.get()
    assert server.script.asked[1]["range"] == f"bytes={half}-"
    assert (folder / "ml-latest-small.zip").read_bytes() == ZIP


def test_escape_twice_closes(qtbot: QtBot, dialog: DownloadDialog, server: ScriptedServer) -> None:
    server.replies(begins_and_waits(ZIP[:5000], server.released, length=len(ZIP)))
    dialog.accepting.setChecked(True)
    dialog.get()
    qtbot.waitUntil(lambda: bool(server.script.asked), timeout=10_000)
    dialog.reject()
    dialog.reject()
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=10_000)
    assert dialog.result() == DownloadDialog.DialogCode.Rejected
    assert not dialog.working


def test_taking_the_dialog_away_ends_the_download(qtbot: QtBot, dialog: DownloadDialog, server: ScriptedServer) -> None:
    server.replies(begins_and_waits(ZIP[:5000], server.released, length=len(ZIP)))
    dialog.accepting.setChecked(True)
    dialog.get()
    dialog.hide()
    ends(qtbot, dialog)


def test_an_error_is_one_sentence_and_another_try_is_possible(
    qtbot: QtBot, dialog: DownloadDialog, server: ScriptedServer
) -> None:
    server.replies(says(500), sends(ZIP))
    dialog.accepting.setChecked(True)
    dialog.get()
    ends(qtbot, dialog)
    assert dialog.words.text() == "localhost is out of order at the moment (500). Try again later."
    assert LIGHT.error.name() in dialog.words.styleSheet()
    with qtbot.waitSignal(dialog.downloaded, timeout=10_000):
        dialog.get()


def test_what_is_here_opens_without_the_server(
    qtbot: QtBot, make_dialog: Callable[[], DownloadDialog], server: ScriptedServer, folder: Path
) -> None:
    (folder / "ml-latest-small.zip").write_bytes(ZIP)
    dialog = make_dialog()
    assert dialog.get_button.text() == "&Open"
    assert not dialog.accepting.isVisible()
    with qtbot.waitSignal(dialog.downloaded, timeout=10_000):
        dialog.get()
    assert server.script.asked == []


def test_an_edition_made_anew_can_be_downloaded_again(
    qtbot: QtBot, make_dialog: Callable[[], DownloadDialog], server: ScriptedServer, folder: Path
) -> None:
    newer = zipped(5001)
    server.replies(sends(newer))
    (folder / "ml-latest-small.zip").write_bytes(ZIP)
    dialog = make_dialog()
    dialog.again.setChecked(True)
    assert (dialog.get_button.text(), dialog.get_button.isEnabled()) == ("&Download", False)
    dialog.accepting.setChecked(True)
    with qtbot.waitSignal(dialog.downloaded, timeout=10_000):
        dialog.get()
    assert (folder / "ml-latest-small.zip").read_bytes() == newer


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_words_can_be_read_in_both_looks(
    make_dialog: Callable[[], DownloadDialog], qapp: QApplication, theme: Theme
) -> None:
    set_theme_override(theme.name)
    apply_theme(qapp)
    dialog = make_dialog()
    for problem, colour in ((False, theme.muted), (True, theme.error)):
        dialog._say("words", problem=problem)
        assert colour.name() in dialog.words.styleSheet()
        assert contrast(colour, theme.window) >= 4.5


def test_every_edition_is_in_sight_on_a_small_screen(dialog: DownloadDialog) -> None:
    assert dialog.width() <= 1280
    assert dialog.height() <= 720
    last = dialog.table.visualItemRect(dialog.table.item(dialog.table.rowCount() - 1, 0))
    assert dialog.table.viewport().rect().contains(last)
    assert not dialog.table.horizontalScrollBar().isVisible()


def test_the_command_opens_the_dialog_and_what_arrives(
    driver: Driver, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFGUI_CACHE_DIR", str(tmp_path))
    (tmp_path / "downloads").mkdir()
    (tmp_path / "downloads" / "ml-latest-small.zip").write_bytes(ZIP)
    driver.trigger("file.get_movielens")
    (dialog,) = driver.window.findChildren(DownloadDialog)
    with qtbot.waitSignal(dialog.downloaded, timeout=10_000):
        dialog.get()
    session = driver.window.session
    qtbot.waitUntil(lambda: session.document().ratings.n_ratings == 5000, timeout=10_000)
    assert session.document().ratings.n_users == 500
    assert "ml-latest-small.zip" in driver.window.windowTitle()

"""Opening, exporting, restoring and closing, on the real window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from cfgui.app.kept_sessions import kept_sessions
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.ratings import Ratings
from cfgui.core.starts import random_factors
from cfgui.gui.main_window import MainWindow
from cfgui.io.session_file import read_session
from cfgui.io.session_parts import Parts
from cfgui.io.workbook_import import read_workbook
from tests.gui.conftest import Driver


def choose_path(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_args, **_kwargs: (str(path), ""))


def test_export_then_open_is_the_identity(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    driver.train("train.steps5")
    driver.select("H2")
    driver.type("1")
    driver.press(Qt.Key.Key_Return)
    session = driver.window.session
    kept, curve = session.state, session.curve("dot")
    choose_path(monkeypatch, path)
    driver.train("file.export")
    assert not session.modified
    assert driver.window.messages.label.text() == "Exported to out.xlsx."
    driver.trigger("file.open_sample")
    assert driver.rmse() == 2.8060620616483134
    driver.train("file.open")
    assert session.sheet("dot").factors.equals(kept.sheets["dot"].factors)
    assert session.sheet("bias").factors.equals(kept.sheets["bias"].factors)
    assert session.ratings.rating(0, 0) == 1.0
    assert session.sheet("dot").curve.equals(curve)
    assert session.sheet("dot").step == 5
    driver.train("train.step")
    driver.trigger("train.reset")
    assert session.sheet("dot").factors.equals(kept.sheets["dot"].factors), "Reset returns to the file's weights"


def test_the_open_tab_is_exported_as_the_active_sheet(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.xlsx"
    driver.window.tabs.setCurrentIndex(1)
    choose_path(monkeypatch, path)
    driver.train("file.export")
    assert read_workbook(path).active == "bias"
    driver.window.tabs.setCurrentIndex(0)
    driver.train("file.open")
    assert driver.window.tabs.tabText(driver.window.tabs.currentIndex()) == "bias"


def test_the_original_workbook_opens(driver: Driver, shared: Path) -> None:
    driver.train("train.step")
    driver.window.files.open_path(shared / "reference" / "collab_filter_2016.xlsx")
    driver.idle()
    assert driver.rmse("dot") == 2.8060620616483134
    assert driver.rmse("bias") == 2.018003803304626
    assert driver.window.session.ratings.n_ratings == 206


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"not a workbook", "no column of numbers"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "bad.xlsx")],
)
def test_a_bad_file_is_one_sentence_and_changes_nothing(
    driver: Driver, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(content)
    before = driver.window.session.state
    driver.window.files.open_path(path)
    driver.idle()
    text = driver.window.messages.label.text()
    assert "bad.xlsx" in text
    assert words in text
    assert "Traceback" not in text
    assert driver.window.session.state is before


def test_a_missing_file_and_an_unwritable_folder_are_said_plainly(driver: Driver, tmp_path: Path) -> None:
    driver.window.files.open_path(tmp_path / "none.xlsx")
    driver.idle()
    assert "none.xlsx" in driver.window.messages.label.text()
    driver.window.files.export_path(tmp_path / "no such folder" / "out.xlsx")
    driver.idle()
    assert "its folder does not exist" in driver.window.messages.label.text()


def test_cancel_leaves_what_is_open(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.xlsx"
    driver.window.files.export_path(path)
    driver.idle()
    before = driver.window.session.state
    driver.window.files.open_path(path)
    assert driver.window.status.cancel.isVisible()
    driver.qtbot.mouseClick(driver.window.status.cancel, Qt.MouseButton.LeftButton)
    driver.idle()
    assert driver.window.session.state is before
    assert driver.window.messages.label.text() == "Cancelled: nothing was changed."


def test_a_dropped_workbook_opens(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    driver.window.files.export_path(path)
    driver.idle()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    driver.window.dropEvent(event)
    driver.idle()
    assert driver.window.session.name == "out.xlsx"


def test_closing_keeps_the_session_and_restoring_brings_it_back(
    driver: Driver, make_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    driver.trigger("file.restore_session")
    assert "No session has been kept yet" in driver.window.messages.label.text()
    driver.window.tabs.setCurrentIndex(1)
    driver.window.session.choose(optimizer="sgd", batch_size=7, learning_rate=0.02)
    driver.train("train.steps5")
    kept = driver.window.session.state
    driver.train("train.step")
    follows = driver.window.session.sheet("bias").factors
    driver.trigger("edit.undo")
    driver.window.close()
    assert len(kept_sessions()) == 1
    again = Driver(make_window(), qtbot)
    again.train("file.restore_session")
    session = again.window.session
    assert session.sheet("bias").factors.equals(kept.sheets["bias"].factors)
    assert session.sheet("bias").step == 5
    assert again.window.tabs.tabText(again.window.tabs.currentIndex()) == "bias"
    assert again.window.windowTitle() == "the original 15 × 15 – cfgui"
    assert again.window.messages.label.text() == (
        "Restored the original 15 × 15: 206 ratings of 15 users and 15 movies, after 5 steps."
    )
    assert (session.hyperparameters.optimizer, session.hyperparameters.batch_size) == ("sgd", 7)
    again.train("train.step")
    assert session.sheet("bias").factors.equals(follows), "the step that would have followed"
    again.trigger("train.reset")
    assert session.sheet("bias").factors.equals(kept.sheets["bias"].start)


def test_an_untouched_session_is_not_kept(driver: Driver) -> None:
    driver.window.close()
    assert kept_sessions() == []


def test_size_splitters_and_last_folder_are_remembered(
    driver: Driver, make_window: Callable[..., MainWindow], tmp_path: Path
) -> None:
    driver.window.resize(760, 600)  # the offscreen screen is 800 x 800
    driver.window.files.export_path(tmp_path / "out.xlsx")
    driver.idle()
    driver.window.splitter.setSizes([380, 380])
    sizes = driver.window.splitter.sizes()
    driver.window.close()
    again = make_window(as_left=True)
    assert again.files._folder() == str(tmp_path)
    assert again.size() == driver.window.size()
    assert again.splitter.sizes()[0] / sum(again.splitter.sizes()) == pytest.approx(sizes[0] / sum(sizes), abs=0.05)


CLOSE_WHILE_RUNNING = """
import sys
from PySide6.QtCore import QTimer
from cfgui.gui import application
from cfgui.gui.main_window import MainWindow
seen = []
def act():
    from PySide6.QtWidgets import QApplication
    window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
    window.page.views["ratings"].select_cell(0, 0)
    window.edits.copy()
    window.training.choose("gradient", sys.argv[1])
    window.training.run_or_pause()
    QTimer.singleShot(int(sys.argv[2]), lambda: finish(window))
def finish(window):
    picture = window.grab()
    picture.save(sys.argv[3])
    print("steps", window.session.sheet("dot").step, "rmse", window.session.rmse("dot"), flush=True)
    window.close()
original = application._after_first_paint
def after(window, loader, path):
    original(window, loader, path)
    QTimer.singleShot(300, act)
application._after_first_paint = after
sys.exit(application.run(None))
"""


def close_while_running(tmp_path: Path, environment: dict[str, str], gradient: str, wait_ms: int) -> tuple[int, float]:
    """Start the program, Run, close in the middle; returns (steps made, RMSE)."""
    done = subprocess.run(
        [sys.executable, "-c", CLOSE_WHILE_RUNNING, gradient, str(wait_ms), str(tmp_path / "shot.png")],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment | {"CFGUI_STATE_DIR": str(tmp_path / "own")},
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    words = done.stdout.split()
    return int(words[1]), float(words[3])


@pytest.mark.parametrize(("gradient", "wait_ms"), [("forward", 600), ("autograd", 100), ("autograd", 3000)])
def test_closing_while_running_exits_0(tmp_path: Path, gradient: str, wait_ms: int) -> None:
    steps, rmse = close_while_running(tmp_path, {}, gradient, wait_ms)
    if (gradient, wait_ms) != ("autograd", 100):  # then torch may still be loading
        assert steps > 10
        assert rmse < 1.0


def test_a_real_window_on_x11_paints_runs_and_closes(tmp_path: Path, xvfb: str) -> None:
    steps, rmse = close_while_running(tmp_path, {"DISPLAY": xvfb, "QT_QPA_PLATFORM": "xcb"}, "forward", 800)
    assert steps > 10
    assert rmse < 1.0
    from PySide6.QtGui import QImage

    picture = QImage(str(tmp_path / "shot.png"))
    assert picture.width() >= 1000
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
    assert len(colours) > 40


def test_too_many_formulas_offers_values_or_the_top(driver: Driver, tmp_path: Path) -> None:
    n = 330
    ratings = Ratings.from_crosstab(
        [f"u{i}" for i in range(n)], [str(i) for i in range(n)], np.full((n, n), 3.0), np.eye(n, dtype=bool)
    )
    factors = {name: random_factors(n, n, 2, bias=name == "bias", seed=1) for name in ("dot", "bias")}
    driver.window.files.opening.emit(Document(ratings, factors), "large", "the file's")
    path = tmp_path / "out.xlsx"
    driver.window.files.export_path(path)
    driver.idle()
    assert (
        "export values only, or only the users and movies with the most ratings" in driver.window.messages.label.text()
    )
    assert not path.exists()
    values, top = driver.window.messages.buttons
    assert (values.text(), top.text()) == ("Export values only", "Export the top 100 × 100")
    driver.qtbot.mouseClick(top, Qt.MouseButton.LeftButton)
    driver.idle()
    part = read_workbook(path)
    assert (part.ratings.n_users, part.ratings.n_movies) == (100, 100)
    assert part.factors["bias"].movie_bias.tolist() == factors["bias"].movie_bias[:100].tolist()


def kept_factors(path: Path) -> Factors:
    """The weights of the dot model in a kept session."""
    return read_session(path, Parts()).sheets["dot"].factors


def test_a_changed_session_is_kept_while_it_is_open(driver: Driver) -> None:
    driver.window.keeper.keep_soon()
    assert not driver.window.keeper.busy, "nothing has changed"
    driver.train("train.steps5")
    driver.window.keeper.keep_soon()
    driver.qtbot.waitUntil(lambda: len(kept_sessions()) == 1, timeout=10_000)
    driver.qtbot.waitUntil(lambda: not driver.window.keeper.busy)
    assert kept_factors(kept_sessions()[0]).equals(driver.window.session.sheet("dot").factors)


def test_opening_something_else_keeps_both(driver: Driver) -> None:
    """Restore with unsaved work loses neither: the work is kept first, and the restored session stays."""
    driver.train("train.steps5")
    first = driver.window.session.sheet("dot").factors
    driver.trigger("file.open_sample")
    driver.qtbot.waitUntil(lambda: not driver.window.keeper.busy, timeout=10_000)
    driver.train("train.step")
    second = driver.window.session.sheet("dot").factors
    driver.train("file.restore_session")
    assert driver.window.session.sheet("dot").factors.equals(first)
    driver.qtbot.waitUntil(lambda: not driver.window.keeper.busy, timeout=10_000)
    kept = [kept_factors(path) for path in kept_sessions()]
    assert any(factors.equals(first) for factors in kept)
    assert any(factors.equals(second) for factors in kept)


def test_the_top_that_is_offered_fits(driver: Driver, tmp_path: Path) -> None:
    """A full 100 x 100 with ten factors needs 260,006 formulas; 80 x 80 needs 166,406."""
    n = 120
    table = np.full((n, n), 3.0)
    ratings = Ratings.from_crosstab([f"u{i}" for i in range(n)], [str(i) for i in range(n)], table, table > 0)
    factors = {name: random_factors(n, n, 10, bias=name == "bias", seed=1) for name in ("dot", "bias")}
    driver.window.files.opening.emit(Document(ratings, factors), "large", "the file's")
    driver.window.files.export_path(tmp_path / "out.xlsx")
    driver.idle()
    assert [button.text() for button in driver.window.messages.buttons][1:] == ["Export the top 80 × 80"]
    driver.qtbot.mouseClick(driver.window.messages.buttons[1], Qt.MouseButton.LeftButton)
    driver.idle()
    assert read_workbook(tmp_path / "out.xlsx").ratings.n_users == 80


def test_a_failed_keeping_is_said_once(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in the way").write_text("")
    monkeypatch.setattr(driver.window.keeper, "_path", tmp_path / "in the way" / "session.cfgui")
    said: list[str] = []
    driver.window.keeper.failed.connect(said.append)
    driver.train("train.step")
    for _ in range(3):
        driver.window.keeper.keep_soon()
        driver.qtbot.waitUntil(lambda: not driver.window.keeper.busy, timeout=10_000)
    driver.window.keeper.keep_soon()
    assert len(said) == 1
    assert "export it before you close" in said[0]


def test_a_workbook_of_too_many_factors_changes_nothing(driver: Driver) -> None:
    ratings = Ratings.from_crosstab(["a"], ["b"], np.ones((1, 1)), np.ones((1, 1), dtype=bool))
    factors = {name: random_factors(1, 1, 1001, bias=name == "bias", seed=1) for name in ("dot", "bias")}
    before = driver.window.session.state
    driver.window.files.opening.emit(Document(ratings, factors), "deep.xlsx", "the file's")
    assert driver.window.session.state is before
    assert "Factors must lie between 1 and 1000, not 1001" in driver.window.messages.label.text()


def test_one_user_and_one_movie_fit(driver: Driver) -> None:
    ratings = Ratings.from_crosstab(["a"], ["b"], np.ones((1, 1)), np.ones((1, 1), dtype=bool))
    factors = {name: random_factors(1, 1, 5, bias=name == "bias", seed=1) for name in ("dot", "bias")}
    driver.window.files.opening.emit(Document(ratings, factors), "one.xlsx", "the file's")
    driver.qtbot.wait(30)
    for view in driver.window.page.views.values():
        assert view.width() >= view.content_size().width(), view.block.name
    driver.train("train.steps5")
    driver.train("train.solve")
    assert driver.rmse() < 1e-6


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_and_keeps_the_session(tmp_path: Path, sign: signal.Signals) -> None:
    script = CLOSE_WHILE_RUNNING.replace("window.close()", "window.bridge.stop_and_wait()")
    environment = os.environ | {"CFGUI_STATE_DIR": str(tmp_path / "own")}
    command = [sys.executable, "-c", script, "forward", "200", str(tmp_path / "shot.png")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment, cwd=Path(__file__).resolve().parents[2], text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("steps")
            process.send_signal(sign)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
    (kept,) = (tmp_path / "own" / "sessions").glob("*.cfgui")
    assert read_session(kept, Parts()).sheets["dot"].step > 10

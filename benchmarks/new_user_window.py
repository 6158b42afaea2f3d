"""From the last keystroke of a new user's rating to new predictions on screen, on ml-latest-small or a table like it.

A rating is typed into the new row of the sheet; the time goes from the key that ends it to the end of the paint that
shows the row's new predictions; of it the time until they are known. Beside it what the edit and the fold-in take by
themselves, and what the page "New users" takes from a rating in its list to its answer. Prints the median and the
worst in milliseconds, and what the window's thread computed of it: the rest is waiting, for a busy machine too.

    python -m benchmarks.new_user_window [ratings.csv] [--factors 5] [--ratings 40] [--sheet dot]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["CFGUI_STATE_DIR"] = tempfile.mkdtemp()
os.environ["CFGUI_CACHE_DIR"] = tempfile.mkdtemp()

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from cfgui.app.edits import SetFactorCount, SetRatings
from cfgui.app.folding import Following
from cfgui.app.opening import file_source
from cfgui.app.torch_loading import TorchLoader
from cfgui.gui import application
from cfgui.gui.main_window import MainWindow
from cfgui.gui.new_users_page import NewUsersPage
from cfgui.io.synthetic import write_synthetic
from cfgui.io.table_options import TableChoices

Times = list[tuple[float, float]]
"""(seconds that passed, seconds of them that the window's thread computed)."""


class Clock:
    """Both times since it was made."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.thread_time()

    def read(self) -> tuple[float, float]:
        """Seconds passed and computed."""
        return time.perf_counter() - self._began[0], time.thread_time() - self._began[1]


def show(name: str, found: Times) -> None:
    """One line."""
    passed, computed = 1000 * np.array(found).T
    words = f"median {np.median(passed):6.2f} ms   worst {passed.max():6.2f} ms"
    print(f"{name:44s} {words}   computed {np.median(computed):6.2f} and {computed.max():6.2f} ms")


def opened(app: QApplication, path: Path, n_factors: int, model: str) -> MainWindow:
    """A window on the table, its sheet trained for one epoch."""
    window = application.make_window(application.settings_of(app), TorchLoader())
    window.resize(1280, 800)
    window.show()
    before = window.session.name
    window.files.tables.read_source(file_source(path), TableChoices())
    while window.session.name == before:
        app.processEvents()
    window.sheets.show_model(model)
    window.edits.submit(SetFactorCount(model, n_factors, seed=1))
    window.actions_by_id["train.epoch"].trigger()
    while window.bridge.running:
        app.processEvents()
        time.sleep(0.002)
    return window


def typed(window: MainWindow, app: QApplication, n: int) -> tuple[Times, Times]:
    """From Tab until the predictions are known, and until they are painted, for ``n`` ratings of a new user."""
    window.actions_by_id["edit.add_user"].trigger()
    app.processEvents()
    view, blocks = window.page.views["ratings"], window.page.views
    known: Times = []
    painted: Times = []
    row = view.block.shape[0] - 1
    for place in range(n):
        view.select_cell(row, place % view.block.shape[1])
        app.processEvents()
        QTest.keyClick(view, "1245"[place // view.block.shape[1] % 4])
        editor = next(edit for edit in view.viewport().findChildren(QLineEdit) if edit.isVisible())
        clock = Clock()
        QTest.keyClick(editor, Qt.Key.Key_Tab)  # on to the next movie of the row
        known.append(clock.read())
        blocks["predictions"].viewport().repaint()
        painted.append(clock.read())
        app.processEvents()
    return known, painted


def edits(window: MainWindow, n: int) -> tuple[Times, Times]:
    """Times of the edit of one rating alone, and of the fold-ins that follow it, on every plain sheet."""
    session, following = window.session, Following()
    user = session.ratings.n_users - 1
    alone: Times = []
    with_fold: Times = []
    for movie in range(n):
        before = session.state
        clock = Clock()
        after = SetRatings({(user, movie): 4.0}).apply(before)
        alone.append(clock.read())
        after = following.follow(before, after, session.active)
        with_fold.append(clock.read())
        session.restore(after)
    return alone, with_fold


def answers(window: MainWindow, app: QApplication, n: int) -> Times:
    """From a rating in the list of the page to the table with its answer."""
    window.actions_by_id["explore.new_users"].trigger()
    page = window.explore.page
    assert isinstance(page, NewUsersPage)
    tab = page.user
    found: Times = []
    while tab.answer is None or tab.work.working:
        app.processEvents()
    for raw_id in window.session.ratings.movie_ids[:n]:
        clock = Clock()
        tab.list.give(raw_id, 4.0)
        while tab.work.working:
            app.processEvents()
        tab.table.viewport().repaint()
        found.append(clock.read())
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", nargs="?", type=Path)
    parser.add_argument("--factors", type=int, default=5)
    parser.add_argument("--ratings", type=int, default=40)
    parser.add_argument("--sheet", default="dot")
    arguments = parser.parse_args()
    sys.setswitchinterval(application.SWITCH_SECONDS)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.table or Path(folder) / "ratings.csv"
        if arguments.table is None:
            write_synthetic(path, 671, 9066, 100_004, 42)
        window = opened(app, path, arguments.factors, arguments.sheet)
    ratings = window.session.ratings
    print(
        f"{ratings.n_users} users, {ratings.n_movies} movies, {ratings.n_ratings} ratings, {arguments.factors} factors"
    )
    known, painted = typed(window, app, arguments.ratings)
    show("key to new predictions, on the sheet", known)
    show("key to new predictions painted", painted)
    alone, with_fold = edits(window, arguments.ratings)
    show("the edit of the rating by itself", alone)
    show("and with both plain sheets folded in", with_fold)
    show("rating to painted answer, on the page", answers(window, app, min(arguments.ratings, 20)))
    window.close()


if __name__ == "__main__":
    main()
